using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Stations;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Routing;

/// <summary>
/// What one hop does to a packet, and what ends it there (RFC 1812, 4.2.2.9 and 5.3.1): its time to live, the longest packet of the link
/// that it goes to, and the segment size that TCP is told. Whatever is routed, in any direction, passes here and nowhere else.
/// </summary>
internal static partial class Hop
{
    /// <summary>The packet has made all the hops that it may.</summary>
    public static bool IsLast(in Ipv4Layout packet) => packet.Ttl <= 1;

    /// <summary>It doesn't fit the link, and can't be fragmented at its end: its sender forbids it, or it is to be cut into segments that
    /// don't fit either (RFC 791; RFC 4787, REQ-13).</summary>
    public static bool IsTooLong(in Frame frame, in Ipv4Layout packet, int mtu) =>
        frame.LongestPacket > mtu && (packet.DontFragment || frame.Offload.IsSuperFrame);

    /// <summary>Why a packet can't make this hop; none: it can.</summary>
    /// <param name="mtu">Of the link that it goes to.</param>
    public static Refusal Judge(in Frame frame, in Ipv4Layout packet, int mtu) =>
        IsLast(packet) ? Refusal.TtlExceeded : IsTooLong(frame, packet, mtu) ? Refusal.TooLong(mtu) : default;

    /// <summary>To the link that it came from.</summary>
    public static void Stay(ref Frame frame, in Ipv4Layout packet)
    {
        frame.AllowFragments(!packet.DontFragment);
        Ipv4Header.DecrementTtl(frame.HeadBytes[packet.NetworkOffset..]);
    }

    /// <summary>To another link.</summary>
    /// <param name="fromMtu">Of the link that it came from.</param>
    /// <param name="mtu">Of the link that it goes to.</param>
    public static void Cross(ref Frame frame, in Ipv4Layout packet, int fromMtu, int mtu) =>
        Cross(ref frame, packet, fromMtu, ushort.MaxValue, mtu);

    /// <summary>The same where a route says how long packets may be.</summary>
    /// <param name="fromMtu">Of the link that it came from.</param>
    /// <param name="longest">The longest packet that is to go there.</param>
    /// <param name="segmentMtu">The longest that TCP is to make.</param>
    public static void Cross(ref Frame frame, in Ipv4Layout packet, int fromMtu, int longest, int segmentMtu)
    {
        frame.AllowFragments(!packet.DontFragment, longest);
        if (fromMtu != segmentMtu)
            ClampSegmentSize(ref frame, packet, int.Min(fromMtu, segmentMtu));
        Ipv4Header.DecrementTtl(frame.HeadBytes[packet.NetworkOffset..]);
    }
}
