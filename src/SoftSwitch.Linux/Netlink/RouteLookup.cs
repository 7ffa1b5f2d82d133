using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Packets;
using static SoftSwitch.Linux.Interop.Rtnetlink;

namespace SoftSwitch.Linux.Netlink;

/// <summary>
/// Asks the kernel by which way packets of the host to a destination leave (RTM_GETROUTE): policy rules, tables, metrics, several next hops
/// and preferred sources are all in the answer, as for a program of root's without a mark. One call of some 15 µs; one thread at a time.
/// <para>Rules that look at ports, protocols or a type of service aren't in it: a destination has one answer. <see cref="Rules"/> says
/// whether there are such.</para>
/// </summary>
public sealed class RouteLookup : IDisposable
{
    private const int RequestSize = 128;

    private readonly NetlinkSocket _socket;
    private readonly MessageHandler _read;
    private RouteAnswer _answer;

    /// <param name="inside">The namespace to ask in; left out, the calling thread's.</param>
    public RouteLookup(NetworkNamespace? inside = null)
    {
        _socket = new(inside: inside);
        _read = (type, payload) =>
        {
            if (type == RTM_NEWROUTE)
                _answer = Read(payload);
        };
    }

    /// <param name="source">The host's address that the packets have already; null: the kernel chooses it.</param>
    /// <exception cref="SystemCallException">The kernel couldn't be asked: that is no answer.</exception>
    public RouteAnswer Ask(Ipv4Address destination, Ipv4Address? source = null)
    {
        var request = new MessageBuilder(stackalloc byte[RequestSize], RTM_GETROUTE, 0);
        request.Append(new rtmsg
        {
            rtm_family = SysSocket.AF_INET, rtm_dst_len = 32, rtm_src_len = (byte)(source is null ? 0 : 32), rtm_flags = RTM_F_LOOKUP_TABLE,
        });
        request.PutBigEndian(RTA_DST, destination.Value);
        if (source is { } from)
            request.PutBigEndian(RTA_SRC, from.Value);
        request.Put(RTA_UID, 0U);
        _answer = new(RouteVerdict.NoRoute);
        var errno = _socket.Ask(request.Message, "RTM_GETROUTE", "the host's routing", _read);
        return errno switch
        {
            0 => _answer,
            Errno.ENETUNREACH => new(RouteVerdict.NoRoute),
            Errno.EHOSTUNREACH => new(RouteVerdict.Unreachable),
            Errno.EACCES => new(RouteVerdict.Prohibited),
            Errno.EINVAL => new(RouteVerdict.Blackhole),
            _ => throw new SystemCallException("RTM_GETROUTE", errno, "the host's routing"),
        };
    }

    /// <summary>What the host's rules look at, and where they lead.</summary>
    /// <exception cref="SystemCallException">The kernel couldn't be asked.</exception>
    public RoutingRules Rules()
    {
        var selectors = RuleSelectors.None;
        var tables = new Dictionary<uint, uint?>();
        var request = new MessageBuilder(stackalloc byte[RequestSize], RTM_GETRULE, 0);
        request.Append(new fib_rule_hdr { family = SysSocket.AF_INET });
        _socket.Dump(request.Message, "RTM_GETRULE", "the host's rules", () =>
        {
            selectors = RuleSelectors.None;
            tables.Clear();
        }, (type, payload) =>
        {
            if (type != RTM_NEWRULE)
                return;
            selectors |= SelectorsOf(payload);
            if (TableOf(payload) is var (table, priority) && !tables.TryAdd(table, priority))
                tables[table] = null;
        });
        return new(selectors, tables);
    }

    /// <summary>The rule, and the table and route, by which the host's routing refuses a destination; null: it isn't found.</summary>
    /// <param name="verdict">How it is refused.</param>
    /// <exception cref="SystemCallException">The kernel couldn't be asked.</exception>
    public string? WhyRefused(Ipv4Address destination, RouteVerdict verdict) =>
        verdict is RouteVerdict.NoRoute or RouteVerdict.Unreachable or RouteVerdict.Prohibited or RouteVerdict.Blackhole
            ? RouteRefusals.Find(_socket, destination, verdict) : null;

    public void Dispose() => _socket.Dispose();

