using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Packets;
using static SoftSwitch.Tests.Routing.WaysRig;

namespace SoftSwitch.Tests.Routing;

/// <summary>What the kernel has told of changes, and nobody has read yet, counts for packets that a worker has received
/// already.</summary>
public sealed class RouteNewsTests
{
    private const string Destination = "198.51.100.7", Router = "203.0.113.77";

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Nothing_leaves_by_a_way_that_may_lead_there_no_more(int packets)
    {
        using var world = new WaysRig();
        Lead(world, NextRouter);
        world.Say(Guest0, $"udp 10.10.0.5:4000 > {Destination}:53 len=99");
        Assert.Single(world.Heard(Nic));

        var asked = 0;
        world.Routes.HasNews = () => asked++ == 0;
        for (var i = 0; i < packets; i++)
            world.Say(Guest0, $"udp 10.10.0.5:4000 > {Destination}:53 len={100 + i}");
        Assert.Empty(world.Heard(Nic));
        world.Answer(_ => world.ByVpn);
        Assert.Equal(Enumerable.Range(100, packets), world.Heard(Vpn).Select(packet => packet.Payload.Length));
    }

    [Fact]
    public void What_waited_for_a_neighbor_is_decided_anew()
    {
        using var world = new WaysRig();
        Lead(world, Ipv4Address.Parse(Router));
        world.Say(Guest0, $"udp 10.10.0.5:4000 > {Destination}:53 len=100");
        var asked = 0;
        world.Routes.HasNews = () => asked++ == 0;
        world.Rig.Carry(Nic, GatewayRig.Arp(ArpMessage.Reply, WorldRig.RouterMac, Router, "203.0.113.1"));
        world.Answer(_ => world.ByVpn);
        Assert.Empty(world.Heard(Nic));
        Assert.Equal([100], world.Heard(Vpn).Select(packet => packet.Payload.Length));
    }

    [Fact]
    public void What_waited_for_its_route_is_asked_for_again()
    {
        using var world = new WaysRig();
        world.Say(Guest0, $"udp 10.10.0.5:4000 > {Destination}:53 len=100");
        var asked = 0;
        world.Routes.HasNews = () => asked++ == 0;
        world.Answer(_ => world.ByNic);
        Assert.Empty(world.Heard(Nic));
        world.Answer(_ => world.ByVpn);
        Assert.Equal([100], world.Heard(Vpn).Select(packet => packet.Payload.Length));
    }

    [Fact]
    public void Who_sends_to_many_goes_on_to_them_when_routes_have_changed()
    {
        const int destinations = 3_500;
        using var world = new WaysRig();
        for (var i = 0; i < destinations; i++)
        {
            world.Say(Guest0, To(i));
            if (i % 500 != 499)
                continue;
            world.Answer(_ => world.ByNic);
            world.Rig.Now += TimeSpan.FromSeconds(1);
        }
        world.Heard(Nic);
        world.Routes.Drop();
        for (var i = 0; i < destinations; i++)
        {
            world.Say(Guest0, To(i));
            if (i % 500 == 499)
                world.Answer(_ => world.ByVpn);
        }
        Assert.Equal(destinations, world.Heard(Vpn).Count);
        Assert.Empty(world.Heard(Nic));

        static string To(int i) => $"udp 10.10.0.5:4000 > 198.18.{i >> 8}.{i & 255}:53";
    }

    private static void Lead(WaysRig world, Ipv4Address next)
    {
        var destination = Ipv4Address.Parse(Destination);
        world.Routes.Add(destination, new WayTo(world.ByNic, next), [], world.Rig.Port(Guest0), world.Rig.Now + Lifetime,
            world.Routes.Generation);
    }
}
