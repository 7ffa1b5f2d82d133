using SoftSwitch.Packets;

namespace SoftSwitch.Linux.Nftables;

/// <summary>Ports of the host for which a rule has packets go elsewhere.</summary>
/// <param name="Ports">Which.</param>
/// <param name="Where">The rule's table and chain, as nft lists them: <c>table ip nat, chain DOCKER</c>.</param>
public sealed record RedirectedPorts(TransportPorts Ports, string Where);
