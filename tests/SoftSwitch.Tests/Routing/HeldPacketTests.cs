using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Packets;
using SoftSwitch.Tests.Nat;
using static SoftSwitch.Tests.Routing.WorldRig;

namespace SoftSwitch.Tests.Routing;

/// <summary>
/// What waits for a neighbor whose MAC isn't known: it arrives in its order, or its sender is told about what he has sent.
/// </summary>
public sealed class HeldPacketTests
{
    /// <summary>Who sends what, who is asked for on which link, and from which station the sender hears that nobody answers.</summary>
    public static TheoryData<string, bool, int, string, int, string, string> Ways => new()
    {
        { "to a neighbor by the gateway", false, Guest0, "udp 10.10.0.5:4000 > 10.10.0.77:53", Guest1, "10.10.0.77", "10.10.0.1" },
        { "to a neighbor outside", false, Guest0, "udp 10.10.0.5:4000 > 203.0.113.50:53", Uplink, "203.0.113.50", "10.10.0.1" },
        { "to a router outside", true, Guest0, "udp 10.10.0.5:4000 > 192.0.2.7:53", Uplink, "203.0.113.253", "10.10.0.1" },
        { "to a guest by a forward", false, Uplink, "udp 198.51.100.7:53 > 203.0.113.1:99", Guest1, "10.10.0.77", "203.0.113.1" },
        { "to a guest by a forward of a shared address", true, Uplink, "udp 198.51.100.7:53 > 203.0.113.1:99", Guest1, "10.10.0.77",
            "203.0.113.1" },
        { "hairpin", false, Guest0, "udp 10.10.0.5:4000 > 203.0.113.1:99", Guest1, "10.10.0.77", "10.10.0.1" },
        { "hairpin from another network", true, Other, "udp 10.20.0.5:4000 > 203.0.113.1:99", Guest1, "10.10.0.77", "10.20.0.1" },
        { "from the host by a forward", true, Host, "udp 203.0.113.1:6000 > 169.254.83.1:99", Guest1, "10.10.0.77", "169.254.83.1" },
        { "echo to a neighbor outside", false, Guest0, "icmp 10.10.0.5 > 203.0.113.50 type=8 id=7", Uplink, "203.0.113.50", "10.10.0.1" },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public void The_first_large_datagrams_arrive_in_their_order(string way, bool isShared, int from, string text, int to,
        string neighbor, string _)
    {
        foreach (var isReversed in new[] { false, true })
        {
            using var world = Open(isShared);
            for (var i = 0; i < 3; i++)
            {
                var fragments = FragmentTests.Cut(NatPacket.Parse($"{text} len={65_000 + i} ip={70 + i}"), 1480);
                if (isReversed)
                    fragments.Reverse();
                foreach (var fragment in fragments)
                    world.Rig.Send(from, FrameOf(from, fragment));
            }
            world.Rig.Turn();
            var asked = Assert.Single(ReceivedArp.Of(world.Rig.Received(to)));
            Assert.Equal(neighbor, asked.Message.TargetAddress.ToString());
            Answer(world, to, neighbor);
            var reassembly = new Reassembly();
            world.Rig.Received(to).ForEach(frame => reassembly.Add(frame.Bytes));
            Assert.True(reassembly.Packets.Count == 3, $"{way}: {reassembly.Packets.Count} datagrams arrived");
            Assert.Equal([65_000, 65_001, 65_002], reassembly.Packets.Select(packet => packet.Payload.Length));
            // What comes afterwards finds the way.
            world.Say(from, text);
            Assert.Single(world.Rig.Received(to));
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Who_has_sent_to_a_dead_neighbor_is_told_about_each_packet_as_he_sent_it(
        string way, bool isShared, int from, string text, int to, string neighbor, string teller)
    {
        using var world = Open(isShared);
        var sent = Enumerable.Range(0, 5).Select(i => NatPacket.Parse($"{text} len={100 + i} ip={70 + i}")).ToList();
        foreach (var packet in sent)
            world.Say(from, packet);
        // One in fragments is told about once.
        var large = NatPacket.Parse($"{text} len=4000 ip=99");
        foreach (var fragment in FragmentTests.Cut(large, 1480))
            world.Rig.Carry(from, FrameOf(from, fragment));
        Assert.Empty(Errors(world, from));
        for (var second = 0; second < 5; second++)
        {
            world.Rig.Now += TimeSpan.FromSeconds(1);
            Tick(world);
        }
        Assert.True(3 == ReceivedArp.Of(world.Rig.Received(to)).Count(arp => arp.Message.TargetAddress.ToString() == neighbor),
            $"{way}: not asked for three times");
        var told = Errors(world, from);
        Assert.True(told.Count == 6, $"{way}: told {told.Count} times");
        Assert.All(told, icmp => Assert.Equal((teller, sent[0].Source.ToString(), IcmpUnreachable.Host), (icmp.From, icmp.To, icmp.Code)));
        for (var i = 0; i < sent.Count; i++)
            Assert.Equal(sent[i].BuildPacket(), told[i].Rest);
        Assert.Equal(FragmentTests.Cut(large, 1480)[0].AsSpan(14, told[5].Rest.Length).ToArray(), told[5].Rest);

        // While it is known to be dead, each packet is told about at once.
        world.Say(from, sent[0]);
        Assert.Equal(sent[0].BuildPacket(), Assert.Single(Errors(world, from)).Rest);
    }

    [Fact]
    public void Errors_about_what_has_waited_are_bounded_by_port()
    {
        using var world = Open(isShared: false);
        for (var i = 0; i < 120; i++)
            world.Say(Guest0, $"udp 10.10.0.5:{4000 + i} > 203.0.113.50:53");
        world.Say(Guest1, "udp 10.10.0.6:4000 > 203.0.113.50:53");
        for (var second = 0; second < 5; second++)
        {
            world.Rig.Now += TimeSpan.FromSeconds(1);
            Tick(world);
        }
        Assert.Equal(50, Errors(world, Guest0).Count);
        Assert.Single(Errors(world, Guest1));
        Assert.Equal(121, world.Outside.Total().InDrops(DropReason.NeighborUnreachable));
    }

    [Fact]
    public void One_port_that_fills_a_neighbors_queue_leaves_another_its_own()
    {
        using var world = Open(isShared: false);
        for (var i = 0; i < 1000; i++)
            world.Say(Guest0, $"udp 10.10.0.5:4000 > 203.0.113.50:53 ip={i} df");
        Assert.Equal(1000 - 208, world.Rig.InDrops(Guest0, DropReason.NeighborQueueFull));
        world.Say(Guest1, "udp 10.10.0.6:4000 > 203.0.113.50:53 len=1000");
        Assert.Equal(0, world.Rig.InDrops(Guest1, DropReason.NeighborQueueFull));
        world.Rig.Received(Uplink);
        Answer(world, Uplink, "203.0.113.50");
        Assert.Equal(209, world.Rig.Received(Uplink).Count);
    }

    [Fact]
    public void What_a_turn_cannot_make_at_once_it_makes_when_that_is_transmitted_and_keeps_its_order()
    {
        using var world = Open(isShared: false);
        // Three ports have more than the 512 frames that one turn can make.
        for (var i = 0; i < 208; i++)
        {
            world.Say(Guest0, $"udp 10.10.0.5:4000 > 203.0.113.50:53 ip={i} df");
            world.Say(Guest1, $"udp 10.10.0.6:4000 > 203.0.113.50:53 ip={i} df");
            world.Say(Other, $"udp 10.20.0.5:4000 > 203.0.113.50:53 ip={i} df");
        }
        world.Rig.Received(Uplink);
        Answer(world, Uplink, "203.0.113.50");
        var heard = world.Heard(Uplink);
        Assert.Equal(624, heard.Count);
        world.Say(Guest0, "udp 10.10.0.5:4000 > 203.0.113.50:53 ip=208 df");
        heard.AddRange(world.Heard(Uplink));
        Assert.Equal(625, heard.Count);
        foreach (var sender in heard.GroupBy(packet => packet.SourcePort))
            Assert.Equal(Enumerable.Range(0, sender.Count()), sender.Select(packet => (int)packet.Identification));
    }

    [Fact]
    public void An_answer_that_came_while_a_packet_was_put_aside_is_not_missed()
    {
        using var world = Open(isShared: false);
        world.Say(Guest0, "udp 10.10.0.5:4000 > 203.0.113.50:53");
        world.Rig.Received(Uplink);
        // As another worker would hear it: nothing waits at that moment.
        world.Outside.Ipv4Neighbors.Table.Learn(
            Ipv4Address.Parse("203.0.113.50"), new(0x0600_0000_0050), world.Outside, world.Rig.Now, create: false);
        world.Rig.Tick(world.Outside);
        Assert.Single(world.Heard(Uplink));
    }

    private static WorldRig Open(bool isShared)
    {
        var world = new WorldRig(isShared);
        world.Forward(new NaptForward(new(IpProtocol.Udp, 99, 99), Ipv4Address.Parse("10.10.0.77"), 53));
        world.Outside.NextHops = new(
        [
            (GatewayRig.Subnet("203.0.113.0/24"), null), (GatewayRig.Subnet("192.0.2.0/24"), Ipv4Address.Parse("203.0.113.253")),
            (GatewayRig.Subnet("0.0.0.0/0"), Ipv4Address.Parse("203.0.113.254")),
        ]);
        // The gateway and the outside have announced themselves.
        Tick(world);
        for (var port = 0; port <= Host; port++)
            world.Rig.Received(port);
        return world;
    }

    private static void Tick(WorldRig world)
    {
        world.Rig.Tick(world.Gateway);
        world.Rig.Tick(world.OtherGateway);
        world.Rig.Tick(world.Outside);
        world.Rig.Tick(world.HostWay);
    }

    private static void Answer(WorldRig world, int at, string neighbor)
    {
        var (mac, asker) = at == Uplink ? (0x0600_0000_0050UL, OutsideMac) : (GatewayRig.GuestMac(at), GatewayRig.GatewayMac);
        world.Rig.Carry(at, GatewayRig.Arp(ArpMessage.Reply, mac, neighbor, at == Uplink ? "203.0.113.1" : "10.10.0.1", asker));
    }

    private static List<ReceivedIcmp> Errors(WorldRig world, int port) =>
        [.. world.Rig.Received(port).Where(frame => frame.Bytes[13] == 0 && frame.Bytes[23] == IpProtocol.Icmp).Select(ReceivedIcmp.Of)];
}
