using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Packets;

namespace SoftSwitch.Tests.Forwarding;

public sealed class OffloadTests
{
    private const byte Fin = 0x01, Psh = 0x08, Ack = 0x10, Cwr = 0x80;

    /// <summary>Every kind of super-frame, with tags, options and extension headers.</summary>
    public static IEnumerable<TheoryDataRow<string>> Kinds => Specs.Keys.Select(name => new TheoryDataRow<string>(name));

    private static readonly Dictionary<string, PacketSpec> Specs = (
        from protocol in new[] { IpProtocol.Tcp, IpProtocol.Udp }
        from isIpv6 in new[] { false, true }
        from tags in new[] { 0, 1, 2 }
        from extra in new[] { 0, 1, 3 }
        select new PacketSpec
        {
            Protocol = protocol, IsIpv6 = isIpv6, Vlans = [.. Enumerable.Repeat((ushort)0x2064, tags)],
            IpOptions = isIpv6 ? 0 : 4 * extra, Extensions = isIpv6 ? extra : 0, TcpOptions = 12 * (extra & 1),
            Payload = 20_000 + extra, Flags = Psh | Ack | Fin,
        }).ToDictionary(spec => $"{(spec.Protocol == IpProtocol.Tcp ? "TCP" : "UDP")}{(spec.IsIpv6 ? 6 : 4)}, {spec.Vlans.Length} tags, "
            + $"{spec.IpOptions + spec.Extensions} extra");

    [Theory, MemberData(nameof(Kinds))]
    public void An_output_that_takes_everything_gets_the_super_frame_as_it_came(string kind)
    {
        using var rig = Offloading(PortOffloads.All);
        var spec = Specs[kind];
        var frame = spec.Build(isPartial: true);
        var offload = spec.Offload(1000);
        rig.Carry(0, frame, offload);
        var received = Assert.Single(rig.Received(1));
        Assert.Equal(frame, received.Bytes);
        Assert.Equal(offload with { BufferCount = 1 }, received.Offload);
        Assert.Equal(0, rig.Counters(1).Segments);
    }

    [Theory, MemberData(nameof(Kinds))]
    public void An_output_that_takes_nothing_gets_whole_segments(string kind)
    {
        using var rig = Offloading(PortOffloads.None);
        var spec = Specs[kind];
        rig.Carry(0, spec.Build(isPartial: true), spec.Offload(1000));
        var received = rig.Received(1);
        Reassemble(spec, SecondOpinion.Read(received), 1000);
        Assert.Equal(received.Count - 1, rig.Counters(1).Segments);
    }

    [Theory, MemberData(nameof(Kinds))]
    public void An_output_that_takes_checksums_gets_segments_with_partial_ones(string kind)
    {
        using var rig = Offloading(PortOffloads.Checksum);
        var spec = Specs[kind];
        rig.Carry(0, spec.Build(isPartial: true), spec.Offload(1000));
        var received = rig.Received(1);
        Assert.All(received, frame => Assert.Equal(spec.Offload() with { BufferCount = 1 }, frame.Offload));
        Reassemble(spec, SecondOpinion.Read(received.Select(Complete)), 1000);
    }

    [Theory, MemberData(nameof(Kinds))]
    public void A_partial_checksum_is_completed_where_the_output_takes_none(string kind)
    {
        using var rig = Offloading(PortOffloads.None);
        for (var payload = 1; payload < 1300; payload += 149)
        {
            var spec = Specs[kind] with { Payload = payload };
            rig.Carry(0, spec.Build(isPartial: true), spec.Offload());
            var received = rig.Received(1);
            SecondOpinion.Read(received);
            Assert.Equal(Padded(spec.Build()), Assert.Single(received).Bytes);
        }
        Assert.Equal(9, rig.Counters(1).Checksums);
    }

