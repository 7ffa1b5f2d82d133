using System.Buffers.Binary;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Packets;
using SoftSwitch.Tests.Forwarding;
using static SoftSwitch.Tests.Routing.GatewayRig;

namespace SoftSwitch.Tests.Routing;

public sealed class GatewayTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(56)]
    [InlineData(1400)]
    public void The_gateway_answers_echo_requests(int length)
    {
        using var net = new GatewayRig();
        net.Rig.Carry(0, Echo(0, "10.10.0.1", length));
        var answer = ReceivedIcmp.Of(Assert.Single(net.Rig.Received(0)));
        Assert.Equal(("10.10.0.1", "10.10.0.5", IcmpType.EchoReply, (byte)64), (answer.From, answer.To, answer.Type, answer.Ttl));
        Assert.Equal(Echo(0, "10.10.0.1", length)[42..], answer.Rest);
        Assert.Empty(net.Rig.Received(1));
    }

    [Fact]
    public void An_echo_request_in_fragments_is_answered_in_fragments()
    {
        using var net = new GatewayRig();
        var whole = Echo(0, "10.10.0.1", 4000);
        var answer = new byte[whole.Length - 34];
        for (var offset = 0; offset < answer.Length; offset += 1480)
            net.Rig.Carry(0, Fragment(whole, offset, int.Min(1480, answer.Length - offset)));
        foreach (var frame in net.Rig.Received(0))
        {
            Assert.Equal(0xFFFF, Wire.Sum(frame.Bytes.AsSpan(14, 20)));
            var length = BinaryPrimitives.ReadUInt16BigEndian(frame.Bytes.AsSpan(16)) - 20;
            frame.Bytes.AsSpan(34, length)
                .CopyTo(answer.AsSpan((BinaryPrimitives.ReadUInt16BigEndian(frame.Bytes.AsSpan(20)) & 0x1FFF) * 8));
        }
        Assert.Equal(IcmpType.EchoReply, answer[0]);
        Assert.Equal(0xFFFF, Wire.Sum(answer));
        Assert.Equal(whole[42..], answer[8..]);
    }

    [Theory]
    [InlineData(IpProtocol.Udp, IcmpUnreachable.Port)]
    [InlineData(IpProtocol.Tcp, IcmpUnreachable.Port)]
    public void What_else_is_sent_to_the_gateway_is_refused(byte protocol, byte code)
    {
        using var net = new GatewayRig();
        var sent = From(0, "10.10.0.1", protocol).Build();
        net.Rig.Carry(0, sent);
        var told = ReceivedIcmp.Of(Assert.Single(net.Rig.Received(0)));
        Assert.Equal((IcmpType.DestinationUnreachable, code), (told.Type, told.Code));
        Assert.Equal(sent[14..(14 + told.Rest.Length)], told.Rest);
        Assert.Equal(1, net.Rig.InDrops(0, DropReason.NotRouted));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_packet_at_its_last_hop_ends_here_and_its_sender_is_told(byte ttl)
    {
        using var net = new GatewayRig();
        var sent = (From(0, "198.51.100.7") with { Ttl = ttl, Payload = 1000 }).Build();
        net.Rig.Carry(0, sent);
        var told = ReceivedIcmp.Of(Assert.Single(net.Rig.Received(0)));
        Assert.Equal(("10.10.0.1", "10.10.0.5", IcmpType.TimeExceeded, (byte)0), (told.From, told.To, told.Type, told.Code));
        // RFC 1812, 4.3.2.3: as much of the packet as fits 576 bytes.
        Assert.Equal(sent[14..(14 + 576 - 28)], told.Rest);
        Assert.Equal(1, net.Rig.InDrops(0, DropReason.TtlExceeded));
    }

    [Fact]
    public void Without_a_way_out_the_sender_is_told_that_there_is_none()
    {
        using var net = new GatewayRig();
        net.Rig.Carry(0, From(0, "198.51.100.7").Build());
        var told = ReceivedIcmp.Of(Assert.Single(net.Rig.Received(0)));
        Assert.Equal((IcmpType.DestinationUnreachable, IcmpUnreachable.Network), (told.Type, told.Code));
        Assert.Equal(1, net.Rig.InDrops(0, DropReason.NoRoute));
    }

    [Fact]
    public void Another_network_of_this_switch_is_not_reached()
    {
        using var net = new GatewayRig();
        net.Gateway.Ways = new([], null, [], [Subnet("10.10.0.0/24"), Subnet("10.20.0.0/24")]);
        net.Rig.Carry(0, From(0, "10.20.0.5").Build());
        var told = ReceivedIcmp.Of(Assert.Single(net.Rig.Received(0)));
        Assert.Equal((IcmpType.DestinationUnreachable, IcmpUnreachable.Prohibited), (told.Type, told.Code));
        Assert.Equal(1, net.Rig.InDrops(0, DropReason.NetworkIsolated));
    }

    [Theory]
    [InlineData("198.51.100.9")]
    [InlineData("10.10.0.0")]
    [InlineData("10.10.0.1")]
    [InlineData("10.10.0.255")]
    [InlineData("10.10.1.5")]
    [InlineData("127.0.0.1")]
    public void A_source_that_no_guest_can_have_goes_nowhere(string source)
    {
        using var net = new GatewayRig();
        net.Rig.Carry(0, (From(0, "198.51.100.7") with { From = source }).Build());
        Assert.Equal(1, net.Rig.InDrops(0, DropReason.SourceOutsideSubnet));
        Assert.Empty(net.Rig.Received(0));
        Assert.Empty(net.Rig.Received(1));
    }

    [Theory]
    [InlineData("255.255.255.255")]
    [InlineData("10.10.0.255")]
    [InlineData("224.0.0.1")]
    [InlineData("127.0.0.1")]
    [InlineData("0.0.0.0")]
    [InlineData("240.0.0.1")]
    [InlineData("169.254.169.254")]
    public void What_names_no_single_station_is_not_routed_and_not_answered(string destination)
    {
        using var net = new GatewayRig();
        net.Rig.Carry(0, From(0, destination).Build());
        Assert.Equal(1, net.Rig.InDrops(0, DropReason.NotRouted));
        Assert.Empty(net.Rig.Received(0));
    }

    [Fact]
    public void A_header_that_contradicts_itself_is_dropped()
    {
        using var net = new GatewayRig();
        foreach (var (at, value) in new (int, byte)[] { (14, 0x65), (14, 0x44), (14, 0x4F), (16, 0x7F), (24, 0xAA), (17, 0x13) })
        {
            var frame = From(0, "198.51.100.7").Build();
            frame[at] = value;
            net.Rig.Carry(0, frame);
        }
        Assert.Equal(6, net.Rig.InDrops(0, DropReason.PacketMalformed));
        Assert.Empty(net.Rig.Received(0));
    }

    [Fact]
    public void A_frame_with_a_vlan_tag_is_not_routed()
    {
        using var net = new GatewayRig();
        net.Rig.Carry(0, (From(0, "10.10.0.6") with { Vlans = [7] }).Build());
        Assert.Equal(1, net.Rig.InDrops(0, DropReason.NotRouted));
    }

    [Fact]
    public void A_packet_for_a_neighbor_is_handed_over_one_hop_further()
    {
        using var net = new GatewayRig();
        net.Introduce();
        net.Rig.Carry(0, From(0, "10.10.0.6", IpProtocol.Tcp).Build());
        var frame = Assert.Single(net.Rig.Received(1));
        SecondOpinion.Read([frame]);
        Assert.Equal(63, frame.Bytes[22]);
        Assert.Equal((GuestMac(1), GatewayMac), (MacAddress.Read(frame.Bytes).Value, MacAddress.Read(frame.Bytes.AsSpan(6)).Value));
    }

    [Fact]
    public void What_stands_behind_the_packet_is_not_carried_on()
    {
        using var net = new GatewayRig();
        net.Introduce();
        byte[] frame = [.. From(0, "10.10.0.6").Build(), .. "secret of another frame"u8];
        net.Rig.Carry(0, frame);
        Assert.Equal(frame.Length - 23, Assert.Single(net.Rig.Received(1)).Bytes.Length);
    }

    [Fact]
    public void Errors_are_never_about_errors_fragments_or_what_went_to_many()
    {
        using var net = new GatewayRig();
        var error = Echo(0, "198.51.100.7");
        error[34] = IcmpType.TimeExceeded;
        net.Rig.Carry(0, error);
        net.Rig.Carry(0, Fragment(Echo(0, "198.51.100.7", 3000), 1480, 1480));
        net.Rig.Carry(0, From(0, "224.0.0.1").Build());
        Assert.Empty(net.Rig.Received(0));
    }

    [Fact]
    public void Errors_are_bounded_however_many_are_provoked()
    {
        using var net = new GatewayRig();
        for (var i = 0; i < 1000; i++)
            net.Rig.Carry(0, (From(0, "198.51.100.7") with { Ttl = 1 }).Build());
        Assert.Equal(50, net.Rig.Received(0).Count);
        // Another guest is told all the same.
        net.Rig.Carry(1, (From(1, "198.51.100.7") with { Ttl = 1 }).Build());
        Assert.Single(net.Rig.Received(1));
        net.Later(0.1);
        for (var i = 0; i < 1000; i++)
            net.Rig.Carry(0, (From(0, "198.51.100.7") with { Ttl = 1 }).Build());
        Assert.Equal(10, net.Rig.Received(0).Count);
    }

    [Fact]
    public void A_checksum_behind_the_end_of_the_packet_costs_its_frame_and_nothing_else()
    {
        using var net = new GatewayRig();
        net.Introduce();
        var frame = From(0, "10.10.0.1") with { Payload = 600 };
        var bytes = frame.Build();
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(16), 28);
        bytes.AsSpan(24, 2).Clear();
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(24), (ushort)~Wire.Sum(bytes.AsSpan(14, 20)));
        net.Rig.Carry(0, bytes, new() { Flags = VirtioNetFlags.NeedsChecksum, ChecksumStart = 200, ChecksumOffset = 6 });
        Assert.Equal(1, net.Rig.InDrops(0, DropReason.OffloadInvalid));
        Assert.Empty(net.Rig.Received(0));
    }

    [Fact]
    public void Random_bytes_to_the_gateway_cost_their_frame_and_nothing_else()
    {
        using var net = new GatewayRig();
        var random = new Random(7);
        for (var i = 0; i < 20_000; i++)
        {
            var frame = random.Next(3) switch
            {
                0 => Arp(ArpMessage.Request, GuestMac(0), "10.10.0.5", "10.10.0.1", GatewayMac),
                1 => Echo(0, "10.10.0.1"),
                _ => From(0, "10.10.0.1", IpProtocol.Tcp).Build(),
            };
            for (var change = random.Next(4); change >= 0; change--)
                frame[12 + random.Next(frame.Length - 12)] = (byte)random.Next(256);
            net.Rig.Carry(0, frame[..random.Next(14, frame.Length + 1)]);
            net.Rig.Received(0);
            net.Rig.Received(1);
        }
        net.Later(10);
        net.Rig.Carry(0, Echo(0, "10.10.0.1"));
        Assert.Single(net.Rig.Received(0));
    }

    /// <summary>Cuts a fragment out of an IPv4 packet.</summary>
    private static byte[] Fragment(byte[] whole, int offset, int length)
    {
        byte[] frame = [.. whole.AsSpan(0, 34), .. whole.AsSpan(34 + offset, length)];
        var more = 34 + offset + length < whole.Length ? 0x2000 : 0;
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(16), (ushort)(20 + length));
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(20), (ushort)(more | offset / 8));
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(24), 0);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(24), (ushort)~Wire.Sum(frame.AsSpan(14, 20)));
        return frame;
    }
}
