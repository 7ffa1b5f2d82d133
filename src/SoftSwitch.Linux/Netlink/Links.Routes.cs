using SoftSwitch.Linux.Interop;
using SoftSwitch.Packets;
using static SoftSwitch.Linux.Interop.Netlink;
using static SoftSwitch.Linux.Interop.Rtnetlink;

namespace SoftSwitch.Linux.Netlink;

public sealed partial class Links
{
    /// <summary>The IPv4 addresses of all interfaces, each interface's in the kernel's order.</summary>
    public IReadOnlyList<AddressInfo> Addresses()
    {
        var addresses = new List<AddressInfo>();
        var request = new MessageBuilder(stackalloc byte[RequestSize], RTM_GETADDR, 0);
        request.Append(new ifaddrmsg { ifa_family = SysSocket.AF_INET });
        Dump(request.Message, "RTM_GETADDR", "addresses", addresses.Clear, (type, payload) =>
        {
            if (type == RTM_NEWADDR && AddressInfo.Read(payload) is { } address)
                addresses.Add(address);
        });
        return addresses;
    }

    /// <summary>The IPv6 addresses of all interfaces.</summary>
    public IReadOnlyList<Ipv6AddressInfo> Ipv6Addresses()
    {
        var addresses = new List<Ipv6AddressInfo>();
        var request = new MessageBuilder(stackalloc byte[RequestSize], RTM_GETADDR, 0);
        request.Append(new ifaddrmsg { ifa_family = SysSocket.AF_INET6 });
        Dump(request.Message, "RTM_GETADDR", "addresses", addresses.Clear, (type, payload) =>
        {
            if (type == RTM_NEWADDR && Ipv6AddressInfo.Read(payload) is { } address)
                addresses.Add(address);
        });
        return addresses;
    }

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
        lock (_lock)
        {
            _socket.Choose(strictly: table != RT_TABLE_UNSPEC);
            try
            {
                // What changes meanwhile is news, and leads to another reading: one that goes on for ever, on a host whose routes change
                // all the time, is worse.
                _socket.Dump(request.Message, "RTM_GETROUTE", "routes", restart, (type, payload) =>
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
                }, attempts: 2);
            }
            catch (SystemCallException e) when (e.ErrorNumber == Errno.ENOENT)
            {
                // A table without a route isn't there.
            }
            finally
            {
                _socket.Choose(strictly: false);
            }
        }
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
