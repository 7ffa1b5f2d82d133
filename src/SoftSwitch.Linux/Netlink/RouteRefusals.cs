using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Packets;
using static SoftSwitch.Linux.Interop.Rtnetlink;

namespace SoftSwitch.Linux.Netlink;

/// <summary>
/// Why the host's routing refuses a destination: the kernel's answer is a number of an error alone. So the rules are gone through in their
/// order, with the routes that refuse (the kernel is asked for these alone), as for a packet of root's without a mark. For people who ask;
/// packets don't come by here.
/// </summary>
internal sealed class RouteRefusals
{
    private readonly List<(uint Table, Ipv4Subnet Destination)> _routes = [];
    private readonly List<Rule> _rules = [];
    private readonly RouteVerdict _verdict;

    private RouteRefusals(RouteVerdict verdict) => _verdict = verdict;

    /// <summary>The rule, and the table and route where it is no rule of its own; null: it isn't found.</summary>
    /// <param name="socket">Asks.</param>
    /// <param name="destination">What is refused.</param>
    /// <param name="verdict">How.</param>
    /// <exception cref="SystemCallException">The kernel couldn't be asked.</exception>
    public static string? Find(NetlinkSocket socket, Ipv4Address destination, RouteVerdict verdict)
    {
        var refusals = new RouteRefusals(verdict);
        refusals.ReadRules(socket);
        // A rule that says unreachable is told as if there were no route.
        if (verdict != RouteVerdict.NoRoute)
            refusals.ReadRoutes(socket);
        return refusals._rules.Where(rule => rule.Fits(destination)).Select(rule => refusals.Describe(rule, destination))
            .FirstOrDefault(found => found is not null);
    }

    private string? Describe(in Rule rule, Ipv4Address destination)
    {
        var (table, priority) = (rule.Table, rule.Priority);
        if (rule.Action != FR_ACT_TO_TBL)
            return rule.Action == ActionOf(_verdict) ? $"rule {priority}, {Word(_verdict)}" : null;
        // What a rule suppresses are routes that lead somewhere.
        var routes = _routes.Where(route => route.Table == table && route.Destination.Contains(destination))
            .OrderByDescending(route => route.Destination.PrefixLength).ToList();
        return routes.Count == 0 ? null
            : $"rule {priority}, {RoutingRules.NameOf(table)}, {Word(_verdict)} "
                + (routes[0].Destination.PrefixLength == 0 ? "default" : $"{routes[0].Destination}");
    }

    private void ReadRules(NetlinkSocket socket)
    {
        var request = new MessageBuilder(stackalloc byte[64], RTM_GETRULE, 0);
        request.Append(new fib_rule_hdr { family = SysSocket.AF_INET });
        socket.Dump(request.Message, "RTM_GETRULE", "the host's rules", _rules.Clear, (type, payload) =>
        {
            if (type == RTM_NEWRULE && Rule.Read(payload) is { } rule)
                _rules.Add(rule);
        });
    }

    private void ReadRoutes(NetlinkSocket socket)
    {
        var kind = _verdict switch
        {
            RouteVerdict.Unreachable => RTN_UNREACHABLE,
            RouteVerdict.Prohibited => RTN_PROHIBIT,
            _ => RTN_BLACKHOLE,
        };
        socket.Choose(strictly: true);
        try
        {
            var request = new MessageBuilder(stackalloc byte[64], RTM_GETROUTE, 0);
            request.Append(new rtmsg { rtm_family = SysSocket.AF_INET, rtm_type = kind });
            socket.Dump(request.Message, "RTM_GETROUTE", "the host's routes", _routes.Clear, (type, payload) =>
            {
                if (type == RTM_NEWROUTE)
                    ReadRoute(payload, kind);
            });
        }
        finally
        {
            socket.Choose(strictly: false);
        }
    }

    private void ReadRoute(ReadOnlySpan<byte> payload, byte kind)
    {
        if (!MemoryMarshal.TryRead(payload, out rtmsg header) || header.rtm_family != SysSocket.AF_INET || header.rtm_dst_len > 32
            || header.rtm_type != kind)
            return;
        var (table, destination) = ((uint)header.rtm_table, default(Ipv4Address));
        var attributes = new AttributeReader(payload[Unsafe.SizeOf<rtmsg>()..]);
        while (attributes.Next())
        {
            if (attributes.Type == RTA_TABLE)
                table = attributes.UInt32;
            else if (attributes.Type == RTA_DST)
                destination = attributes.Ipv4 ?? default;
        }
        _routes.Add((table, Ipv4Subnet.Containing(destination, header.rtm_dst_len)));
    }

    private static byte ActionOf(RouteVerdict verdict) => verdict switch
    {
        RouteVerdict.NoRoute => FR_ACT_UNREACHABLE,
        RouteVerdict.Prohibited => FR_ACT_PROHIBIT,
        RouteVerdict.Blackhole => FR_ACT_BLACKHOLE,
        _ => FR_ACT_TO_TBL,
    };

    private static string Word(RouteVerdict verdict) => verdict switch
    {
        RouteVerdict.NoRoute or RouteVerdict.Unreachable => "unreachable",
        RouteVerdict.Prohibited => "prohibit",
        _ => "blackhole",
    };

    /// <param name="Priority">The lowest comes first.</param>
    /// <param name="Action">FR_ACT_*.</param>
    /// <param name="Table">Where it leads, if it does.</param>
    /// <param name="Destination">Whom it is about.</param>
    /// <param name="IsForOthers">It looks at what a packet of root's without a mark doesn't have.</param>
    /// <param name="IsInverted">It is about all others.</param>
    private readonly record struct Rule(
        uint Priority, byte Action, uint Table, Ipv4Subnet Destination, bool IsForOthers, bool IsInverted)
    {
        public bool Fits(Ipv4Address destination) => (!IsForOthers && Destination.Contains(destination)) != IsInverted;

        public static Rule? Read(ReadOnlySpan<byte> payload)
        {
            if (!MemoryMarshal.TryRead(payload, out fib_rule_hdr header) || header.family != SysSocket.AF_INET || header.dst_len > 32)
                return null;
            var (priority, table, to) = (0U, (uint)header.table, default(Ipv4Address));
            var others = header.src_len > 0;
            var attributes = new AttributeReader(payload[Unsafe.SizeOf<fib_rule_hdr>()..]);
            while (attributes.Next())
            {
                switch (attributes.Type)
                {
                    case FRA_DST:
                        to = attributes.Ipv4 ?? default;
                        break;
                    case FRA_PRIORITY:
                        priority = attributes.UInt32;
                        break;
                    case FRA_TABLE:
                        table = attributes.UInt32;
                        break;
                    case FRA_IIFNAME:
                        others |= attributes.Text != "lo";
                        break;
                    // A range begins with its first; the mark is zero, and so is root's number.
                    case FRA_FWMARK or FRA_UID_RANGE:
                        others |= attributes.UInt32 != 0;
                        break;
                    case FRA_OIFNAME:
                        others = true;
                        break;
                }
            }
            return new(priority, header.action, table, Ipv4Subnet.Containing(to, header.dst_len), others,
                (header.flags & FIB_RULE_INVERT) != 0);
        }
    }
}
