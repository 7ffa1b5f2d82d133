using SoftSwitch.Packets;

namespace SoftSwitch.Linux.HostFacts;

/// <summary>The way to a destination by an interface that is known: by a gateway, or on the link (<paramref name="Gateway"/>
/// null).</summary>
public readonly record struct HostRoute(Ipv4Subnet Destination, Ipv4Address? Gateway);
