using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Forwarding.Stations.Neighbors;
using SoftSwitch.Packets;
using SoftSwitch.Tests.Forwarding;
using static SoftSwitch.Tests.Routing.GatewayRig;

namespace SoftSwitch.Tests.Routing;

public sealed class ArpTests
{
    [Fact]
    public void The_gateway_answers_who_asks_for_its_address()
    {
        using var net = new GatewayRig();
        net.Rig.Carry(0, Arp(ArpMessage.Request, GuestMac(0), "10.10.0.5", "10.10.0.1"));
        var answer = Assert.Single(ReceivedArp.Of(net.Rig.Received(0)));
        Assert.Equal(GuestMac(0), answer.To);
        Assert.Equal(GatewayMac, answer.From);
        Assert.Equal(new(ArpMessage.Reply, new(GatewayMac), Ipv4Address.Parse("10.10.0.1"), new(GuestMac(0)),
            Ipv4Address.Parse("10.10.0.5")), answer.Message);
        // The others hear the question, which was for all, and not the answer.
        Assert.Single(net.Rig.Received(1));
    }

    [Fact]
    public void A_probe_for_the_gateways_address_is_answered_and_not_learnt_from()
    {
        using var net = new GatewayRig();
        net.Rig.Carry(0, Arp(ArpMessage.Request, GuestMac(0), "0.0.0.0", "10.10.0.1"));
        Assert.Single(ReceivedArp.Of(net.Rig.Received(0)));
        Assert.Empty(Neighbors(net));
    }

    [Theory]
    [InlineData("10.10.0.6")]
    [InlineData("10.10.0.77")]
    [InlineData("192.0.2.1")]
    public void Nobody_else_is_answered_for(string target)
    {
        using var net = new GatewayRig();
        net.Rig.Carry(0, Arp(ArpMessage.Request, GuestMac(0), "10.10.0.5", target));
        Assert.Empty(net.Rig.Received(0));
        Assert.Empty(Neighbors(net));
    }

    [Fact]
    public void An_address_from_another_subnet_is_not_learnt()
    {
        using var net = new GatewayRig();
        net.Rig.Carry(0, Arp(ArpMessage.Request, GuestMac(0), "192.0.2.5", "10.10.0.1"));
        Assert.Empty(Neighbors(net));
    }

    [Fact]
    public void The_gateway_announces_itself_once()
    {
        using var net = new GatewayRig();
        net.Rig.Tick(net.Gateway);
        net.Rig.Tick(net.Gateway);
        var said = Assert.Single(ReceivedArp.Of(net.Rig.Received(0)));
        Assert.Equal(said.Message.SenderAddress, said.Message.TargetAddress);
        Assert.Equal(Stations.Broadcast, said.To);
    }

    [Fact]
    public void Neighbors_who_come_later_hear_the_announcement_twice_once_for_all_that_come_together()
    {
        using var net = new GatewayRig();
        net.Rig.Tick(net.Gateway);
        net.Rig.Received(0);
        for (var newcomers = 0; newcomers < 3; newcomers++)
            net.Gateway.AnnounceAgain();
        for (var ticks = 0; ticks < 4; ticks++)
            net.Rig.Tick(net.Gateway);
        Assert.Equal(2, ReceivedArp.Of(net.Rig.Received(0)).Count(arp => arp.Message.SenderAddress == arp.Message.TargetAddress));
    }

    [Fact]
    public void A_frame_with_the_gateways_mac_as_its_source_is_dropped_and_moves_nothing()
    {
        using var net = new GatewayRig();
        net.Introduce();
        net.Rig.Carry(0, Stations.Frame(GuestMac(1), GatewayMac));
        Assert.Equal(1, net.Rig.InDrops(0, DropReason.SourceTaken));
        net.Rig.Carry(1, Echo(1, "10.10.0.1"));
        Assert.Single(net.Rig.Received(1));
    }

    [Fact]
    public void Packets_wait_for_a_neighbors_answer_and_leave_in_their_order()
    {
        using var net = new GatewayRig();
        for (var i = 0; i < 170; i++)
            net.Rig.Carry(0, (From(0, "10.10.0.6") with { Payload = 1300 + i }).Build());
        var question = Assert.Single(ReceivedArp.Of(net.Rig.Received(1)));
        Assert.Equal(("10.10.0.6", Stations.Broadcast), (question.Message.TargetAddress.ToString(), question.To));
        // 212,992 bytes of them.
        const int kept = 150;
        Assert.Equal(170 - kept, net.Rig.InDrops(0, DropReason.NeighborQueueFull));

        net.Rig.Carry(1, Arp(ArpMessage.Reply, GuestMac(1), "10.10.0.6", "10.10.0.1", GatewayMac));
        var frames = SecondOpinion.Read(net.Rig.Received(1));
        Assert.Equal(Enumerable.Range(1300, kept), frames.Select(frame => frame.Payload.Length));
        net.Rig.Carry(0, From(0, "10.10.0.6").Build());
        Assert.Single(SecondOpinion.Read(net.Rig.Received(1)));
    }

    [Fact]
    public void A_super_frame_waits_whole()
    {
        using var net = new GatewayRig();
        var spec = From(0, "10.10.0.6", IpProtocol.Tcp) with { Payload = 20_000 };
        net.Rig.Carry(0, spec.Build(isPartial: true), spec.Offload(1400));
        net.Rig.Received(1);
        net.Rig.Carry(1, Arp(ArpMessage.Reply, GuestMac(1), "10.10.0.6", "10.10.0.1", GatewayMac));
        Assert.Equal(20_000, SecondOpinion.Read(net.Rig.Received(1)).Sum(frame => frame.Payload.Length));
    }

