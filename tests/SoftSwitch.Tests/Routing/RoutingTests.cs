using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Packets;
using SoftSwitch.Tests.Nat;
using static SoftSwitch.Tests.Routing.WorldRig;

namespace SoftSwitch.Tests.Routing;

/// <summary>Packets in at one port of a switch with translating networks, packets out at another.</summary>
public sealed class RoutingTests
{
    private static readonly NaptForward s_web = new(new(IpProtocol.Tcp, 80, 80), Ipv4Address.Parse("10.10.0.5"), 8080);

    [Fact]
    public void A_guests_packet_leaves_with_the_outside_address_and_the_answer_comes_back()
    {
        using var world = new WorldRig();
        world.Say(Guest0, "udp 10.10.0.5:4000 > 198.51.100.7:53 len=30");
        var sent = Assert.Single(world.Heard(Uplink));
        Assert.Equal(("203.0.113.1", "198.51.100.7", 53, 63),
            (sent.Source.ToString(), sent.Destination.ToString(), sent.DestinationPort, sent.Ttl));

        world.Say(Uplink, $"udp 198.51.100.7:53 > 203.0.113.1:{sent.SourcePort} len=40");
        var answer = Assert.Single(world.Heard(Guest0));
        Assert.Equal("udp 198.51.100.7:53 > 10.10.0.5:4000", answer.ToString());
        Assert.Equal(63, answer.Ttl);
        Assert.Empty(world.Heard(Guest1));
        Assert.Empty(world.Heard(Other));
    }

    [Fact]
    public void A_neighbor_of_the_outside_is_asked_for_and_reached_without_the_router()
    {
        using var world = new WorldRig();
        world.Say(Guest0, "udp 10.10.0.5:4000 > 203.0.113.50:53");
        Assert.Equal("203.0.113.50", Assert.Single(ReceivedArp.Of(world.Rig.Received(Uplink))).Message.TargetAddress.ToString());
        world.Rig.Carry(Uplink, GatewayRig.Arp(ArpMessage.Reply, 0x0600_0000_0050, "203.0.113.50", "203.0.113.1", OutsideMac));
        var frame = Assert.Single(world.Rig.Received(Uplink));
        Assert.Equal((0x0600_0000_0050UL, OutsideMac), (MacAddress.Read(frame.Bytes).Value, MacAddress.Read(frame.Bytes.AsSpan(6)).Value));
        Assert.Equal("203.0.113.1", NatPacket.Read(frame.Bytes).Source.ToString());
    }

    [Fact]
    public void What_comes_from_outside_without_a_flow_is_dropped_in_silence()
    {
        using var world = new WorldRig();
        foreach (var packet in new[] { "udp 198.51.100.7:53 > 203.0.113.1:20000", "tcp 198.51.100.7:53 > 203.0.113.1:20000 S seq=1",
            "tcp 198.51.100.7:53 > 203.0.113.1:20000 A seq=1" })
            world.Say(Uplink, packet);
        Assert.Empty(world.Rig.Received(Uplink));
        Assert.Equal(3, world.Rig.InDrops(Uplink, DropReason.NoFlow));
    }

    [Fact]
    public void An_address_of_its_own_answers_echo_requests_and_a_shared_one_leaves_them_to_the_host()
    {
        using var own = new WorldRig();
        own.Say(Uplink, "icmp 198.51.100.7 > 203.0.113.1 type=8 id=9 len=20");
        Assert.Equal("icmp 203.0.113.1 > 198.51.100.7 type=0 id=9", Assert.Single(own.Heard(Uplink)).ToString());
        using var shared = new WorldRig(isShared: true);
        shared.Say(Uplink, "icmp 198.51.100.7 > 203.0.113.1 type=8 id=9 len=20");
        Assert.Empty(shared.Rig.Received(Uplink));
    }

    [Fact]
    public void ARP_for_an_address_of_its_own_is_answered_and_for_a_shared_one_left_to_the_host()
    {
        foreach (var isShared in new[] { false, true })
        {
            using var world = new WorldRig(isShared);
            world.Rig.Carry(Uplink, GatewayRig.Arp(ArpMessage.Request, RouterMac, "203.0.113.254", "203.0.113.1"));
            Assert.Equal(isShared ? 0 : 1, world.Rig.Received(Uplink).Count);
        }
    }

