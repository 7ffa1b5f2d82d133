using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Stations.Neighbors;

/// <summary>A neighbor as it is shown.</summary>
/// <param name="AgeSeconds">Since its address was last confirmed, or since it was first asked for.</param>
public readonly record struct Neighbor(Ipv4Address Address, MacAddress? Mac, NeighborState State, uint AgeSeconds);
