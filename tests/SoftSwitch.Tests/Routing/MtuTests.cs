using System.Buffers.Binary;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Packets;
using SoftSwitch.Tests.Forwarding;
using SoftSwitch.Tests.Nat;
using static SoftSwitch.Tests.Routing.WorldRig;

namespace SoftSwitch.Tests.Routing;

/// <summary>What is too long for the way on: told, fragmented, or kept short from the start.</summary>
public sealed class MtuTests
{
    private static readonly NatPacket s_large = NatPacket.Parse("udp 10.10.0.5:4000 > 198.51.100.7:53 len=1400");

    [Fact]
    public void A_packet_that_may_not_be_fragmented_is_told_the_mtu_of_the_way()
    {
        using var world = new WorldRig(outsideMtu: 1280);
        var frame = DontFragment(s_large.Build());
        world.Rig.Carry(Guest0, FrameOf(Guest0, frame));
        var told = Assert.Single(world.Rig.Received(Guest0));
        var icmp = ReceivedIcmp.Of(told);
        Assert.Equal((IcmpType.DestinationUnreachable, IcmpUnreachable.FragmentationNeeded, 1280), (icmp.Type, icmp.Code, icmp.Mtu));
        Assert.Equal(frame[14..(14 + icmp.Rest.Length)], icmp.Rest);
        Assert.Equal(1, world.Rig.InDrops(Guest0, DropReason.FragmentationNeeded));
        Assert.Empty(world.Rig.Received(Uplink));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_packet_that_may_be_fragmented_is(bool isPartial)
    {
        using var world = new WorldRig(outsideMtu: 600);
        world.Rig.Carry(Guest0, FrameOf(Guest0, s_large.Build(isPartial)), isPartial ? s_large.Offload() : default);
        var fragments = world.Rig.Received(Uplink);
        Assert.Equal(3, fragments.Count);
        Assert.All(fragments, fragment => Assert.True(fragment.Bytes.Length <= 614));
        var whole = NatPacket.Read(Reassemble(fragments));
        Assert.Equal(s_large.Payload, whole.Payload);
        Assert.Equal("203.0.113.1", whole.Source.ToString());
    }

    [Fact]
    public void A_fragment_can_be_fragmented_again()
    {
        using var world = new WorldRig(outsideMtu: 600);
        var whole = NatPacket.Parse("udp 10.10.0.5:4000 > 198.51.100.7:53 len=2800").Build();
        world.Rig.Carry(Guest0, FrameOf(Guest0, Cut(whole, 1480, 1328)));
        world.Rig.Carry(Guest0, FrameOf(Guest0, Cut(whole, 0, 1480)));
        var fragments = world.Rig.Received(Uplink);
        Assert.Equal(6, fragments.Count);
        Assert.Equal(whole[42..], NatPacket.Read(Reassemble(fragments)).Payload);
    }

    [Fact]
    public void Fragments_that_come_before_their_first_one_leave_behind_it()
    {
        using var world = new WorldRig();
        var whole = NatPacket.Parse("udp 10.10.0.5:4000 > 198.51.100.7:53 len=4000").Build();
        world.Rig.Carry(Guest0, FrameOf(Guest0, Cut(whole, 2960, 1048)));
        world.Rig.Carry(Guest0, FrameOf(Guest0, Cut(whole, 1480, 1480)));
        Assert.Empty(world.Rig.Received(Uplink));
        world.Rig.Carry(Guest0, FrameOf(Guest0, Cut(whole, 0, 1480)));
        var fragments = world.Rig.Received(Uplink);
        Assert.Equal(3, fragments.Count);
        Assert.Equal(whole[42..], NatPacket.Read(Reassemble(fragments)).Payload);
    }

    [Fact]
    public void Fragments_from_outside_reach_the_guest_in_any_order()
    {
        using var world = new WorldRig();
        world.Say(Guest0, "udp 10.10.0.5:4000 > 198.51.100.7:53");
        var port = Assert.Single(world.Heard(Uplink)).SourcePort;
        var whole = NatPacket.Parse($"udp 198.51.100.7:53 > 203.0.113.1:{port} len=4000").Build();
        foreach (var (offset, length) in new[] { (1480, 1480), (0, 1480), (2960, 1048) })
            world.Rig.Carry(Uplink, FrameOf(Uplink, Cut(whole, offset, length)));
        var received = NatPacket.Read(Reassemble(world.Rig.Received(Guest0)));
        Assert.Equal(whole[42..], received.Payload);
        Assert.Equal("10.10.0.5", received.Destination.ToString());
    }

    [Fact]
    public void Fragments_whose_first_one_goes_no_further_stay_with_it()
    {
        using var world = new WorldRig();
        world.Say(Guest0, "udp 10.10.0.5:4000 > 198.51.100.7:53");
        var ends = $"udp 198.51.100.7:53 > 203.0.113.1:{Assert.Single(world.Heard(Uplink)).SourcePort} len=2000";
        Carry(NatPacket.Parse($"{ends} ip=1"), 1480, 528);
        Carry(NatPacket.Parse($"{ends} ip=1") with { Ttl = 1 }, 0, 1480);
        Assert.Equal(IcmpType.TimeExceeded, ReceivedIcmp.Of(Assert.Single(world.Rig.Received(Uplink))).Type);
        Assert.Equal(1, world.Outside.Total().InDrops(DropReason.TtlExceeded));
        Assert.Empty(world.Rig.Received(Guest0));
        // Nor do they come with the next packet.
        Carry(NatPacket.Parse($"{ends} ip=2"), 1480, 528);
        Carry(NatPacket.Parse($"{ends} ip=2"), 0, 1480);
        Assert.Equal(2, world.Rig.Received(Guest0).Count);

        void Carry(NatPacket packet, int offset, int length) =>
            world.Rig.Carry(Uplink, FrameOf(Uplink, Cut(packet.Build(), offset, length)));
    }

    [Fact]
    public void Fragments_to_a_forward_cross_from_inside_by_the_outside_address()
    {
        using var world = new WorldRig();
        world.Forward(new NaptForward(new(IpProtocol.Udp, 5000, 5000), Ipv4Address.Parse("10.10.0.5"), 5000));
        var whole = NatPacket.Parse("udp 10.10.0.6:4000 > 203.0.113.1:5000 len=4000").Build();
        foreach (var (offset, length) in new[] { (2960, 1048), (0, 1480), (1480, 1480) })
            world.Rig.Carry(Guest1, FrameOf(Guest1, Cut(whole, offset, length)));
        Assert.Equal(whole[42..], NatPacket.Read(Reassemble(world.Rig.Received(Guest0))).Payload);
    }

    [Fact]
    public void A_packet_from_outside_that_is_too_long_for_the_network_is_told_about_as_it_came()
    {
        using var world = new WorldRig(insideMtu: 1280);
        world.Say(Guest0, "udp 10.10.0.5:4000 > 198.51.100.7:53");
        var port = Assert.Single(world.Heard(Uplink)).SourcePort;
        var frame = DontFragment(NatPacket.Parse($"udp 198.51.100.7:53 > 203.0.113.1:{port} len=1400").Build());
        world.Rig.Carry(Uplink, FrameOf(Uplink, frame));
        var icmp = ReceivedIcmp.Of(Assert.Single(world.Rig.Received(Uplink)));
        Assert.Equal(("203.0.113.1", IcmpUnreachable.FragmentationNeeded, 1280), (icmp.From, icmp.Code, icmp.Mtu));
        Assert.Equal(frame.AsSpan(14, 28).ToArray(), icmp.Rest[..28]);
        Assert.Empty(world.Rig.Received(Guest0));
    }

    [Fact]
    public void A_packet_that_turns_around_and_is_too_long_is_told_about_inside()
    {
        using var world = new WorldRig(insideMtu: 1280);
        world.Forward(new NaptForward(new(IpProtocol.Udp, 5000, 5000), Ipv4Address.Parse("10.10.0.5"), 5000));
        world.Rig.Carry(Guest1, FrameOf(Guest1, DontFragment(NatPacket.Parse("udp 10.10.0.6:4000 > 203.0.113.1:5000 len=1400").Build())));
        var told = ReceivedIcmp.Of(Assert.Single(world.Rig.Received(Guest1)));
        Assert.Equal((IcmpUnreachable.FragmentationNeeded, 1280), (told.Code, told.Mtu));
        Assert.Empty(world.Rig.Received(Uplink));
        Assert.Empty(world.Rig.Received(Guest0));
    }

    [Fact]
    public void A_fragment_at_its_last_hop_does_not_wait_for_others()
    {
        using var world = new WorldRig();
        var whole = (NatPacket.Parse("udp 198.51.100.7:53 > 203.0.113.1:20000 len=3000") with { Ttl = 1 }).Build();
        world.Rig.Carry(Uplink, FrameOf(Uplink, Cut(whole, 1480, 1480)));
        Assert.Equal(1, world.Rig.InDrops(Uplink, DropReason.TtlExceeded));
    }

    [Theory]
    [InlineData(1460, 1240)]
    [InlineData(1000, 1000)]
    public void The_segment_size_of_a_connection_is_lowered_to_what_fits_both_sides(ushort asked, ushort heard)
    {
        foreach (var isPartial in new[] { false, true })
        {
            using var world = new WorldRig(outsideMtu: 1280);
            world.Forward(new NaptForward(new(IpProtocol.Tcp, 80, 80), Ipv4Address.Parse("10.10.0.5"), 80));
            Assert.Equal(heard, SegmentSizeBehind(world, Guest0, Uplink, asked, isPartial, "10.10.0.5:4000 > 198.51.100.7:80"));
            Assert.Equal(heard, SegmentSizeBehind(world, Uplink, Guest0, asked, isPartial, "198.51.100.7:4000 > 203.0.113.1:80"));
        }
    }

    internal static ushort SegmentSizeBehind(WorldRig world, int from, int to, ushort asked, bool isPartial, string ends)
    {
        var frame = Opening(ends, asked, isPartial, out var packet);
        world.Rig.Carry(from, FrameOf(from, frame), isPartial ? packet.Offload() : default);
        var received = Assert.Single(world.Rig.Received(to)).Bytes;
        NatPacket.Read(received);
        return BinaryPrimitives.ReadUInt16BigEndian(received.AsSpan(56));
    }

    /// <summary>A SYN that says how long segments may be, from byte 56 on.</summary>
    internal static byte[] Opening(string ends, ushort asked, bool isPartial, out NatPacket packet)
    {
        // The option takes the place of the window scale, at an odd offset.
        packet = NatPacket.Parse($"tcp {ends} S seq=1 ws=7");
        var frame = packet.Build(isPartial);
        byte[] option = [2, 4, (byte)(asked >> 8), (byte)asked];
        option.CopyTo(frame, 54);
        if (!isPartial)
        {
            frame.AsSpan(50, 2).Clear();
            byte[] pseudo = [.. frame.AsSpan(26, 8), 0, 6, 0, 24];
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(50), (ushort)~Wire.Sum([.. pseudo, .. frame.AsSpan(34)]));
        }
        return frame;
    }