    [Theory, MemberData(nameof(Kinds))]
    public void A_partial_checksum_passes_where_the_output_takes_it(string kind)
    {
        using var rig = Offloading(PortOffloads.Checksum);
        var spec = Specs[kind] with { Payload = 500 };
        var frame = spec.Build(isPartial: true);
        rig.Carry(0, frame, spec.Offload() with { HeaderLength = 0xFFFF, BufferCount = 77 });
        var received = Assert.Single(rig.Received(1));
        Assert.Equal(frame, received.Bytes);
        Assert.Equal(spec.Offload() with { HeaderLength = 0, BufferCount = 1 }, received.Offload);
    }

    [Fact]
    public void One_flooded_super_frame_suits_every_output()
    {
        using var rig = Offloading(PortOffloads.None, PortOffloads.All, PortOffloads.Checksum, PortOffloads.Checksum | PortOffloads.TcpV6,
            PortOffloads.None);
        var spec = new PacketSpec { Payload = 60_000 };
        var frame = spec.Build(isPartial: true);
        rig.Carry(0, frame, spec.Offload(1460));
        Assert.Equal(frame, Assert.Single(rig.Received(2)).Bytes);
        Reassemble(spec, SecondOpinion.Read(rig.Received(1)), 1460);
        Reassemble(spec, SecondOpinion.Read(rig.Received(3).Select(Complete)), 1460);
        Reassemble(spec, SecondOpinion.Read(rig.Received(4).Select(Complete)), 1460);
        Reassemble(spec, SecondOpinion.Read(rig.Received(5)), 1460);
    }

    [Fact]
    public void Many_small_segments_of_many_super_frames_arrive_in_order()
    {
        using var rig = new Rig();
        rig.Add(PortOffloads.All);
        rig.Add(queueLength: 40_000);
        var specs = Enumerable.Range(0, 20).Select(i => new PacketSpec { Payload = 65_000 - i, Sequence = (uint)i * 1_000_000 }).ToList();
        foreach (var spec in specs)
            rig.Send(0, spec.Build(isPartial: true), spec.Offload(48));
        rig.Turn();
        var segments = SecondOpinion.Read(rig.Received(1));
        foreach (var spec in specs)
        {
            var count = (spec.Payload + 47) / 48;
            Reassemble(spec, segments[..count], 48);
            segments.RemoveRange(0, count);
        }
        Assert.Empty(segments);
    }

    [Fact]
    public void CWR_stays_with_the_first_segment_and_needs_an_output_that_says_so()
    {
        using var rig = Offloading(PortOffloads.All & ~PortOffloads.Ecn, PortOffloads.All);
        var spec = new PacketSpec { Payload = 5000, Flags = Ack | Psh | Cwr };
        rig.Carry(0, spec.Build(isPartial: true), spec.Offload(1000, ecn: true));
        Assert.Equal(spec.Offload(1000, ecn: true) with { BufferCount = 1 }, Assert.Single(rig.Received(2)).Offload);
        Reassemble(spec, SecondOpinion.Read(rig.Received(1).Select(Complete)), 1000);
    }

    [Fact]
    public void A_super_frame_is_measured_by_its_segments_and_not_by_its_length()
    {
        using var rig = new Rig();
        rig.Add(PortOffloads.All, mtu: 9000);
        rig.Add(PortOffloads.All, mtu: 1500);
        rig.Add(PortOffloads.None, mtu: 9000);
        var spec = new PacketSpec { Payload = 40_000, Vlans = [5] };
        rig.Carry(0, spec.Build(isPartial: true), spec.Offload(1460));
        Assert.Single(rig.Received(1));
        Reassemble(spec, SecondOpinion.Read(rig.Received(2)), 1460);
        rig.Carry(0, spec.Build(isPartial: true), spec.Offload(1461));
        Assert.Empty(rig.Received(1));
        Assert.Equal(1, rig.OutDrops(1, DropReason.MtuExceeded));
        Reassemble(spec, SecondOpinion.Read(rig.Received(2)), 1461);
        rig.Carry(0, spec.Build(isPartial: true), spec.Offload(8961));
        Assert.Empty(rig.Received(2));
        Assert.Equal(1, rig.OutDrops(2, DropReason.MtuExceeded));
    }