    [Fact]
    public void A_neighbor_that_does_not_answer_is_asked_three_times_and_then_given_up()
    {
        using var net = new GatewayRig();
        net.Rig.Carry(0, From(0, "10.10.0.77").Build());
        for (var second = 0; second < 6; second++)
        {
            net.Later(1);
            net.Rig.Tick(net.Gateway);
        }
        Assert.Equal(3, ReceivedArp.Of(net.Rig.Received(1)).Count(arp => arp.Message.TargetAddress.ToString() == "10.10.0.77"));
        Assert.Equal(1, net.Gateway.Total().InDrops(DropReason.NeighborUnreachable));
        Assert.Equal(NeighborState.Failed, Assert.Single(Neighbors(net)).State);
    }

    [Fact]
    public void Who_sends_to_a_neighbor_that_does_not_answer_is_told()
    {
        using var net = new GatewayRig();
        net.Introduce();
        for (var second = 0; second < 5; second++)
        {
            net.Rig.Carry(0, From(0, "10.10.0.77").Build());
            net.Later(1);
        }
        var told = net.Rig.Received(0).Where(frame => frame.Bytes[13] == 0).Select(ReceivedIcmp.Of).ToList();
        Assert.All(told, icmp => Assert.Equal((IcmpType.DestinationUnreachable, IcmpUnreachable.Host), (icmp.Type, icmp.Code)));
        Assert.NotEmpty(told);
    }

    [Fact]
    public void An_answer_that_nobody_asked_for_makes_no_neighbor()
    {
        using var net = new GatewayRig();
        net.Rig.Carry(0, Arp(ArpMessage.Reply, GuestMac(0), "10.10.0.99", "10.10.0.99"));
        Assert.Empty(Neighbors(net));
    }

    [Fact]
    public void A_neighbor_that_was_not_confirmed_for_a_minute_is_still_used_and_asked_again()
    {
        using var net = new GatewayRig();
        net.Introduce();
        net.Later(61);
        net.Rig.Carry(0, From(0, "10.10.0.6").Build());
        var frames = net.Rig.Received(1);
        // Itself alone.
        Assert.Equal(GuestMac(1), Assert.Single(ReceivedArp.Of(frames)).To);
        Assert.Equal(2, frames.Count);
        net.Rig.Carry(1, Arp(ArpMessage.Reply, GuestMac(1), "10.10.0.6", "10.10.0.1", GatewayMac));
        net.Later(2);
        net.Rig.Carry(0, From(0, "10.10.0.6").Build());
        Assert.Empty(ReceivedArp.Of(net.Rig.Received(1)));
    }

    [Fact]
    public void A_neighbor_nobody_hears_of_is_forgotten()
    {
        using var net = new GatewayRig();
        net.Introduce();
        net.Later(1300);
        net.Rig.Tick(net.Gateway);
        Assert.Empty(Neighbors(net));
    }

    [Fact]
    public void Nobody_inside_speaks_for_another()
    {
        using var net = new GatewayRig();
        net.Introduce();
        net.Later(5);
        var forged = Arp(ArpMessage.Reply, GuestMac(1), "10.10.0.5", "10.10.0.1", GatewayMac);
        new MacAddress(GuestMac(0)).Write(forged.AsSpan(6));
        net.Rig.Carry(0, forged);
        Assert.Equal(GuestMac(0), Neighbors(net).Single(neighbor => neighbor.Address.ToString() == "10.10.0.5").Mac!.Value.Value);
    }

    [Fact]
    public void Who_sends_to_many_silent_neighbors_leaves_room_for_others()
    {
        using var net = new GatewayRig();
        net.Introduce();
        // A port has 16 times what it has for one neighbor, and then gives up its own oldest.
        net.Rig.Carry(1, From(1, "10.10.0.77").Build());
        for (var i = 0; i < 5000; i++)
            net.Rig.Carry(0, From(0, $"10.10.0.{100 + i % 50}").Build());
        Assert.Equal(5000 - 16 * 212_992 / 1024, net.Gateway.Total().InDrops(DropReason.NeighborQueueFull));
        net.Rig.Received(1);
        net.Rig.Carry(0, Arp(ArpMessage.Reply, GuestMac(0), "10.10.0.77", "10.10.0.1", GatewayMac));
        Assert.Contains(net.Rig.Received(0), frame => frame.Bytes[12] == 8 && frame.Bytes[13] == 0 && frame.Bytes[33] == 77);
    }

    [Fact]
    public void Questions_to_the_network_are_bounded_however_many_are_provoked()
    {
        using var net = new GatewayRig();
        var gateway =
            net.Rig.Add(new Gateway("wide", new(0x0253_0000_0009), Ipv4Address.Parse("10.50.0.1"), Subnet("10.50.0.0/16"), 1500, 1, 0), 0);
        for (var i = 0; i < 2000; i++)
            net.Rig.Carry(0,
                (From(0, $"10.50.{1 + i / 200}.{1 + i % 200}") with { Destination = gateway.Mac.Value, From = "10.50.0.5" }).Build());
        Assert.Equal(500, ReceivedArp.Of(net.Rig.Received(1)).Count());
    }

    private static List<Neighbor> Neighbors(GatewayRig net)
    {
        var neighbors = new List<Neighbor>();
        net.Gateway.Ipv4Neighbors.Table.CopyTo(neighbors, net.Rig.Now);
        return neighbors;
    }
}
