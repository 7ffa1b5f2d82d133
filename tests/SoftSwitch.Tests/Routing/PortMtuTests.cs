using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Packets;
using SoftSwitch.Tests.Nat;
using static SoftSwitch.Tests.Routing.MtuTests;
using static SoftSwitch.Tests.Routing.WorldRig;

namespace SoftSwitch.Tests.Routing;

/// <summary>What fits the network but not the port that it is to leave by: that of Guest1 takes 1,280 bytes, all others 1,500.</summary>
public sealed class PortMtuTests
{
    private const int Short = 1280;

    [Fact]
    public void A_packet_from_outside_is_told_about_as_it_came_and_one_to_another_port_arrives()
    {
        using var world = new WorldRig(guest1Mtu: Short);
        foreach (var (guest, address) in new[] { (Guest0, "10.10.0.5"), (Guest1, "10.10.0.6") })
        {
            world.Say(guest, $"udp {address}:4000 > 198.51.100.7:53");
            var port = Assert.Single(world.Heard(Uplink)).SourcePort;
            var frame = NatPacket.Parse($"udp 198.51.100.7:53 > 203.0.113.1:{port} len=1400 df").Build();
            world.Rig.Carry(Uplink, FrameOf(Uplink, frame));
            if (guest == Guest0)
            {
                Assert.Equal(1400, Assert.Single(world.Heard(Guest0)).Payload.Length);
                continue;
            }
            var told = ReceivedIcmp.Of(Assert.Single(world.Rig.Received(Uplink)));
            Assert.Equal(("203.0.113.1", IcmpType.DestinationUnreachable, IcmpUnreachable.FragmentationNeeded, Short),
                (told.From, told.Type, told.Code, told.Mtu));
            Assert.Equal(frame.AsSpan(14, 28).ToArray(), told.Rest[..28]);
            Assert.Empty(world.Rig.Received(Guest1));
            Assert.Equal(1, world.Rig.InDrops(Uplink, DropReason.FragmentationNeeded));
        }
    }

    [Fact]
    public void A_packet_that_may_be_fragmented_is()
    {
        using var world = new WorldRig(guest1Mtu: Short);
        world.Forward(new NaptForward(new(IpProtocol.Udp, 5000, 5000), Ipv4Address.Parse("10.10.0.6"), 5000));
        foreach (var (from, packet) in new[] { (Uplink, "udp 198.51.100.7:53 > 203.0.113.1:5000"),
            (Guest0, "udp 10.10.0.5:53 > 203.0.113.1:5000"), (Guest0, "udp 10.10.0.5:53 > 10.10.0.6:5000") })
        {
            world.Say(from, $"{packet} len=1400");
            var fragments = world.Rig.Received(Guest1);
            Assert.Equal(2, fragments.Count);
            Assert.All(fragments, fragment => Assert.True(fragment.Bytes.Length <= 14 + Short));
            Assert.Equal(NatPacket.Parse($"{packet} len=1400").Payload, NatPacket.Read(Reassemble(fragments)).Payload);
        }
    }

    [Theory]
    [InlineData("udp 10.10.0.5:4000 > 10.10.0.6:5000 len=1400 df")]
    [InlineData("udp 10.10.0.5:4000 > 203.0.113.1:5000 len=1400 df")]
    public void A_guest_is_told_by_his_gateway(string text)
    {
        using var world = new WorldRig(guest1Mtu: Short);
        world.Forward(new NaptForward(new(IpProtocol.Udp, 5000, 5000), Ipv4Address.Parse("10.10.0.6"), 5000));
        var frame = FrameOf(Guest0, NatPacket.Parse(text).Build());
        world.Rig.Carry(Guest0, frame);
        var told = ReceivedIcmp.Of(Assert.Single(world.Rig.Received(Guest0)));
        Assert.Equal(("10.10.0.1", IcmpUnreachable.FragmentationNeeded, Short), (told.From, told.Code, told.Mtu));
        Assert.Equal(frame.AsSpan(14, told.Rest.Length).ToArray(), told.Rest);
        Assert.Empty(world.Rig.Received(Guest1));
        Assert.Empty(world.Rig.Received(Uplink));
    }

