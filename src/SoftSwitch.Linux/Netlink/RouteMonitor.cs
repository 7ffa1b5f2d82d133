using System.Buffers.Binary;
using System.Runtime.InteropServices;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Namespaces;
using static SoftSwitch.Linux.Interop.Filter;
using static SoftSwitch.Linux.Interop.Rtnetlink;

namespace SoftSwitch.Linux.Netlink;

/// <summary>
/// Hears that IPv4 addresses or routes of one namespace have changed (RTMGRP_IPV4_IFADDR, RTMGRP_IPV4_ROUTE), and of links (RTMGRP_LINK),
/// for the kernel says nothing of the routes that go with an interface. Open it before listing, or what happens in between is missed. One
/// thread at a time.
/// <para>
/// After news, all addresses and routes are read anew, which costs much where a routing daemon keeps a full table. So this tells news that
/// may lead packets elsewhere (<see cref="RouteNews.Ways"/>) from one route more among many. Routes of other tables than main and local
/// don't get here.
/// </para>
/// </summary>
public sealed class RouteMonitor : IDisposable
{
    private const uint Groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV4_ROUTE;

    private const int TypeAt = 4, TableAt = 16 + 4, IndexAt = 4;

    private readonly NetlinkSocket _socket;
    private readonly List<RouteInfo> _routes = [];

    /// <param name="inside">The namespace to hear of; left out, the calling thread's.</param>
    public RouteMonitor(NetworkNamespace? inside = null)
    {
        _socket = new(Groups, inside: inside);
        try
        {
            _socket.SetQueue(MachineLimits.RouteNews.Most);
            _socket.Filter(OfReadTables(), "route monitor");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Readable when there is news.</summary>
    public int Fd => _socket.Fd;

    /// <summary>Takes all news there is now, without waiting.</summary>
    /// <param name="matters">Whether the interface of this number matters; left out, all do.</param>
    /// <returns>The most that any of it is worth.</returns>
    public RouteNews Read(Func<int, bool>? matters = null)
    {
        var news = RouteNews.None;
        while (true)
        {
            try
            {
                var datagram = _socket.ReadDatagram("recv", "route monitor");
                if (datagram.IsEmpty)
                    return news;
                if (news < RouteNews.Ways && Worth(datagram, matters, _routes) is var worth && worth > news)
                    news = worth;
            }
            catch (SystemCallException e) when (e.ErrorNumber == Errno.ENOBUFS)
            {
                if (news < RouteNews.Lost)
                    news = RouteNews.Lost;
            }
        }
    }

    public void Dispose() => _socket.Dispose();

    /// <param name="datagram">From the kernel.</param>
    /// <param name="matters">As for <see cref="Read"/>.</param>
    /// <param name="scratch">For routes.</param>
    internal static RouteNews Worth(ReadOnlySpan<byte> datagram, Func<int, bool>? matters, List<RouteInfo> scratch)
    {
        var news = RouteNews.None;
        var messages = new MessageReader(datagram);
        while (messages.Next())
        {
            var worth = messages.Header.nlmsg_type switch
            {
                RTM_NEWLINK or RTM_DELLINK => OfInterface(messages.Payload, matters),
                // Wherever the host has an address, guests reach it there.
                RTM_NEWADDR or RTM_DELADDR => (RouteNews)int.Max(
                    (int)OfInterface(messages.Payload, matters), (int)RouteNews.Routes),
                RTM_NEWROUTE or RTM_DELROUTE => OfRoute(messages.Payload, matters, scratch),
                _ => RouteNews.None,
            };
            if (worth > news)
                news = worth;
        }
        return news;
    }

    /// <summary>The number of the interface in news of it (ifinfomsg) or of an address (ifaddrmsg): it stands at the same place in
    /// both.</summary>
    private static RouteNews OfInterface(ReadOnlySpan<byte> payload, Func<int, bool>? matters) =>
        payload.Length >= IndexAt + sizeof(int) && (matters is null || matters(MemoryMarshal.Read<int>(payload[IndexAt..])))
            ? RouteNews.Ways
            : RouteNews.None;

    private static RouteNews OfRoute(ReadOnlySpan<byte> payload, Func<int, bool>? matters, List<RouteInfo> routes)
    {
        routes.Clear();
        RouteInfo.Read(payload, routes);
        var news = RouteNews.None;
        foreach (var route in routes)
        {
            if (route is { Table: RT_TABLE_LOCAL, IsLocal: true })
                news = RouteNews.Routes;
            if (!route.IsMain)
                continue;
            if (route.Destination.PrefixLength == 0)
                return RouteNews.Ways;
            if (matters is null || matters(route.Interface))
                news = RouteNews.Routes;
        }
        return news;
    }

    /// <summary>Keeps out routes of other tables. A classic filter reads the kernel's own numbers as if they had come by the
    /// network, so they are turned round here.</summary>
    private static sock_filter[] OfReadTables() =>
    [
        new(BPF_LD | BPF_H | BPF_ABS, 0, 0, TypeAt),
        new(BPF_JMP | BPF_JEQ | BPF_K, 1, 0, Foreign(RTM_NEWROUTE)),
        new(BPF_JMP | BPF_JEQ | BPF_K, 0, 4, Foreign(RTM_DELROUTE)),
        new(BPF_LD | BPF_B | BPF_ABS, 0, 0, TableAt),
        new(BPF_JMP | BPF_JEQ | BPF_K, 2, 0, RT_TABLE_MAIN),
        new(BPF_JMP | BPF_JEQ | BPF_K, 1, 0, RT_TABLE_LOCAL),
        new(BPF_RET | BPF_K, 0, 0, 0),
        new(BPF_RET | BPF_K, 0, 0, uint.MaxValue),
    ];

    private static uint Foreign(ushort type) => BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(type) : type;
}