    [Fact]
    public void A_super_frame_of_one_segment_is_an_ordinary_frame()
    {
        using var rig = Offloading(PortOffloads.All, PortOffloads.None);
        var spec = new PacketSpec { Payload = 1000 };
        rig.Carry(0, spec.Build(isPartial: true), spec.Offload(1000));
        Assert.Equal(GsoType.None, Assert.Single(rig.Received(1)).Offload.GsoType);
        Assert.Equal(spec.Build(), Assert.Single(rig.Received(2)).Bytes);
    }

    [Theory]
    [InlineData(IpProtocol.Udp, false)]
    [InlineData(IpProtocol.Tcp, false)]
    [InlineData(IpProtocol.Udp, true)]
    [InlineData(IpProtocol.Tcp, true)]
    public void A_checksum_that_comes_out_as_zero_is_sent_as_ones_by_UDP_alone(byte protocol, bool isSuper)
    {
        using var rig = Offloading(PortOffloads.None);
        var spec = new PacketSpec { Protocol = protocol, Payload = 100 };
        // The second of two segments is the packet whose sum comes out so.
        var last = isSuper
            ? spec with { Payload = 40, Sequence = spec.Sequence + 60, Identification = (ushort)(spec.Identification + 1) }
            : spec;
        var frame = spec.Build(isPartial: true);
        frame.AsSpan(^2).Clear();
        var whole = last.Build();
        frame.AsSpan(^last.Payload).CopyTo(whole.AsSpan(last.PayloadOffset));
        whole.AsSpan(last.TransportOffset + last.ChecksumOffset, 2).Clear();
        byte[] pseudo = [.. whole.AsSpan(26, 8), 0, protocol, 0, (byte)(whole.Length - last.TransportOffset)];
        var sum = (ushort)~Wire.Sum([.. pseudo, .. whole.AsSpan(last.TransportOffset)]);
        (frame[^2], frame[^1]) = ((byte)(sum >> 8), (byte)sum);
        rig.Carry(0, frame, spec.Offload(isSuper ? 60 : 0));
        var received = rig.Received(1);
        SecondOpinion.Read(received);
        byte octet = protocol == IpProtocol.Udp ? (byte)0xFF : (byte)0;
        Assert.Equal([octet, octet], received[^1].Bytes.AsSpan(spec.TransportOffset + spec.ChecksumOffset, 2).ToArray());
    }

    [Fact]
    public void The_word_of_a_device_that_a_checksum_is_right_is_not_passed_on()
    {
        using var rig = Offloading(PortOffloads.All);
        var spec = new PacketSpec();
        rig.Carry(0, spec.Build(),
            new() { Flags = VirtioNetFlags.DataValid, HeaderLength = 9, GsoSize = 9, ChecksumStart = 9, ChecksumOffset = 9 });
        Assert.Equal(new() { BufferCount = 1 }, Assert.Single(rig.Received(1)).Offload);
    }

    /// <summary>What hardware LRO and rx-gro-list hand up: the checksum is the first segment's, and whole.</summary>
    [Theory, MemberData(nameof(Kinds))]
    public void A_super_frame_without_a_partial_checksum_is_a_super_frame(string kind)
    {
        foreach (var flags in new[] { VirtioNetFlags.None, VirtioNetFlags.DataValid })
        {
            using var rig = Offloading(PortOffloads.All, PortOffloads.None);
            var spec = Specs[kind];
            var frame = spec.Build();
            var first = (spec with { Payload = 1000 }).Build();
            first.AsSpan(spec.TransportOffset + spec.ChecksumOffset, 2).CopyTo(frame.AsSpan(spec.TransportOffset + spec.ChecksumOffset));
            rig.Carry(0, frame, spec.Offload(1000) with { Flags = flags, ChecksumStart = 0, ChecksumOffset = 0 });
            var whole = Assert.Single(rig.Received(1));
            Assert.Equal(spec.Build(isPartial: true), whole.Bytes);
            Assert.Equal(spec.Offload(1000) with { BufferCount = 1 }, whole.Offload);
            Reassemble(spec, SecondOpinion.Read(rig.Received(2)), 1000);
        }
    }

