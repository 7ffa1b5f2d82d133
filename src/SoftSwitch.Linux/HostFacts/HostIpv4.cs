using System.Runtime.InteropServices;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Packets;

namespace SoftSwitch.Linux.HostFacts;

/// <summary>
/// The IPv4 addresses and routes of the host at one moment, and what an outside needs to know of them: which interface leads out, which
/// address is the host's there, who is reached how. Immutable; read anew when a <see cref="RouteMonitor"/> has news.
/// <para>Rules and tables beside the main one are not looked at: where they count, the kernel is asked for a destination
/// (<see cref="RouteLookup"/>).</para>
/// </summary>
/// <param name="addresses">Of all interfaces.</param>
/// <param name="routes">Those that are asked for.</param>
/// <param name="local">What is the host's by a route alone (<see cref="Local"/>); left out: nothing.</param>
public sealed class HostIpv4(
    IReadOnlyList<AddressInfo> addresses, IReadOnlyList<RouteInfo> routes, IReadOnlyList<Ipv4Subnet>? local = null)
{
    private const int DefaultPrefix = 0;

    /// <summary>A shorter prefix than this leads "everywhere", as the halves do by which a VPN stands in for the default route; the private
    /// networks (RFC 1918) begin with it.</summary>
    private const int ShortestNetwork = 8;

    /// <summary>
    /// Reads the addresses, and of the routes what is ever asked for: those of the main table, of an interface not more than
    /// <see cref="MachineLimits.Routes"/> of each prefix length, and those of link-local addresses. So a host with a million routes costs
    /// the time to read them and no memory. Addresses and routes may be from different moments: then there is news, and that leads to
    /// another reading.
    /// </summary>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public static HostIpv4 Read(Links links)
    {
        var main = Read(links, Rtnetlink.RT_TABLE_MAIN);
        return new(main.Addresses, main.Routes, ReadLocal(links, main));
    }

    /// <summary>Reads the routes of every table, to find link-local addresses that are free.</summary>
    internal static HostIpv4 ReadAllTables(Links links) => Read(links, Rtnetlink.RT_TABLE_UNSPEC);

    /// <summary>Reads all routes, to find subnets that are free.</summary>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public static HostIpv4 ReadWhole(Links links) => new(links.Addresses(), links.Routes());

    private static HostIpv4 Read(Links links, byte table)
    {
        var routes = new List<RouteInfo>();
        var count = new Dictionary<(int Interface, int PrefixLength), int>();
        links.ReadRoutes(table, () =>
        {
            routes.Clear();
            count.Clear();
        }, route =>
        {
            ref var before = ref CollectionsMarshal.GetValueRefOrAddDefault(count,
                (route.Interface, route.Destination.PrefixLength), out _);
            if (before < MachineLimits.Routes.Most || route.IsLinkLocal)
            {
                routes.Add(route);
                before++;
            }
        });
        return new(links.Addresses(), routes);
    }

    /// <summary>The kernel has a route for each address, too.</summary>
    private static IReadOnlyList<Ipv4Subnet> ReadLocal(Links links, HostIpv4 host)
    {
        var local = new SortedSet<Ipv4Subnet>(Comparer<Ipv4Subnet>.Create((one, other) =>
            (one.PrefixLength, one.Address.Value).CompareTo((other.PrefixLength, other.Address.Value))));
        links.ReadRoutes(Rtnetlink.RT_TABLE_LOCAL, local.Clear, route =>
        {
            var isAddress = route.Destination.PrefixLength == 32 && host.IsOwn(route.Destination.Address);
            if (!route.IsLocal || isAddress || route.Destination.Address.IsLoopback)
                return;
            local.Add(route.Destination);
            if (local.Count > MachineLimits.LocalRoutes.Most)
                local.Remove(local.Max);
        });
        return [.. local];
    }

    public IReadOnlyList<AddressInfo> Addresses => addresses;

    public IReadOnlyList<RouteInfo> Routes => routes;

    /// <summary>What is the host's by a route alone (<c>ip route add local</c>, AnyIP), the most general first: whoever asks there asks the
    /// host. Those of the table local, which comes before all rules: by another table the kernel may lead what a tap brings elsewhere than
    /// what the host itself says. The loopback's isn't among them.</summary>
    public IReadOnlyList<Ipv4Subnet> Local => local ?? [];

    /// <summary>The host's addresses, on whichever interface, at which guests reach it: all but the loopback's.</summary>
    public IEnumerable<Ipv4Address> Reached =>
        addresses.Where(address => !address.Address.IsLoopback).Select(address => address.Address).Distinct();

    /// <summary>The default route: of those in the main table the one with the lowest metric, the first of equals. Null: there is
    /// none.</summary>
    public RouteInfo? DefaultRoute() => DefaultRoutes().Select(route => (RouteInfo?)route).FirstOrDefault();

    /// <summary>All of the main table, the lowest metric first.</summary>
    public IEnumerable<RouteInfo> DefaultRoutes() =>
        from route in routes
        where route is { IsMain: true, IsForwarding: true, Interface: > 0, Destination.PrefixLength: DefaultPrefix }
        orderby route.Metric
        select route;

    /// <summary>
    /// The host's address on an interface, as the kernel would choose it for a stranger: the one that the interface's default route names,
    /// the one on the gateway's network, or the first. Null: it has none that strangers could answer to.
    /// </summary>
    public AddressInfo? AddressOf(int index)
    {
        AddressInfo? first = null, beside = null;
        var way = RoutesByMetric(index).FirstOrDefault(route => route.Destination.PrefixLength == DefaultPrefix);
        foreach (var address in addresses)
        {
            if (address.Interface != index || !address.IsGlobal)
                continue;
            if (address.Address == way.Source)
                return address;
            if (address.IsSecondary)
                continue;
            first ??= address;
            if (way.Gateway is { } gateway && address.Subnet.Contains(gateway))
                beside ??= address;
        }
        return beside ?? first;
    }

    /// <summary>The address is one of the host's own.</summary>
    public bool IsOwn(Ipv4Address address) => addresses.Any(own => own.Address == address);

    /// <summary>Guests reach the host at the address, by whichever kind of route it is the host's.</summary>
    public bool IsReached(Ipv4Address address) =>
        !address.IsLoopback && (IsOwn(address) || Local.Any(subnet => subnet.Contains(address)));

    /// <summary>The routes that lead out by an interface, the most specific first and one for a destination: the first that contains an
    /// address is its way. Those that name a router by its IPv6 address aren't among them.</summary>
    public IReadOnlyList<HostRoute> RoutesOf(int index)
    {
        var chosen = new Dictionary<Ipv4Subnet, HostRoute>();
        foreach (var route in RoutesByMetric(index).Where(route => !route.IsByIpv6))
            chosen.TryAdd(route.Destination, new(route.Destination, route.Gateway));
        return [.. chosen.Values.OrderBy(route => route.Destination.PrefixLength).Take(MachineLimits.Routes.Most)
            .OrderByDescending(route => route.Destination.PrefixLength).ThenBy(route => route.Destination.Address)];
    }

    /// <summary>
    /// Everything that some table of the host has a route for, and the networks of its addresses: a network of our own must not overlap
    /// with any of these. Routes that lead everywhere are no obstacle: the default routes, and those that stand in for them by halves.
    /// </summary>
    public IReadOnlyList<Ipv4Subnet> Routed() =>
    [
        .. routes.Where(route => route.Destination.PrefixLength >= ShortestNetwork).Select(route => route.Destination)
            .Concat(addresses.Select(address => address.Subnet)).Distinct(),
    ];

    private IEnumerable<RouteInfo> RoutesByMetric(int index) =>
        routes.Where(route => route is { IsMain: true, IsForwarding: true } && route.Interface == index).OrderBy(route => route.Metric);
}
