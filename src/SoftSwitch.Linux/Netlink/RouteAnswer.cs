using SoftSwitch.Packets;

namespace SoftSwitch.Linux.Netlink;

/// <summary>What the host's routing has answered for one destination.</summary>
/// <param name="Verdict">What becomes of packets to it.</param>
/// <param name="Interface">The number of the interface that they leave by; 0: none.</param>
/// <param name="Gateway">Who they are handed to there; null: the destination itself.</param>
/// <param name="Source">The host's address that they bear, as the kernel chooses it.</param>
/// <param name="Table">The table whose route it is.</param>
/// <param name="Mtu">The longest packet to it (a route's <c>mtu</c>); 0: what the interface takes.</param>
/// <param name="SegmentSize">The longest segment of TCP that is asked for (a route's <c>advmss</c>); 0: what fits.</param>
/// <param name="Ipv6Gateway">Who they are handed to, where a route names it by its IPv6 address (RFC 5549).</param>
public readonly record struct RouteAnswer(
    RouteVerdict Verdict, int Interface = 0, Ipv4Address? Gateway = null, Ipv4Address? Source = null, uint Table = 0,
    uint Mtu = 0, uint SegmentSize = 0, Ipv6Address? Ipv6Gateway = null);
