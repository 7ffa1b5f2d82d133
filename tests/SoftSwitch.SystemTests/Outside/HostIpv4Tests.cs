using SoftSwitch.Linux;
using SoftSwitch.Linux.HostFacts;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Packets;
using SoftSwitch.SystemTests.Linux;
using SoftSwitch.SystemTests.Peers;
using SoftSwitch.SystemTests.Switching;

namespace SoftSwitch.SystemTests.Outside;

/// <summary>What we read of a host's addresses and routes, where iproute2 made them.</summary>
public class HostIpv4Tests
{
    [Fact]
    public void The_default_route_is_followed_when_another_one_takes_its_place()
    {
        using var sandbox = TwoUplinks();
        using var monitor = new RouteMonitor(sandbox.Namespace);
        var (first, second) = (sandbox.Links.Find("eth0")!.Index, sandbox.Links.Find("eth1")!.Index);
        Assert.Null(HostIpv4.Read(sandbox.Links).DefaultRoute());
        Assert.Equal(RouteNews.None, monitor.Read());

        Ip(sandbox, "route add default via 192.0.2.254 dev eth0 metric 100");
        Assert.NotEqual(RouteNews.None, monitor.Read());
        Assert.Equal(RouteNews.None, monitor.Read());
        Assert.Equal((first, Ipv4Address.Parse("192.0.2.254")), Default(sandbox));

        Ip(sandbox, "route add default via 198.51.100.254 dev eth1 metric 200");
        Assert.NotEqual(RouteNews.None, monitor.Read());
        Assert.Equal(first, Default(sandbox).Interface);

        // Of the routes that go with an interface the kernel says nothing.
        Ip(sandbox, "link set eth0 down");
        Assert.NotEqual(RouteNews.None, monitor.Read());
        Assert.Equal((second, Ipv4Address.Parse("198.51.100.254")), Default(sandbox));

        Ip(sandbox, "link set eth0 up");
        Ip(sandbox, "route add default via 192.0.2.253 dev eth0");
        Assert.NotEqual(RouteNews.None, monitor.Read());
        Assert.Equal((first, Ipv4Address.Parse("192.0.2.253")), Default(sandbox));
    }

    [Fact]
    public void An_address_that_changes_is_news_and_the_hosts_address_is_the_one_the_kernel_would_choose()
    {
        using var sandbox = TwoUplinks();
        using var monitor = new RouteMonitor(sandbox.Namespace);
        var index = sandbox.Links.Find("eth0")!.Index;
        Assert.Equal("192.0.2.1/24", Address(sandbox, index));
        Ip(sandbox, "addr add 192.0.2.77/24 dev eth0");
        Ip(sandbox, "addr add 203.0.113.1/24 dev eth0");
        Ip(sandbox, "addr add 169.254.7.7/16 dev eth0 scope link");
        Assert.NotEqual(RouteNews.None, monitor.Read());
        Assert.Equal("192.0.2.1/24", Address(sandbox, index));
        Ip(sandbox, "route add default via 203.0.113.254");
        Assert.Equal("203.0.113.1/24", Address(sandbox, index));
        Ip(sandbox, "route replace default via 203.0.113.254 src 192.0.2.77");
        Assert.Equal("192.0.2.77/24", Address(sandbox, index));
        monitor.Read();
        Ip(sandbox, "addr flush dev eth0");
        Assert.NotEqual(RouteNews.None, monitor.Read());
        Assert.Null(HostIpv4.Read(sandbox.Links).AddressOf(index));
    }

    [Fact]
    public void The_routes_of_an_interface_come_the_most_specific_first()
    {
        using var sandbox = TwoUplinks();
        Ip(sandbox, "route add default via 192.0.2.254 dev eth0 metric 100");
        Ip(sandbox, "route add default via 192.0.2.253 dev eth0 metric 50");
        Ip(sandbox, "route add 10.0.0.0/8 via 192.0.2.250");
        Ip(sandbox, "route add 10.1.0.0/16 nexthop via 192.0.2.249 nexthop via 198.51.100.249");
        Ip(sandbox, "route add blackhole 10.2.0.0/16");
        Ip(sandbox, "route add 10.3.0.0/16 via 192.0.2.248 table 77");
        Ip(sandbox, "route add 10.4.0.0/16 via inet6 fe80::1 dev eth0");
        Ip(sandbox, "route add 10.5.0.0/16 encap seg6 mode encap segs fc00::1 via 192.0.2.250");
        var host = HostIpv4.ReadWhole(sandbox.Links);
        Assert.Equal(
            ["192.0.2.0/24 ", "10.1.0.0/16 192.0.2.249", "10.0.0.0/8 192.0.2.250", "0.0.0.0/0 192.0.2.253"],
            host.RoutesOf(sandbox.Links.Find("eth0")!.Index).Select(route => $"{route.Destination} {route.Gateway}"));
        Assert.Equal(
            ["198.51.100.0/24 ", "10.1.0.0/16 198.51.100.249"],
            host.RoutesOf(sandbox.Links.Find("eth1")!.Index).Select(route => $"{route.Destination} {route.Gateway}"));
        var routed = host.Routed().Select(subnet => subnet.ToString()).ToHashSet();
        Assert.Superset(new HashSet<string> { "10.0.0.0/8", "10.1.0.0/16", "10.2.0.0/16", "10.3.0.0/16", "10.4.0.0/16", "10.5.0.0/16",
            "192.0.2.0/24",
            "198.51.100.0/24", "127.0.0.0/8" }, routed);
        Assert.DoesNotContain("0.0.0.0/0", routed);
        Assert.True(host.IsOwn(Ipv4Address.Parse("198.51.100.1")));
        Assert.False(host.IsOwn(Ipv4Address.Parse("198.51.100.2")));
    }

