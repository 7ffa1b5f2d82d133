using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Forwarding.Stations.Neighbors;
using SoftSwitch.Packets;
using static SoftSwitch.Tests.Routing.GatewayRig;

namespace SoftSwitch.Tests.Routing;

/// <summary>
/// Questions for neighbors count for the port whose packets wait, and one that was not sent is none that a neighbor left unanswered.
/// </summary>
public sealed class QuestionTests
{
    private const ulong WideMac = 0x0253_0000_0009;

    [Fact]
    public void A_neighbor_is_declared_dead_only_after_three_questions_that_were_sent()
    {
        using var net = new GatewayRig();
        var gateway = AddWide(net);
        Sweep(net, 1200);
        var asked = new Dictionary<uint, int>();
        var told = new HashSet<uint>();
        for (var second = 0; second < 8; second++)
        {
            Hear();
            net.Later(1);
            net.Rig.Tick(gateway);
        }
        Hear();
        var neighbors = new List<Neighbor>();
        gateway.Ipv4Neighbors.Table.CopyTo(neighbors, net.Rig.Now);
        var dead = neighbors.Where(neighbor => neighbor.State == NeighborState.Failed).Select(neighbor => neighbor.Address.Value).ToList();
        Assert.NotEmpty(dead);
        Assert.All(dead, address => Assert.Equal(3, asked[address]));
        Assert.NotEmpty(told);
        Assert.All(told, address => Assert.Equal(3, asked[address]));
        // What waited for the others is given up as well.
        Assert.True(gateway.Total().InDrops(DropReason.NeighborQueueFull) > 0);
        Assert.Equal(1200, gateway.Total().InDrops(DropReason.NeighborQueueFull) + gateway.Total().InDrops(DropReason.NeighborUnreachable));

        void Hear()
        {
            foreach (var arp in ReceivedArp.Of(net.Rig.Received(1)).Where(arp => arp.Message.SenderAddress == gateway.Address))
                asked[arp.Message.TargetAddress.Value] = asked.GetValueOrDefault(arp.Message.TargetAddress.Value) + 1;
            foreach (var frame in net.Rig.Received(0).Where(frame => frame.Bytes[13] == 0 && frame.Bytes[23] == IpProtocol.Icmp))
                told.Add(Ipv4Address.Read(frame.Bytes.AsSpan(14 + 20 + 8 + 16)).Value);
        }
    }

    [Fact]
    public void Who_sweeps_a_subnet_takes_no_question_from_another_port()
    {
        using var net = new GatewayRig();
        var gateway = AddWide(net);
        Sweep(net, 2000);
        net.Rig.Carry(1, FrameOf(1, "10.50.99.99"));
        net.Rig.Received(1);
        var asked = 0;
        for (var second = 0; second < 5; second++)
        {
            // All hear the question but who provoked it at once.
            asked += ReceivedArp.Of(net.Rig.Received(0)).Count(arp => arp.Message.TargetAddress.ToString() == "10.50.99.99");
            net.Later(1);
            net.Rig.Tick(gateway);
        }
        Assert.Equal(3, asked);
        net.Rig.Received(1);
        net.Rig.Carry(1, FrameOf(1, "10.50.99.99"));
        Assert.Single(net.Rig.Received(1), frame => frame.Bytes[13] == 0 && frame.Bytes[23] == IpProtocol.Icmp);
    }

    [Fact]
    public void A_port_whose_packets_wait_asks_where_another_may_not_any_more()
    {
        using var net = new GatewayRig();
        var gateway = AddWide(net);
        Sweep(net, 600);
        net.Rig.Carry(0, FrameOf(0, "10.50.99.99"));
        Assert.DoesNotContain(ReceivedArp.Of(net.Rig.Received(1)), arp => arp.Message.TargetAddress.ToString() == "10.50.99.99");
        net.Rig.Carry(1, FrameOf(1, "10.50.99.99"));
        Assert.Single(ReceivedArp.Of(net.Rig.Received(0)), arp => arp.Message.TargetAddress.ToString() == "10.50.99.99");
        // With the ticks as well, although the other's packet has waited longer.
        for (var second = 0; second < 4; second++)
        {
            net.Later(1);
            Sweep(net, 600);
            net.Rig.Tick(gateway);
        }
        Assert.Equal(2, ReceivedArp.Of(net.Rig.Received(0)).Count(arp => arp.Message.TargetAddress.ToString() == "10.50.99.99"));
        Assert.True(gateway.Total().InDrops(DropReason.NeighborUnreachable) >= 2);
    }

    [Fact]
    public void What_others_have_waiting_takes_no_room_from_the_turn_that_brings_the_answer()
    {
        using var net = new GatewayRig();
        net.Rig.Add();
        net.Introduce();
        // Three ports have more than one turn can make.
        for (var i = 0; i < 208; i++)
        {
            for (var port = 0; port < 3; port++)
                net.Rig.Send(port, From(port, "10.10.0.77").Build());
        }
        net.Rig.Turn();
        net.Rig.Received(0);
        net.Rig.Send(1, Arp(ArpMessage.Reply, GuestMac(1), "10.10.0.77", "10.10.0.1", GatewayMac));
        net.Rig.Send(1, From(1, "10.10.0.88").Build());
        net.Rig.Turn();
        Assert.Single(ReceivedArp.Of(net.Rig.Received(0)), arp => arp.Message.TargetAddress.ToString() == "10.10.0.88");
    }

    private static Gateway AddWide(GatewayRig net)
    {
        var gateway = net.Rig.Add(new Gateway("wide", new(WideMac), Ipv4Address.Parse("10.50.0.1"), Subnet("10.50.0.0/16"), 1500, 1, 0), 0);
        net.Rig.Tick(gateway);
        for (var port = 0; port < 2; port++)
            net.Rig.Carry(port, Arp(ArpMessage.Request, GuestMac(port), $"10.50.0.{5 + port}", "10.50.0.1"));
        net.Rig.Received(0);
        net.Rig.Received(1);
        return gateway;
    }

    private static void Sweep(GatewayRig net, int count)
    {
        for (var i = 0; i < count; i++)
            net.Rig.Carry(0, FrameOf(0, $"10.50.{1 + i / 200}.{1 + i % 200}"));
    }

    private static byte[] FrameOf(int port, string to) =>
        (From(port, to) with { Destination = WideMac, From = $"10.50.0.{5 + port}" }).Build();
}
