using SoftSwitch.Packets;

namespace SoftSwitch.Model;

/// <summary>A route that guests are told beside the default one.</summary>
/// <param name="To">Where it leads.</param>
/// <param name="Router">By whom, in the network.</param>
public sealed record RouteModel(Ipv4Subnet To, Ipv4Address Router);