    [Fact]
    public void The_sender_of_a_packet_that_had_to_wait_is_told_when_the_port_is_known()
    {
        using var world = new WorldRig(guest1Mtu: Short);
        world.Gateway.Ipv4Neighbors.Table.Forget(Ipv4Address.Parse("10.10.0.6"));
        world.Forward(new NaptForward(new(IpProtocol.Udp, 5000, 5000), Ipv4Address.Parse("10.10.0.6"), 5000));
        var frame = NatPacket.Parse("udp 198.51.100.7:53 > 203.0.113.1:5000 len=1400 df").Build();
        world.Rig.Carry(Uplink, FrameOf(Uplink, frame));
        world.Say(Uplink, "udp 198.51.100.7:53 > 203.0.113.1:5000 len=100");
        Assert.Empty(world.Rig.Received(Uplink));
        world.Rig.Received(Guest1);
        world.Rig.Carry(Guest1, GatewayRig.Arp(ArpMessage.Reply, GatewayRig.GuestMac(1), "10.10.0.6", "10.10.0.1", GatewayRig.GatewayMac));
        var told = ReceivedIcmp.Of(Assert.Single(world.Rig.Received(Uplink)));
        Assert.Equal(("203.0.113.1", IcmpUnreachable.FragmentationNeeded, Short), (told.From, told.Code, told.Mtu));
        Assert.Equal(frame.AsSpan(14, 28).ToArray(), told.Rest[..28]);
        Assert.Equal(100, Assert.Single(world.Heard(Guest1)).Payload.Length);
        Assert.Equal(1, world.Gateway.Total().InDrops(DropReason.FragmentationNeeded));
    }

    [Fact]
    public void A_super_frame_whose_segments_are_too_long_is_told_about()
    {
        using var world = new WorldRig(offloads: PortOffloads.All, guest1Mtu: Short);
        world.Forward(new NaptForward(new(IpProtocol.Tcp, 80, 80), Ipv4Address.Parse("10.10.0.6"), 80));
        world.Say(Uplink, "tcp 198.51.100.7:4000 > 203.0.113.1:80 S seq=1");
        Assert.Single(world.Rig.Received(Guest1));
        foreach (var (segment, fits) in new[] { (1400, false), (1200, true) })
        {
            var packet = NatPacket.Parse("tcp 198.51.100.7:4000 > 203.0.113.1:80 A seq=2 ack=1 len=4200 df");
            world.Rig.Carry(Uplink, FrameOf(Uplink, packet.Build(isPartial: true)), packet.Offload(segment));
            Assert.Equal(fits ? 1 : 0, world.Rig.Received(Guest1).Count);
            var told = world.Rig.Received(Uplink).Select(frame => (int)ReceivedIcmp.Of(frame with { Offload = default }).Mtu);
            Assert.Equal(fits ? [] : [Short], told);
        }
    }

    [Theory]
    [InlineData(Guest0, Uplink, "10.10.0.5:4000 > 198.51.100.7:80", 1460)]
    [InlineData(Guest1, Uplink, "10.10.0.6:4000 > 198.51.100.7:80", 1240)]
    [InlineData(Uplink, Guest0, "198.51.100.7:4000 > 203.0.113.1:80", 1460)]
    [InlineData(Uplink, Guest1, "198.51.100.7:4000 > 203.0.113.1:81", 1240)]
    [InlineData(Guest0, Guest1, "10.10.0.5:4000 > 203.0.113.1:81", 1240)]
    [InlineData(Guest1, Guest0, "10.10.0.6:4000 > 203.0.113.1:80", 1240)]
    [InlineData(Guest0, Guest1, "10.10.0.5:4000 > 10.10.0.6:81", 1240)]
    [InlineData(Guest1, Guest0, "10.10.0.6:4000 > 10.10.0.5:80", 1240)]
    public void The_segment_size_of_a_connection_fits_the_ports_at_its_ends(int from, int to, string ends, int heard)
    {
        using var world = new WorldRig(guest1Mtu: Short);
        world.Forward(new NaptForward(new(IpProtocol.Tcp, 80, 80), Ipv4Address.Parse("10.10.0.5"), 80),
            new NaptForward(new(IpProtocol.Tcp, 81, 81), Ipv4Address.Parse("10.10.0.6"), 81));
        Assert.Equal(heard, SegmentSizeBehind(world, from, to, 1460, isPartial: false, ends));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_echo_longer_than_the_asker_s_port_is_answered_in_fragments(bool dontFragment)
    {
        using var world = new WorldRig(guest1Mtu: Short);
        var request = GatewayRig.Echo(1, "10.10.0.1", length: 1400);
        world.Rig.Carry(Guest1, dontFragment ? DontFragment(request) : request);
        var fragments = world.Rig.Received(Guest1);
        Assert.Equal(2, fragments.Count);
        Assert.Equal(request[42..], NatPacket.Read(Reassemble(fragments)).Payload);
    }

    [Fact]
    public void An_error_fits_the_shortest_port()
    {
        using var world = new WorldRig(guest1Mtu: 300);
        world.Say(Guest1, "udp 10.10.0.6:4000 > 10.20.0.5:53 len=1000");
        var error = Assert.Single(world.Rig.Received(Guest1));
        Assert.Equal(IcmpUnreachable.Prohibited, ReceivedIcmp.Of(error).Code);
        Assert.Equal(314, error.Bytes.Length);
    }
}
