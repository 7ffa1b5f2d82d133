using SoftSwitch.Linux.Endpoints.HostWay;
using SoftSwitch.Linux.HostFacts;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Packets;

namespace SoftSwitch.Tests.Linux;

public class HostIpv4Tests
{
    private const uint Main = 254;

    [Fact]
    public void The_default_route_is_the_cheapest_of_the_main_table_that_leads_out()
    {
        var host = Host(
            Route("0.0.0.0/0", 2, "192.0.2.1", metric: 100), Route("0.0.0.0/0", 3, "192.0.2.2", metric: 50),
            Route("0.0.0.0/0", 4, "192.0.2.3", metric: 50),
            Route("0.0.0.0/0", 5, "192.0.2.4", table: 7), Route("0.0.0.0/0", 0, null) with { IsForwarding = false },
            Route("10.0.0.0/8", 6, null));
        Assert.Equal(3, host.DefaultRoute()!.Value.Interface);
        Assert.Null(Host(Route("10.0.0.0/8", 6, null)).DefaultRoute());
    }

    [Fact]
    public void The_link_local_address_avoids_what_is_routed_and_not_the_whole_of_link_local()
    {
        Assert.Equal("169.254.83.1", First(Host()));
        Assert.Equal("169.254.83.1", First(Host(Route("169.254.0.0/16", 2, null), Route("0.0.0.0/0", 2, "192.0.2.1"))));
        Assert.Equal("169.254.83.2", First(Host(Route("169.254.83.1/32", 2, null))));
        Assert.Equal("169.254.83.128", First(Host(Route("169.254.83.0/25", 2, null, table: 9))));
        Assert.Equal("169.254.83.2", First(new HostIpv4([new(2, Ipv4Address.Parse("169.254.83.1"), 16, false, false)], [])));
        Assert.Null(First(Host(Route("169.254.64.0/18", 2, null))));
    }

    [Fact]
    public void A_route_that_leads_everywhere_leaves_room_for_networks_of_our_own()
    {
        var host = Host(Route("0.0.0.0/0", 2, "192.0.2.1"), Route("0.0.0.0/1", 3, "10.8.0.1"), Route("128.0.0.0/1", 3, "10.8.0.1"),
            Route("10.0.0.0/8", 3, "10.8.0.1"));
        Assert.Equal([Subnet("10.0.0.0/8")], host.Routed());
    }

    [Fact]
    public void An_interface_has_no_routes_but_its_own()
    {
        var host = Host(Route("10.0.0.0/8", 2, "192.0.2.1"), Route("10.1.0.0/16", 3, null), Route("10.2.0.0/16", 2, null, table: 5));
        Assert.Equal([new HostRoute(Subnet("10.0.0.0/8"), Ipv4Address.Parse("192.0.2.1"))], host.RoutesOf(2));
        Assert.Empty(host.RoutesOf(4));
    }

    private static string? First(HostIpv4 host) => LinkLocal.Free(host).Select(address => address.ToString()).FirstOrDefault();

    private static HostIpv4 Host(params RouteInfo[] routes) => new([], routes);

    private static RouteInfo Route(string destination, int index, string? gateway, uint metric = 0, uint table = Main) =>
        new(table, Subnet(destination), index, gateway is null ? null : Ipv4Address.Parse(gateway), metric, null, true);

    private static Ipv4Subnet Subnet(string text) => Ipv4Subnet.TryParse(text, out var subnet) ? subnet : throw new FormatException(text);
}