    private static RuleSelectors SelectorsOf(ReadOnlySpan<byte> payload)
    {
        if (!MemoryMarshal.TryRead(payload, out fib_rule_hdr header) || header.family != SysSocket.AF_INET)
            return RuleSelectors.None;
        var selectors = (header.src_len > 0 ? RuleSelectors.Source : RuleSelectors.None)
            | (header.tos != 0 ? RuleSelectors.Transport : RuleSelectors.None);
        var attributes = new AttributeReader(payload[Unsafe.SizeOf<fib_rule_hdr>()..]);
        while (attributes.Next())
        {
            // Whatever a later kernel looks at is of this kind as well.
            if (attributes.Type >= FRA_IP_PROTO)
                selectors |= RuleSelectors.Transport;
        }
        return selectors;
    }

    /// <summary>The table that a rule leads to, and the rule's priority; null: it leads to none.</summary>
    private static (uint Table, uint Priority)? TableOf(ReadOnlySpan<byte> payload)
    {
        if (!MemoryMarshal.TryRead(payload, out fib_rule_hdr header)
            || header is not { family: SysSocket.AF_INET, action: FR_ACT_TO_TBL })
            return null;
        // A priority of 0 isn't told.
        uint table = header.table, priority = 0;
        var attributes = new AttributeReader(payload[Unsafe.SizeOf<fib_rule_hdr>()..]);
        while (attributes.Next())
        {
            if (attributes.Type == FRA_TABLE)
                table = attributes.UInt32;
            else if (attributes.Type == FRA_PRIORITY)
                priority = attributes.UInt32;
        }
        return (table, priority);
    }

    /// <summary>Reads the payload of an RTM_NEWROUTE that answers; a broken one is no route.</summary>
    internal static RouteAnswer Read(ReadOnlySpan<byte> payload)
    {
        if (!MemoryMarshal.TryRead(payload, out rtmsg header) || header.rtm_family != SysSocket.AF_INET)
            return new(RouteVerdict.NoRoute);
        var answer = new RouteAnswer(VerdictOf(header.rtm_type), Table: header.rtm_table);
        var attributes = new AttributeReader(payload[Unsafe.SizeOf<rtmsg>()..]);
        while (attributes.Next())
        {
            answer = attributes.Type switch
            {
                RTA_OIF => answer with { Interface = int.Max((int)attributes.UInt32, 0) },
                RTA_GATEWAY => answer with { Gateway = attributes.Ipv4 },
                RTA_PREFSRC => answer with { Source = attributes.Ipv4 },
                RTA_TABLE => answer with { Table = attributes.UInt32 },
                // What the kernel would put around a packet (SRv6, MPLS, a tunnel's key), we don't: bare it must not go there.
                RTA_VIA => Ipv6Of(attributes.Value) is { } gateway ? answer with { Ipv6Gateway = gateway }
                    : answer with { Verdict = RouteVerdict.NotForGuests },
                RTA_ENCAP_TYPE => answer with { Verdict = RouteVerdict.NotForGuests },
                RTA_METRICS => WithMetrics(answer, attributes.Nested),
                _ => answer,
            };
        }
        return answer;
    }

    /// <summary>A next hop of another family (struct rtvia).</summary>
    private static Ipv6Address? Ipv6Of(ReadOnlySpan<byte> via) =>
        via.Length == sizeof(ushort) + Ipv6Address.Size && MemoryMarshal.Read<ushort>(via) == SysSocket.AF_INET6
            ? Ipv6Address.Read(via[sizeof(ushort)..]) : null;

    private static RouteAnswer WithMetrics(RouteAnswer answer, AttributeReader metrics)
    {
        while (metrics.Next())
        {
            if (metrics.Type == RTAX_MTU)
                answer = answer with { Mtu = metrics.UInt32 };
            else if (metrics.Type == RTAX_ADVMSS)
                answer = answer with { SegmentSize = metrics.UInt32 };
        }
        return answer;
    }

    private static RouteVerdict VerdictOf(byte type) => type switch
    {
        RTN_UNICAST => RouteVerdict.Out,
        RTN_LOCAL => RouteVerdict.Host,
        RTN_BLACKHOLE => RouteVerdict.Blackhole,
        RTN_UNREACHABLE => RouteVerdict.Unreachable,
        RTN_PROHIBIT => RouteVerdict.Prohibited,
        _ => RouteVerdict.NotForGuests,
    };
}
