using SoftSwitch.Linux.Interop;
using SoftSwitch.Packets;
using static SoftSwitch.Linux.Interop.Netlink;
using static SoftSwitch.Linux.Interop.Rtnetlink;

namespace SoftSwitch.Linux.Netlink;

public sealed partial class Links
{
    /// <summary>The neighbors behind an interface whose MAC addresses are known, of IPv4 and of IPv6.</summary>
    public IReadOnlyList<NeighborInfo> Neighbors(int index)
    {
        var neighbors = new List<NeighborInfo>();
        var request = new MessageBuilder(stackalloc byte[RequestSize], RTM_GETNEIGH, 0);
        request.Append(default(ndmsg));
        request.Put(NDA_IFINDEX, (uint)index);
        Dump(request.Message, "RTM_GETNEIGH", $"neighbors behind {Named(index)}", neighbors.Clear, (type, payload) =>
        {
            if (type == RTM_NEWNEIGH && NeighborInfo.Read(payload) is { } neighbor && neighbor.Interface == index)
                neighbors.Add(neighbor);
        });
        return neighbors;
    }

    /// <summary>The IPv4 routes of all tables.</summary>
    public IReadOnlyList<RouteInfo> Routes()
    {
        var routes = new List<RouteInfo>();
        ReadRoutes(RT_TABLE_UNSPEC, routes.Clear, routes.Add);
        return routes;
    }

    /// <summary>Tells the IPv4 routes one by one: a host may have more of them than anybody wants to keep.</summary>
    /// <param name="table">The only table that is wanted; 0: all.</param>
    /// <param name="restart">What was told so far doesn't count.</param>
    /// <param name="each">A route.</param>
    internal void ReadRoutes(byte table, Action restart, Action<RouteInfo> each)
    {
        var some = new List<RouteInfo>();
        var request = new MessageBuilder(stackalloc byte[RequestSize], RTM_GETROUTE, 0);
        request.Append(new rtmsg { rtm_family = SysSocket.AF_INET, rtm_table = table });
        // What changes meanwhile is news, and leads to another reading: one that goes on for ever, on a host whose routes change all the
        // time, is worse. A table without a route isn't there.
        Dump(request.Message, "RTM_GETROUTE", "routes", restart, (type, payload) =>
        {
            if (type != RTM_NEWROUTE)
                return;
            some.Clear();
            RouteInfo.Read(payload, some);
            foreach (var route in some)
            {
                if (table == RT_TABLE_UNSPEC || route.Table == table)
                    each(route);
            }
        }, choosing: table != RT_TABLE_UNSPEC, none: Errno.ENOENT, attempts: 2);
    }

    /// <summary>Makes an address reachable on an interface that is up, without a gateway. It goes with the interface.</summary>
    /// <param name="index">The interface.</param>
    /// <param name="address">The one address.</param>
    /// <param name="source">The address the host speaks with that way, which it must have; null: whichever fits. Without it the route goes
    /// too.</param>
    /// <param name="replace">A route that is there is changed; otherwise it is refused (EEXIST).</param>
    /// <param name="isFirst">It stands in the table that is looked into before all rules (local); else in main.</param>
    public void AddHostRoute(int index, Ipv4Address address, Ipv4Address? source, bool replace = false, bool isFirst = false)
    {
        var request = new MessageBuilder(
            stackalloc byte[RequestSize], RTM_NEWROUTE, (ushort)(NLM_F_CREATE | (replace ? NLM_F_REPLACE : NLM_F_EXCL)));
        request.Append(new rtmsg
        {
            rtm_family = SysSocket.AF_INET,
            rtm_dst_len = 32,
            rtm_table = isFirst ? RT_TABLE_LOCAL : RT_TABLE_MAIN,
            rtm_protocol = RTPROT_STATIC,
            rtm_scope = RT_SCOPE_LINK,
            rtm_type = RTN_UNICAST,
        });
        request.PutBigEndian(RTA_DST, address.Value);
        request.Put(RTA_OIF, (uint)index);
        if (source is { } own)
            request.PutBigEndian(RTA_PREFSRC, own.Value);
        Change(request.Message, "RTM_NEWROUTE", $"route to {address} on {Named(index)}");
    }
}
