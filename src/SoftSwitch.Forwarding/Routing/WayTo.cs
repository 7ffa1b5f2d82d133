using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Routing;

/// <summary>How a destination is reached.</summary>
/// <param name="Way">By which way out.</param>
/// <param name="Neighbor">Who packets are handed to on it.</param>
/// <param name="Mtu">The longest packet that a route lets go there, in bytes, where that is less than the way takes.</param>
/// <param name="SegmentMtu">The same for the segments that TCP agrees on at its start.</param>
/// <param name="From">Of an answer to what began outside: only with this source, the address that was asked. 0.0.0.0: with any.</param>
public readonly record struct WayTo(
    Outside Way, Ipv4Address Neighbor, ushort Mtu = ushort.MaxValue, ushort SegmentMtu = ushort.MaxValue, Ipv4Address From = default)
{
    /// <summary>What was begun at an address outside, by a way, is answered so.</summary>
    internal bool Answers(Outside way, Ipv4Address asked) => Way == way && (From == default || From == asked);
}
