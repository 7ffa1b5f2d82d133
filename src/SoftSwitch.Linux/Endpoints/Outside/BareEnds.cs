using SoftSwitch.Packets;

namespace SoftSwitch.Linux.Endpoints.Outside;

/// <summary>The two ends of a way that carries bare IP, by the addresses that they are given inside, where all frames are
/// Ethernet's.</summary>
/// <param name="Station">Ours.</param>
/// <param name="Peer">Everybody's behind the interface.</param>
public readonly record struct BareEnds(MacAddress Station, MacAddress Peer);
