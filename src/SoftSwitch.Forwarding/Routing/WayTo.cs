using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Routing;

/// <summary>How a destination is reached.</summary>
/// <param name="Way">By which way out.</param>
/// <param name="Neighbor">Who packets are handed to on it.</param>
public readonly record struct WayTo(Outside Way, Ipv4Address Neighbor);