    [Fact]
    public void A_packet_to_the_shared_address_reaches_the_host_translated()
    {
        using var world = new WorldRig(isShared: true);
        world.Say(Guest0, "tcp 10.10.0.5:4000 > 203.0.113.1:22 S seq=1");
        var sent = Assert.Single(world.Heard(Host));
        Assert.Equal(("169.254.83.1", "203.0.113.1", 22), (sent.Source.ToString(), sent.Destination.ToString(), sent.DestinationPort));
        world.Say(Host, $"tcp 203.0.113.1:22 > 169.254.83.1:{sent.SourcePort} SA seq=5 ack=2");
        Assert.Equal("tcp 203.0.113.1:22 > 10.10.0.5:4000 SA", Assert.Single(world.Heard(Guest0)).ToString());
        Assert.Empty(world.Rig.Received(Uplink));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_forward_is_reached_from_outside_with_the_clients_address(bool isShared)
    {
        using var world = new WorldRig(isShared);
        world.Forward(s_web);
        world.Say(Uplink, "tcp 198.51.100.7:5555 > 203.0.113.1:80 S seq=1");
        Assert.Equal("tcp 198.51.100.7:5555 > 10.10.0.5:8080 S", Assert.Single(world.Heard(Guest0)).ToString());
        world.Say(Guest0, "tcp 10.10.0.5:8080 > 198.51.100.7:5555 SA seq=9 ack=2");
        Assert.Equal("tcp 203.0.113.1:80 > 198.51.100.7:5555 SA", Assert.Single(world.Heard(Uplink)).ToString());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_forward_is_reached_from_inside_by_the_outside_address(bool isShared)
    {
        using var world = new WorldRig(isShared);
        world.Forward(s_web);
        foreach (var (port, address) in new[] { (Guest1, "10.10.0.6"), (Guest0, "10.10.0.5"), (Other, "10.20.0.5") })
        {
            world.Say(port, $"tcp {address}:4000 > 203.0.113.1:80 S seq=1");
            var heard = Assert.Single(world.Heard(Guest0));
            Assert.Equal(("203.0.113.1", "10.10.0.5", 8080),
                (heard.Source.ToString(), heard.Destination.ToString(), heard.DestinationPort));
            world.Say(Guest0, $"tcp 10.10.0.5:8080 > 203.0.113.1:{heard.SourcePort} SA seq=9 ack=2");
            Assert.Equal($"tcp 203.0.113.1:80 > {address}:4000 SA", Assert.Single(world.Heard(port)).ToString());
        }
        Assert.Empty(world.Rig.Received(Uplink));
        Assert.Empty(world.Rig.Received(Host));
    }

    [Fact]
    public void A_forward_is_reached_from_the_host_by_its_link_local_address()
    {
        using var world = new WorldRig(isShared: true);
        world.Forward(s_web);
        world.Say(Host, "tcp 203.0.113.1:6000 > 169.254.83.1:80 S seq=1");
        Assert.Equal("tcp 203.0.113.1:6000 > 10.10.0.5:8080 S", Assert.Single(world.Heard(Guest0)).ToString());
        world.Say(Guest0, "tcp 10.10.0.5:8080 > 203.0.113.1:6000 SA seq=9 ack=2");
        Assert.Equal("tcp 169.254.83.1:80 > 203.0.113.1:6000 SA", Assert.Single(world.Heard(Host)).ToString());
    }

    /// <summary>The host's kernel chooses its ports; this one is of a forward, of the pool, of a forward that leads nowhere yet.</summary>
    [Theory]
    [InlineData("udp", 6000)]
    [InlineData("tcp", 6000)]
    [InlineData("udp", 20000)]
    [InlineData("tcp", 20000)]
    [InlineData("udp", 7000)]
    public void What_the_host_began_is_answered_to_the_host_from_whichever_port_it_came(string protocol, int port)
    {
        using var world = new WorldRig(isShared: true);
        var number = protocol == "tcp" ? IpProtocol.Tcp : IpProtocol.Udp;
        world.Forward(new NaptForward(new(number, 6000, 6999), Ipv4Address.Parse("10.10.0.5"), 6000));
        world.Outside.Waiting = WaitingForwards.Of([(new(IpProtocol.Udp, 7000, 7000), null, false)]);
        var (opening, answer) = protocol == "tcp" ? (" S seq=1", " SA seq=9 ack=2") : ("", "");
        world.Say(Host, $"{protocol} 203.0.113.1:{port} > 169.254.83.1:6100{opening}");
        var asked = Assert.Single(world.Heard(Guest0));
        world.Say(Guest0, $"{protocol} 10.10.0.5:6100 > 203.0.113.1:{port}{answer}");
        Assert.StartsWith($"{protocol} 169.254.83.1:6100 > 203.0.113.1:{port}", Assert.Single(world.Heard(Host)).ToString());
        // In fragments, in any order.
        foreach (var i in (int[])[1, 0, 2])
        {
            var whole = NatPacket.Parse($"{protocol} 10.10.0.5:6100 > 203.0.113.1:{port} len=2000 ip=77"
                + (protocol == "tcp" ? " A seq=10 ack=2" : ""));
            world.Rig.Carry(Guest0, FrameOf(Guest0, FragmentTests.Cut(whole, 800)[i]));
        }
        Assert.Equal(3, world.Rig.Received(Host).Count);
        // And a refusal.
        world.Say(Guest0, new NatPacket
        {
            Protocol = IpProtocol.Icmp, Source = asked.Destination, Destination = asked.Source, IcmpType = IcmpType.DestinationUnreachable,
            IcmpCode = IcmpUnreachable.Port,
            Payload = asked.BuildPacket(),
        });
        var told = Assert.Single(world.Heard(Host));
        Assert.Equal((IcmpType.DestinationUnreachable, IcmpUnreachable.Port), (told.IcmpType, told.IcmpCode));
        Assert.StartsWith($"{protocol} 203.0.113.1:{port} > 169.254.83.1:6100", NatPacket.Read(NatPacket.Frame(told.Payload)).ToString());
        // What others say to the same port still turns around, and what that guest says from another port.
        if (port == 6000)
        {
            foreach (var (from, address) in ((int, string)[])[(Guest1, "10.10.0.6:6100"), (Guest0, "10.10.0.5:6101")])
            {
                world.Say(from, $"{protocol} {address} > 203.0.113.1:{port}{opening}");
                Assert.Equal(6000, Assert.Single(world.Heard(Guest0)).DestinationPort);
            }
        }
        Assert.Empty(world.Rig.Received(Host));
        Assert.Empty(world.Rig.Received(Uplink));
    }

    [Fact]
    public void Networks_behind_one_outside_address_do_not_reach_each_other()
    {
        using var world = new WorldRig();
        world.Say(Guest0, "udp 10.10.0.5:4000 > 10.20.0.5:53");
        var told = Assert.Single(world.Heard(Guest0));
        Assert.Equal((IcmpType.DestinationUnreachable, IcmpUnreachable.Prohibited), (told.IcmpType, told.IcmpCode));
        Assert.Empty(world.Rig.Received(Other));
        Assert.Empty(world.Rig.Received(Uplink));
    }

    [Fact]
    public void Nothing_with_an_inside_source_leaves_when_the_ports_are_used_up_and_the_sender_is_told()
    {
        using var world = new WorldRig(policy: new() { FirstPort = 20_000, LastPort = 20_009 });
        for (var i = 0; i < 20; i++)
        {
            world.Say(Guest0, $"tcp 10.10.0.5:{4000 + i} > 198.51.100.7:80 S seq=1");
            if (i < 10)
            {
                var syn = Assert.Single(world.Heard(Uplink));
                Assert.Equal("203.0.113.1", syn.Source.ToString());
                world.Say(Uplink, $"tcp 198.51.100.7:80 > 203.0.113.1:{syn.SourcePort} SA seq=9 ack=2");
                Assert.Single(world.Heard(Guest0));
                world.Say(Guest0, $"tcp 10.10.0.5:{4000 + i} > 198.51.100.7:80 A seq=2 ack=10");
                Assert.Single(world.Heard(Uplink));
                continue;
            }
            Assert.Empty(world.Heard(Uplink));
            var told = Assert.Single(world.Heard(Guest0));
            Assert.Equal((IcmpType.DestinationUnreachable, IcmpUnreachable.Prohibited), (told.IcmpType, told.IcmpCode));
        }
        // Those that are there go on.
        world.Say(Guest0, "tcp 10.10.0.5:4000 > 198.51.100.7:80 A seq=2 ack=10");
        Assert.Single(world.Heard(Uplink));
    }

    [Fact]
    public void A_network_comes_behind_an_outside_that_others_use()
    {
        using var world = new WorldRig();
        world.Outside.Inside = new([world.Gateway], [world.Gateway.Subnet]);
        world.Say(Other, "udp 10.20.0.5:4000 > 198.51.100.7:53");
        var port = Assert.Single(world.Heard(Uplink)).SourcePort;
        world.Say(Uplink, $"udp 198.51.100.7:53 > 203.0.113.1:{port}");
        Assert.Empty(world.Heard(Other));
        world.Outside.Inside = new([world.Gateway, world.OtherGateway], [world.Gateway.Subnet, world.OtherGateway.Subnet]);
        world.Say(Uplink, $"udp 198.51.100.7:53 > 203.0.113.1:{port}");
        Assert.Equal("10.20.0.5", Assert.Single(world.Heard(Other)).Destination.ToString());
    }

    [Fact]
    public void Who_goes_on_sending_from_a_network_that_was_removed_is_told_and_the_others_go_on()
    {
        using var world = new WorldRig();
        world.Say(Guest0, "tcp 10.10.0.5:4000 > 198.51.100.7:80 S seq=1");
        var goes = Assert.Single(world.Heard(Uplink)).SourcePort;
        world.Say(Other, "tcp 10.20.0.5:4000 > 198.51.100.7:80 S seq=1");
        var stays = Assert.Single(world.Heard(Uplink)).SourcePort;
        world.Outside.Translator.RemovePolicy(world.Gateway.Policy, world.Rig.Now);

        world.Say(Uplink, $"tcp 198.51.100.7:80 > 203.0.113.1:{goes} SA seq=9 ack=2");
        Assert.Empty(world.Heard(Guest0));
        world.Say(Guest0, "tcp 10.10.0.5:4000 > 198.51.100.7:80 A seq=2 ack=10");
        Assert.Empty(world.Heard(Uplink));
        var told = Assert.Single(world.Heard(Guest0));
        Assert.Equal((IcmpType.DestinationUnreachable, IcmpUnreachable.Prohibited), (told.IcmpType, told.IcmpCode));
        world.Say(Uplink, $"tcp 198.51.100.7:80 > 203.0.113.1:{stays} SA seq=9 ack=2");
        Assert.Equal("10.20.0.5", Assert.Single(world.Heard(Other)).Destination.ToString());
    }

    [Fact]
    public void Nothing_leaves_while_there_is_no_way_out()
    {
        using var world = new WorldRig();
        world.Gateway.Ways = WaysOut.None;
        world.Say(Guest0, "udp 10.10.0.5:4000 > 198.51.100.7:53");
        Assert.Empty(world.Rig.Received(Uplink));
        Assert.Equal(IcmpUnreachable.Network, Assert.Single(world.Heard(Guest0)).IcmpCode);
    }

    [Fact]
    public void An_error_from_the_way_reaches_the_guest_about_its_own_packet()
    {
        using var world = new WorldRig();
        world.Say(Guest0, NatPacket.Parse("udp 10.10.0.5:4000 > 198.51.100.7:53 len=30") with { Ttl = 2 });
        var sent = Assert.Single(world.Heard(Uplink));
        var error = new NatPacket
        {
            Protocol = IpProtocol.Icmp,
            Source = Ipv4Address.Parse("192.0.2.99"),
            Destination = world.Outside.Address,
            IcmpType = IcmpType.TimeExceeded,
            Payload = sent.BuildPacket(),
        };
        world.Say(Uplink, error);
        var told = Assert.Single(world.Heard(Guest0));
        Assert.Equal(("192.0.2.99", IcmpType.TimeExceeded), (told.Source.ToString(), told.IcmpType));
        var inner = NatPacket.Read(NatPacket.Frame(told.Payload));
        Assert.Equal("udp 10.10.0.5:4000 > 198.51.100.7:53", inner.ToString());
    }

    [Fact]
    public void A_packet_from_outside_at_its_last_hop_is_answered_from_the_outside_address_about_what_came()
    {
        using var world = new WorldRig();
        world.Say(Guest0, "udp 10.10.0.5:4000 > 198.51.100.7:53");
        var sent = Assert.Single(world.Heard(Uplink));
        world.Say(Uplink, NatPacket.Parse($"udp 198.51.100.7:53 > 203.0.113.1:{sent.SourcePort} len=40") with { Ttl = 1 });
        Assert.Empty(world.Heard(Guest0));
        var told = Assert.Single(world.Heard(Uplink));
        Assert.Equal(("203.0.113.1", "198.51.100.7", IcmpType.TimeExceeded),
            (told.Source.ToString(), told.Destination.ToString(), told.IcmpType));
        Assert.Equal($"udp 198.51.100.7:53 > 203.0.113.1:{sent.SourcePort}", NatPacket.Read(NatPacket.Frame(told.Payload)).ToString());
    }

    [Fact]
    public void A_super_frame_crosses_whole_where_both_sides_take_it()
    {
        using var world = new WorldRig(offloads: PortOffloads.All);
        var packet = NatPacket.Parse("tcp 10.10.0.5:4000 > 198.51.100.7:80 A seq=1 len=20000");
        world.Rig.Carry(Guest0, FrameOf(Guest0, packet.Build(isPartial: true)), packet.Offload(1400));
        var frame = Assert.Single(world.Rig.Received(Uplink));
        Assert.Equal((GsoType.TcpV4, 1400), (frame.Offload.GsoType, frame.Offload.GsoSize));
        Assert.Equal(packet.Payload, NatPacket.Read(NatPacket.Complete(frame.Bytes, frame.Offload)).Payload);
    }

    [Fact]
    public void A_super_frame_is_cut_where_the_outside_does_not_take_it()
    {
        using var world = new WorldRig();
        var packet = NatPacket.Parse("tcp 10.10.0.5:4000 > 198.51.100.7:80 A seq=1 len=20000");
        world.Rig.Carry(Guest0, FrameOf(Guest0, packet.Build(isPartial: true)), packet.Offload(1400));
        var segments = world.Heard(Uplink);
        Assert.Equal(15, segments.Count);
        Assert.Equal(packet.Payload, segments.SelectMany(segment => segment.Payload));
    }

    [Theory]
    [InlineData("10.10.0.6")]
    [InlineData("10.10.0.1")]
    [InlineData("10.20.0.5")]
    [InlineData("203.0.113.1")]
    [InlineData("127.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("0.0.0.0")]
    [InlineData("169.254.83.1")]
    public void Nobody_outside_speaks_with_an_address_of_ours(string source)
    {
        using var world = new WorldRig();
        world.Forward(s_web);
        world.Say(Uplink, $"tcp {source}:5555 > 203.0.113.1:80 S seq=1");
        Assert.Empty(world.Rig.Received(Guest0));
        Assert.Equal(1, world.Rig.InDrops(Uplink, DropReason.SourceForged));
    }

    [Fact]
    public void A_router_that_is_not_in_the_outside_subnet_is_found()
    {
        using var world = new WorldRig();
        world.Outside.NextHops = new([(GatewayRig.Subnet("0.0.0.0/0"), Ipv4Address.Parse("172.31.1.1"))]);
        world.Say(Guest0, "udp 10.10.0.5:4000 > 198.51.100.7:53");
        Assert.Equal("172.31.1.1", Assert.Single(ReceivedArp.Of(world.Rig.Received(Uplink))).Message.TargetAddress.ToString());
        world.Rig.Carry(Uplink, GatewayRig.Arp(ArpMessage.Reply, 0x0600_0000_0077, "172.31.1.1", "203.0.113.1", OutsideMac));
        Assert.Equal(0x0600_0000_0077UL, MacAddress.Read(Assert.Single(world.Rig.Received(Uplink)).Bytes).Value);
    }

    [Fact]
    public void A_frame_of_a_guest_to_another_guest_never_meets_the_translation()
    {
        using var world = new WorldRig();
        var frame = NatPacket.Parse("udp 10.10.0.5:4000 > 10.10.0.6:53").Build();
        new MacAddress(GatewayRig.GuestMac(1)).Write(frame);
        new MacAddress(GatewayRig.GuestMac(0)).Write(frame.AsSpan(6));
        world.Rig.Carry(Guest0, frame);
        var heard = Assert.Single(world.Heard(Guest1));
        Assert.Equal((64, "10.10.0.5"), (heard.Ttl, heard.Source.ToString()));
    }
}