    [Fact]
    public void More_news_than_fit_are_news_all_the_same()
    {
        using var sandbox = TwoUplinks();
        using var monitor = new RouteMonitor(sandbox.Namespace);
        var index = sandbox.Links.Find("eth0")!.Index;
        for (var i = 0; i < 2000; i++)
            sandbox.Links.AddHostRoute(index, new(0x0B000000 + (uint)i), null);
        Assert.NotEqual(RouteNews.None, monitor.Read());
        Assert.Equal(RouteNews.None, monitor.Read());
        // A host with very many routes: the most general are kept, and the rest is not even held.
        var host = HostIpv4.Read(sandbox.Links);
        Assert.InRange(host.Routes.Count, MachineLimits.Routes.Most, MachineLimits.Routes.Most + 16);
        var routes = host.RoutesOf(index);
        Assert.Equal(MachineLimits.Routes.Most, routes.Count);
        Assert.Contains(routes, route => route.Destination.PrefixLength == 24);
    }

    [Fact]
    public void Of_many_routes_only_those_that_lead_elsewhere_are_news_of_ways()
    {
        using var sandbox = TwoUplinks();
        using var monitor = new RouteMonitor(sandbox.Namespace);
        var (first, second) = (sandbox.Links.Find("eth0")!.Index, sandbox.Links.Find("eth1")!.Index);
        foreach (var (change, worth) in (ReadOnlySpan<(string, RouteNews)>)
        [
            ("route add 10.1.0.0/16 via 192.0.2.9", RouteNews.Routes), ("route add 10.2.0.0/16 via 198.51.100.9", RouteNews.None),
            ("route add 10.3.0.0/16 via 192.0.2.9 table 7", RouteNews.None),
            ("route add 10.4.0.0/16 via 192.0.2.9 table 1000", RouteNews.None),
            ("route add local 10.5.0.0/16 dev lo", RouteNews.Routes), ("route add local 10.6.0.0/16 dev lo table 7", RouteNews.None),
            ("route add default via 198.51.100.9", RouteNews.Ways), ("route del default", RouteNews.Ways),
            ("route add 169.254.83.7/32 dev eth1", RouteNews.None),
            ("addr add 10.9.0.1/24 dev eth1", RouteNews.Routes), ("addr add 10.9.1.1/24 dev eth0", RouteNews.Ways),
            ("link set eth1 mtu 1400", RouteNews.None), ("link set eth0 mtu 1400", RouteNews.Ways),
        ])
        {
            Ip(sandbox, change);
            Assert.Equal((change, worth), (change, monitor.Read(index => index == first)));
        }
        Assert.NotEqual(first, second);
    }

    [Fact]
    public void What_is_the_hosts_by_a_route_alone_is_found_beside_its_addresses()
    {
        using var sandbox = TwoUplinks();
        Ip(sandbox, "route add local 10.5.0.0/16 dev lo");
        Ip(sandbox, "route add local 10.6.0.7/32 dev lo");
        Ip(sandbox, "route add local 10.7.0.0/16 dev lo table 7");
        Ip(sandbox, "route add local 192.0.2.0/24 dev lo table 7");
        var host = HostIpv4.Read(sandbox.Links);
        Assert.Equal(["10.5.0.0/16", "10.6.0.7/32"], host.Local.Select(subnet => $"{subnet}"));
        foreach (var (address, isReached) in (ReadOnlySpan<(string, bool)>)
        [
            ("192.0.2.1", true), ("10.5.7.7", true), ("10.6.0.7", true), ("10.6.0.8", false), ("10.7.0.1", false), ("192.0.2.9", false),
            ("127.0.0.1", false),
        ])
            Assert.Equal((address, isReached), (address, host.IsReached(Ipv4Address.Parse(address))));
        // A host that has very many keeps the most general.
        for (var i = 0; i < 300; i++)
            Ip(sandbox, $"route add local 10.8.{i / 250}.{i % 250 + 1}/32 dev lo");
        var local = HostIpv4.Read(sandbox.Links).Local;
        Assert.Equal((MachineLimits.LocalRoutes.Most, "10.5.0.0/16"), (local.Count, $"{local[0]}"));
    }

    private static (int Interface, Ipv4Address? Gateway) Default(Sandbox sandbox)
    {
        var route = HostIpv4.Read(sandbox.Links).DefaultRoute()!.Value;
        return (route.Interface, route.Gateway);
    }

    private static string Address(Sandbox sandbox, int index)
    {
        var address = HostIpv4.Read(sandbox.Links).AddressOf(index)!.Value;
        return $"{address.Address}/{address.PrefixLength}";
    }

    private static Sandbox TwoUplinks()
    {
        Need.Tool("ip");
        var sandbox = Sandbox.Make();
        Ip(sandbox, "link set lo up");
        foreach (var (name, address) in new[] { ("eth0", "192.0.2.1"), ("eth1", "198.51.100.1") })
        {
            // Both ends here: the interface needs only somebody at the other end.
            var index = sandbox.Links.CreateVethPair(name, null, name + "-far", null).Index;
            sandbox.Links.SetUp(sandbox.Links.Find(name + "-far")!.Index);
            sandbox.Links.SetUp(index);
            sandbox.Links.AddAddress(index, Ipv4Address.Parse(address), 24);
        }
        // The kernel tells a moment later that a link has come up; afterwards there is no news but ours.
        Eventually.Holds(() => Ip(sandbox, "-o link show").Split(" state UP ").Length == 5);
        return sandbox;
    }

    private static string Ip(Sandbox sandbox, string words) =>
        sandbox.Namespace.Run(() => Shell.RunAsCaller("ip", words.Split(' ')).Succeeded().Output);
}
