using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Packets;
using SoftSwitch.Tests.Nat;
using static SoftSwitch.Tests.Routing.WaysRig;

namespace SoftSwitch.Tests.Routing;

/// <summary>What waits for a neighbor on a way when routes change isn't sent before it is decided anew.</summary>
public sealed class HeldWayTests
{
    private const string Destination = "198.51.100.7", Router = "203.0.113.77";

    [Fact]
    public void It_leaves_by_the_new_way_in_its_order_and_as_it_came()
    {
        using var world = new WaysRig();
        Lead(world);
        for (var i = 0; i < 3; i++)
            world.Say(Guest0, NatPacket.Parse($"udp 10.10.0.5:4000 > {Destination}:53 len={100 + i}") with { Ttl = 9 });
        world.Say(Guest1, NatPacket.Parse($"udp 10.10.0.6:4000 > {Destination}:53 len=200") with { Ttl = 9 });
        world.Routes.Drop();
        Answer(world);
        Assert.Empty(world.Heard(Nic));

        world.Answer(_ => world.ByVpn);
        var heard = world.Heard(Vpn);
        Assert.Equal([100, 101, 102, 200], heard.Select(packet => packet.Payload.Length));
        Assert.All(heard, packet => Assert.Equal(("10.8.0.2", 8), ($"{packet.Source}", (int)packet.Ttl)));
        Assert.Empty(world.Heard(Nic));
    }

    [Fact]
    public void It_leaves_by_the_old_way_where_that_still_leads_there()
    {
        using var world = new WaysRig();
        Lead(world);
        for (var i = 0; i < 3; i++)
            world.Say(Guest0, $"udp 10.10.0.5:4000 > {Destination}:53 len={100 + i}");
        world.Routes.Drop();
        Lead(world);
        Answer(world);
        Assert.Equal([100, 101, 102], world.Heard(Nic).Select(packet => packet.Payload.Length));
        Assert.Empty(world.Wanted());
    }

    [Fact]
    public void Its_fragments_leave_by_the_new_way_as_one_packet()
    {
        using var world = new WaysRig();
        Lead(world);
        foreach (var fragment in FragmentTests.Cut(NatPacket.Parse($"udp 10.10.0.5:4000 > {Destination}:53 len=4000 ip=70"), 1480))
            world.Rig.Carry(Guest0, FrameOf(Guest0, fragment));
        world.Routes.Drop();
        Answer(world);
        world.Answer(_ => world.ByVpn);
        Assert.Empty(world.Packets(Nic));
        var reassembly = new Reassembly();
        world.Packets(Vpn).ForEach(frame => reassembly.Add(frame.Bytes));
        Assert.Equal(4000, Assert.Single(reassembly.Packets).Payload.Length);
    }

    [Fact]
    public void Fragments_that_had_waited_for_the_first_before_are_counted()
    {
        using var world = new WaysRig();
        Lead(world);
        var fragments = FragmentTests.Cut(NatPacket.Parse($"udp 10.10.0.5:4000 > {Destination}:53 len=4000 ip=70"), 1480);
        fragments.Reverse();
        foreach (var fragment in fragments)
            world.Rig.Carry(Guest0, FrameOf(Guest0, fragment));
        world.Routes.Drop();
        Answer(world);
        world.Answer(_ => world.ByVpn);
        Assert.Empty(world.Packets(Nic));
        Assert.Equal(2, world.ByNic.Total().InDrops(DropReason.RouteChanged));
    }

    [Fact]
    public void An_answer_to_what_began_outside_leaves_by_its_way_also_where_all_else_goes_another()
    {
        using var world = new WaysRig();
        world.ByNic.Translator.SetForwards(0, [new(new(IpProtocol.Udp, 5353, 5353), Ipv4Address.Parse("10.10.0.5"), 53)], world.Rig.Now);
        world.Say(Nic, $"udp {Destination}:4000 > 203.0.113.1:5353");
        world.Heard(Guest0);
        var destination = Ipv4Address.Parse(Destination);
        world.Routes.Add(destination, world.To(world.ByVpn, destination), [new(world.ByNic, Ipv4Address.Parse(Router))],
            world.Rig.Port(Guest0), world.Rig.Now + Lifetime, world.Routes.Generation);
        for (var i = 0; i < 3; i++)
            world.Say(Guest0, $"udp 10.10.0.5:53 > {Destination}:4000 len={100 + i}");
        Answer(world);
        Assert.Equal([100, 101, 102], world.Heard(Nic).Select(packet => packet.Payload.Length));
        Assert.Empty(world.Heard(Vpn));
    }

    [Fact]
    public void Where_the_file_names_the_way_it_is_handed_to_the_new_router()
    {
        using var world = new WorldRig(isShared: true);
        world.Outside.NextHops = new([(GatewayRig.Subnet("0.0.0.0/0"), Ipv4Address.Parse(Router))]);
        world.Say(WorldRig.Guest0, $"udp 10.10.0.5:4000 > {Destination}:53");
        world.Outside.NextHops = new([(GatewayRig.Subnet("0.0.0.0/0"), Ipv4Address.Parse("203.0.113.78"))]);
        world.Rig.Received(WorldRig.Uplink);
        Arrives(world, Router);
        Assert.Equal("203.0.113.78",
            $"{Assert.Single(ReceivedArp.Of(world.Rig.Received(WorldRig.Uplink))).Message.TargetAddress}");
        Arrives(world, "203.0.113.78");
        Assert.Single(world.Heard(WorldRig.Uplink));
    }

    private static void Arrives(WorldRig world, string router) => world.Rig.Carry(WorldRig.Uplink,
        GatewayRig.Arp(ArpMessage.Reply, 0x0600_0000_0050, router, "203.0.113.1", WorldRig.OutsideMac));

    /// <summary>The host's routing leads there by a router on the NIC's link that nobody knows yet.</summary>
    private static void Lead(WaysRig world) => world.Routes.Add(Ipv4Address.Parse(Destination),
        new WayTo(world.ByNic, Ipv4Address.Parse(Router)), [], world.Rig.Port(Guest0), world.Rig.Now + Lifetime, world.Routes.Generation);

    /// <summary>That router has answered.</summary>
    private static void Answer(WaysRig world) => world.Rig.Carry(Nic,
        GatewayRig.Arp(ArpMessage.Reply, 0x0600_0000_0050, Router, "203.0.113.1", world.ByNic.Mac.Value));
}