    internal static byte[] DontFragment(byte[] frame)
    {
        frame[20] |= 0x40;
        return Seal(frame);
    }

    private static byte[] Cut(byte[] whole, int offset, int length)
    {
        byte[] frame = [.. whole.AsSpan(0, 34), .. whole.AsSpan(34 + offset, length)];
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(16), (ushort)(20 + length));
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(20), (ushort)((34 + offset + length < whole.Length ? 0x2000 : 0) | offset / 8));
        return Seal(frame);
    }

    /// <summary>Puts fragments together, each with a header whose checksum is right.</summary>
    internal static byte[] Reassemble(List<ReceivedFrame> fragments)
    {
        var parts = fragments.Select(fragment => fragment.Bytes).Select(bytes => (
            Field: BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(20)),
            Payload: bytes.AsSpan(34, BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(16)) - 20).ToArray()))
            .OrderBy(part => part.Field & 0x1FFF).ToList();
        Assert.All(fragments, fragment => Assert.Equal(0xFFFF, Wire.Sum(fragment.Bytes.AsSpan(14, 20))));
        Assert.Single(fragments.Select(fragment => BinaryPrimitives.ReadUInt16BigEndian(fragment.Bytes.AsSpan(18))).Distinct());
        var at = 0;
        foreach (var part in parts)
        {
            Assert.Equal(at, (part.Field & 0x1FFF) * 8);
            at += part.Payload.Length;
            Assert.Equal(part != parts[^1], (part.Field & 0x2000) != 0);
        }
        byte[] whole = [.. fragments[0].Bytes.AsSpan(0, 34), .. parts.SelectMany(part => part.Payload)];
        BinaryPrimitives.WriteUInt16BigEndian(whole.AsSpan(16), (ushort)(whole.Length - 14));
        whole.AsSpan(20, 2).Clear();
        return Seal(whole);
    }

    internal static byte[] Seal(byte[] frame)
    {
        frame.AsSpan(24, 2).Clear();
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(24), (ushort)~Wire.Sum(frame.AsSpan(14, 20)));
        return frame;
    }
}
