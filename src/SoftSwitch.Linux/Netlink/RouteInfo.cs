using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Packets;
using static SoftSwitch.Linux.Interop.Rtnetlink;

namespace SoftSwitch.Linux.Netlink;

/// <summary>One way of an IPv4 route (rtnetlink(7), RTM_NEWROUTE); a route with several next hops is told as several of these.</summary>
/// <param name="Table">The routing table; 254 is main.</param>
/// <param name="Destination">The addresses that it leads to.</param>
/// <param name="Interface">The way out, 0 when there is none (a blackhole).</param>
/// <param name="Gateway">The next hop; null: the addresses are on the link themselves.</param>
/// <param name="Metric">Of two routes for the same destination the lower one counts.</param>
/// <param name="Source">The address the host speaks with that way; null: whichever fits.</param>
/// <param name="IsForwarding">Packets go out by it; otherwise they end here (local, broadcast), or nowhere.</param>
/// <param name="IsLocal">Packets end here: the addresses are the host's.</param>
/// <param name="IsByIpv6">The next hop has an address of another family (RFC 5549): by ARP it isn't found.</param>
public readonly record struct RouteInfo(
    uint Table, Ipv4Subnet Destination, int Interface, Ipv4Address? Gateway, uint Metric, Ipv4Address? Source, bool IsForwarding,
    bool IsLocal = false, bool IsByIpv6 = false)
{
    /// <summary>Part of the table that decides for ordinary packets.</summary>
    public bool IsMain => Table == RT_TABLE_MAIN;

    /// <summary>For a part of 169.254.0.0/16 (RFC 3927).</summary>
    public bool IsLinkLocal => Destination.PrefixLength >= 16 && Destination.Address.Value >> 16 == 0xA9FE;

    /// <summary>
    /// Reads the payload of RTM_NEWROUTE or RTM_DELROUTE. Nothing is added for a broken one, one of another family, one for a type of
    /// service, a broadcast or multicast, or a way that is dead.
    /// </summary>
    internal static void Read(ReadOnlySpan<byte> payload, List<RouteInfo> into)
    {
        if (!MemoryMarshal.TryRead(payload, out rtmsg header)
            || header.rtm_family != SysSocket.AF_INET || header.rtm_dst_len > 32 || header.rtm_src_len != 0 || header.rtm_tos != 0
            || header.rtm_type is RTN_BROADCAST or RTN_MULTICAST || (header.rtm_flags & (RTM_F_CLONED | RTNH_F_DEAD)) != 0)
            return;
        Ipv4Address destination = default;
        Ipv4Address? source = null;
        uint table = header.rtm_table, metric = 0;
        var hops = ReadOnlySpan<byte>.Empty;
        var attributes = new AttributeReader(payload[Unsafe.SizeOf<rtmsg>()..]);
        while (attributes.Next())
        {
            switch (attributes.Type)
            {
                case RTA_DST:
                    destination = attributes.Ipv4 ?? default;
                    break;
                case RTA_PREFSRC:
                    source = attributes.Ipv4;
                    break;
                case RTA_PRIORITY:
                    metric = attributes.UInt32;
                    break;
                case RTA_TABLE:
                    table = attributes.UInt32;
                    break;
                case RTA_MULTIPATH:
                    hops = attributes.Value;
                    break;
            }
        }
        var forwarding = header.rtm_type == RTN_UNICAST;
        var route = new RouteInfo(table, Ipv4Subnet.Containing(destination, header.rtm_dst_len), 0, null, metric, source, forwarding,
            header.rtm_type == RTN_LOCAL);
        if (hops.IsEmpty)
            Add(route, 0, new(payload[Unsafe.SizeOf<rtmsg>()..]), into);
        else
            AddEach(route, hops, into);
    }

    private static void AddEach(RouteInfo route, ReadOnlySpan<byte> hops, List<RouteInfo> into)
    {
        while (hops.Length >= Unsafe.SizeOf<rtnexthop>())
        {
            var hop = MemoryMarshal.Read<rtnexthop>(hops);
            if (hop.rtnh_len < Unsafe.SizeOf<rtnexthop>() || hop.rtnh_len > hops.Length)
                return;
            if ((hop.rtnh_flags & RTNH_F_DEAD) == 0)
                Add(route, hop.rtnh_ifindex, new(hops[Unsafe.SizeOf<rtnexthop>()..hop.rtnh_len]), into);
            hops = hops[Math.Min((hop.rtnh_len + 3) & ~3, hops.Length)..];
        }
    }

    private static void Add(RouteInfo route, int index, AttributeReader attributes, List<RouteInfo> into)
    {
        Ipv4Address? gateway = null;
        while (attributes.Next())
        {
            if (attributes.Type == RTA_OIF)
                index = (int)attributes.UInt32;
            else if (attributes.Type == RTA_GATEWAY)
                gateway = attributes.Ipv4;
            else if (attributes.Type == RTA_VIA)
                route = route with { IsByIpv6 = true };
            else if (attributes.Type == RTA_ENCAP_TYPE)
            {
                // One that the kernel puts something around packets for is no way for a bare one.
                route = route with { IsForwarding = false };
            }
        }
        into.Add(route with { Interface = Math.Max(index, 0), Gateway = gateway });
    }
}