    [Theory]
    [InlineData(68, false)]
    [InlineData(546, true)]
    public void What_a_DHCP_client_gets_has_its_checksum_on_every_output(ushort port, bool isIpv6)
    {
        using var rig = Offloading(PortOffloads.All, PortOffloads.Checksum, PortOffloads.None);
        foreach (var payload in new[] { 5, 30, 300, 1400 })
        {
            var spec = new PacketSpec { Protocol = IpProtocol.Udp, IsIpv6 = isIpv6, FromPort = 67, ToPort = port, Payload = payload };
            rig.Carry(0, spec.Build(isPartial: true), spec.Offload());
            for (var output = 1; output <= 3; output++)
            {
                var received = Assert.Single(rig.Received(output));
                Assert.False(received.Offload.NeedsChecksum);
                Assert.Equal(Padded(spec.Build()), received.Bytes);
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_checksum_of_SCTP_is_completed_as_the_CRC_that_it_is(bool isInTunnel)
    {
        var spec = new PacketSpec { Protocol = IpProtocol.Udp, Payload = 31 };
        var tunnel = new TunnelSpec { Kind = TunnelKind.Geneve, Inner = spec, HasChecksum = true };
        var frame = isInTunnel ? tunnel.Build() : spec.Build();
        int network = isInTunnel ? tunnel.InnerNetworkOffset : 14, start = network + 20;
        frame[network + 9] = IpProtocol.Sctp;
        frame.AsSpan(network + 10, 2).Clear();
        var ip = (ushort)~Wire.Sum(frame.AsSpan(network, 20));
        (frame[network + 10], frame[network + 11]) = ((byte)(ip >> 8), (byte)ip);
        frame.AsSpan(start + 8, 4).Clear();
        var crc = uint.MaxValue;
        foreach (var octet in frame.AsSpan(start))
        {
            crc ^= octet;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? crc >> 1 ^ 0x82F6_3B78 : crc >> 1;
        }
        using var rig = Offloading(PortOffloads.All, PortOffloads.None);
        rig.Carry(0, frame, new() { Flags = VirtioNetFlags.NeedsChecksum, ChecksumStart = (ushort)start, ChecksumOffset = 8 });
        for (var output = 1; output <= 2; output++)
        {
            var received = Assert.Single(rig.Received(output));
            Assert.Equal(output == 2 ? default : new VirtioNetHeader { BufferCount = 1 }, received.Offload);
            Assert.Equal(~crc, BitConverter.ToUInt32(received.Bytes, start + 8));
            if (!isInTunnel)
                continue;
            var udp = received.Bytes.AsSpan(tunnel.TransportOffset);
            byte[] pseudo = [.. received.Bytes.AsSpan(26, 8), 0, 17, (byte)(udp.Length >> 8), (byte)udp.Length];
            Assert.Equal(0xFFFF, Wire.Sum([.. pseudo, .. udp]));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void BIG_TCP_passes_whole_where_it_is_taken_and_is_cut_where_not(bool isIpv6)
    {
        using var rig = Offloading(PortOffloads.All, PortOffloads.All & ~PortOffloads.Big, PortOffloads.None);
        var spec = new PacketSpec { IsIpv6 = isIpv6, Payload = 180_000, TcpOptions = 12 };
        var whole = spec.Build(isPartial: true);
        byte[] frame;
        if (isIpv6)
        {
            // RFC 2675: the length stands in a hop-by-hop header of its own.
            var length = whole.Length - 54 + 8;
            byte[] jumbo = [IpProtocol.Tcp, 0, 0xC2, 4, (byte)(length >> 24), (byte)(length >> 16), (byte)(length >> 8), (byte)length];
            frame = [.. whole[..54], .. jumbo, .. whole[54..]];
            frame[20] = IpProtocol.HopByHopOptions;
            (frame[18], frame[19]) = (0, 0);
        }
        else
        {
            frame = whole;
            (frame[16], frame[17], frame[24], frame[25]) = (0, 0, 0, 0);
            var ip = (ushort)~Wire.Sum(frame.AsSpan(14, 20));
            (frame[24], frame[25]) = ((byte)(ip >> 8), (byte)ip);
        }
        var offload = spec.Offload(1400);
        if (isIpv6)
            offload = offload with { ChecksumStart = (ushort)(offload.ChecksumStart + 8),
                HeaderLength = (ushort)(offload.HeaderLength + 8) };
        offload = offload with { GsoSize = (ushort)(1500 - spec.PayloadOffset + 14) };
        rig.Carry(0, frame, offload);
        Assert.Equal(frame, Assert.Single(rig.Received(1)).Bytes);
        var parts = rig.Received(2);
        Assert.Equal(3, parts.Count);
        Assert.All(parts, part => Assert.True(part.Bytes.Length <= 65_549 && part.Offload is { NeedsChecksum: true, IsSuperFrame: true }));
        Assert.Equal(0, rig.OutDrops(3, DropReason.MtuExceeded));
        rig.Received(3);
        // And the parts by ports that take nothing.
        using var next = new Rig();
        next.Add(PortOffloads.All);
        next.Add();
        foreach (var part in parts)
            next.Carry(0, part.Bytes, part.Offload);
        Reassemble(spec, SecondOpinion.Read(next.Received(1)), offload.GsoSize);
        rig.Carry(0, frame, offload with { GsoSize = 1400 });
        Reassemble(spec, SecondOpinion.Read(rig.Received(3)), 1400);
    }

    private static Rig Offloading(params PortOffloads[] outputs)
    {
        var rig = new Rig();
        rig.Add(PortOffloads.All);
        foreach (var offloads in outputs)
            rig.Add(offloads);
        return rig;
    }

    /// <summary>What the other end does with a partial checksum.</summary>
    private static ReceivedFrame Complete(ReceivedFrame frame)
    {
        Assert.True(frame.Offload.NeedsChecksum);
        var sum = Wire.Sum(frame.Bytes.AsSpan(frame.Offload.ChecksumStart));
        var field = frame.Offload.ChecksumStart + frame.Offload.ChecksumOffset;
        (frame.Bytes[field], frame.Bytes[field + 1]) = sum == 0xFFFF && frame.Offload.ChecksumOffset == 6
            ? ((byte)0xFF, (byte)0xFF)
            : ((byte)(~sum >> 8), (byte)~sum);
        return new(frame.Bytes, default);
    }

    private static byte[] Padded(byte[] frame) => frame.Length >= 60 ? frame : [.. frame, .. new byte[60 - frame.Length]];

    private static void Reassemble(PacketSpec spec, IReadOnlyList<Wire> segments, int size)
    {
        Assert.Equal((spec.Payload + size - 1) / size, segments.Count);
        var payload = new List<byte>();
        for (var i = 0; i < segments.Count; i++)
        {
            var segment = segments[i];
            bool isFirst = i == 0, isLast = i == segments.Count - 1;
            Assert.Equal(isLast ? spec.Payload - i * size : size, segment.Payload.Length);
            Assert.Equal((spec.NetworkOffset, spec.TransportOffset, spec.Protocol),
                (segment.NetworkOffset, segment.TransportOffset, segment.Protocol));
            if (!spec.IsIpv6)
                Assert.Equal((ushort)(spec.Identification + i), segment.Identification);
            if (spec.Protocol == IpProtocol.Tcp)
            {
                Assert.Equal(spec.Sequence + (uint)payload.Count, segment.Sequence);
                var flags = spec.Flags & ~(isLast ? 0 : Fin | Psh) & ~(isFirst ? 0 : Cwr);
                Assert.Equal(flags, segment.Flags);
            }
            payload.AddRange(segment.Payload);
        }
        Assert.Equal(spec.Build()[spec.PayloadOffset..], payload.ToArray());
    }
}
