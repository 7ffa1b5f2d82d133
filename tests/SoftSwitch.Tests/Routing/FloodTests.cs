using SoftSwitch.Forwarding;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Packets;
using SoftSwitch.Tests.Forwarding;
using SoftSwitch.Tests.Nat;
using static SoftSwitch.Tests.Routing.GatewayRig;

namespace SoftSwitch.Tests.Routing;

public sealed class FloodTests
{
    [Fact]
    public void What_the_gateway_says_to_all_and_to_one_goes_to_each_port_once_and_in_order()
    {
        const int ports = 300;
        using var rig = new Rig();
        for (var i = 0; i < ports; i++)
            rig.Add();
        rig.Add(new SoftSwitch.Forwarding.Routing.Gateway("gateway", new(GatewayMac), Ipv4Address.Parse("10.10.0.1"),
            Subnet("10.10.0.0/16"), 1500, 1, 0), 0);
        rig.Carry(0, Arp(ArpMessage.Request, GuestMac(0), "10.10.0.5", "10.10.0.1"));
        for (var port = 0; port < ports; port++)
            rig.Received(port);

        // In one turn: questions to all about ten neighbors, and an answer to each of ten echo requests between them.
        for (var i = 0; i < 10; i++)
        {
            rig.Send(0, From(0, $"10.10.1.{i}").Build());
            rig.Send(0, Echo(0, "10.10.0.1", 100 + i));
        }
        rig.Turn();
        for (var port = 0; port < ports; port++)
        {
            var frames = rig.Received(port);
            Assert.Equal(Enumerable.Range(0, 10), ReceivedArp.Of(frames).Select(arp => (int)(arp.Message.TargetAddress.Value & 0xFF)));
            Assert.Equal(port == 0 ? 10 : 0, frames.Count(frame => frame.Bytes[13] == 0));
        }
    }

    [Fact]
    public void Frames_that_wait_for_a_neighbor_that_nobody_has_heard_go_to_each_port_in_one_delivery()
    {
        // The neighbor's station is forgotten while its address is known: what is said to it is a flood.
        using var rig = new Rig(20);
        var gateway = rig.Add(new SoftSwitch.Forwarding.Routing.Gateway("gateway", new(GatewayMac), Ipv4Address.Parse("10.10.0.1"),
            Subnet("10.10.0.0/24"), 1500, 1, 0), 0);
        gateway.Ipv4Neighbors.Table.Learn(Ipv4Address.Parse("10.10.0.6"), new(0x0600_0000_0099), gateway, rig.Now, create: true);
        using var burst = new Burst();
        using var dataplane = new Dataplane(0);
        for (var i = 0; i < 32; i++)
            rig.Port(0).Send(default, From(0, "10.10.0.6").Build());
        rig.Port(0).Receive(burst);
        var deliveries = dataplane.Process(burst, burst.All, rig.Member(0), rig.Now).ToArray();
        Assert.Equal(20, deliveries.Length);
        Assert.Equal(20, deliveries.DistinctBy(delivery => delivery.Output).Count());
        Assert.All(deliveries, delivery => Assert.Equal(FrameSet.First(32), delivery.Frames));
    }

    [Fact]
    public void What_the_gateway_forwards_to_a_station_that_nobody_hears_counts_as_a_flood_of_who_sends_it()
    {
        const ulong silent = 0x0600_0000_0099;
        using var net = new GatewayRig();
        net.Introduce();
        net.Rig.Member(0).FloodLimit = net.Rig.Member(1).FloodLimit = 100;
        // Its address is known, and its station pushed out by others of its port.
        net.Rig.Carry(0, Arp(ArpMessage.Request, silent, "10.10.0.99", "10.10.0.1", GatewayMac));
        net.Rig.Bridge().Fdb.Forget(new(silent));
        net.Rig.Received(1);
        for (var i = 0; i < 1_000; i++)
            net.Rig.Carry(0, From(0, "10.10.0.99").Build());
        Assert.Equal(100, net.Rig.Received(1).Count);
        net.Rig.Received(0);
        // Another has his own.
        for (var i = 0; i < 1_000; i++)
            net.Rig.Carry(1, From(1, "10.10.0.99").Build());
        Assert.Equal(100, net.Rig.Received(0).Count);
        Assert.Equal(1_800, net.Gateway.Total().InDrops(DropReason.FloodLimit));
    }

    [Fact]
    public void So_does_what_comes_from_outside()
    {
        using var world = new WorldRig();
        world.Rig.Member(WorldRig.Uplink).FloodLimit = 100;
        world.Say(WorldRig.Guest0, "udp 10.10.0.5:4000 > 198.51.100.7:53");
        var sent = NatPacket.Read(Assert.Single(world.Rig.Received(WorldRig.Uplink)).Bytes);
        world.Rig.Bridge().Fdb.Forget(new(GuestMac(0)));
        for (var i = 0; i < 1_000; i++)
            world.Say(WorldRig.Uplink, $"udp 198.51.100.7:53 > {sent.Source}:{sent.SourcePort}");
        Assert.Equal(100, world.Rig.Received(WorldRig.Guest1).Count);
        Assert.Equal(900, world.Gateway.Total().InDrops(DropReason.FloodLimit));
    }
}
