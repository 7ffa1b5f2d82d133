using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Routing;

/// <summary>How a destination is reached.</summary>
/// <param name="Way">By which way out.</param>
/// <param name="Neighbor">Who packets are handed to on it.</param>
/// <param name="Mtu">The longest packet that a route lets go there, in bytes, where that is less than the way takes.</param>
/// <param name="SegmentMtu">The same for the segments that TCP agrees on at its start.</param>
public readonly record struct WayTo(
    Outside Way, Ipv4Address Neighbor, ushort Mtu = ushort.MaxValue, ushort SegmentMtu = ushort.MaxValue);
