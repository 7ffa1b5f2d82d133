using System.Buffers.Binary;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Packets;

namespace SoftSwitch.Tests.Forwarding;

public sealed class TunnelTests
{
    private const PortOffloads Taps = PortOffloads.All | PortOffloads.UdpTunnels | PortOffloads.UdpTunnelChecksums
        | PortOffloads.OddTunnels;

    /// <summary>A packet socket whose kernel cuts what is in tunnels: it makes no outer checksum, and wants headers that are
    /// plain.</summary>
    private const PortOffloads Sockets = PortOffloads.All | PortOffloads.UdpTunnels | PortOffloads.OtherTunnels;
    private const byte Fin = 0x01, Psh = 0x08, Ack = 0x10;

    /// <summary>Every tunnel around every packet.</summary>
    public static IEnumerable<TheoryDataRow<string>> Kinds => Specs.Keys.Select(name => new TheoryDataRow<string>(name));

    private static readonly Dictionary<string, TunnelSpec> Specs = (
        from kind in Enum.GetValues<TunnelKind>()
        from isIpv6 in new[] { false, true }
        from innerIsIpv6 in new[] { false, true }
        from hasChecksum in kind == TunnelKind.Ip ? new[] { false } : [false, true]
        from protocol in kind == TunnelKind.Vxlan ? new[] { IpProtocol.Tcp, IpProtocol.Udp } : [IpProtocol.Tcp]
        select new TunnelSpec
        {
            Kind = kind, IsIpv6 = isIpv6, HasChecksum = hasChecksum, Vlans = hasChecksum ? [5] : [],
            Inner = new() { IsIpv6 = innerIsIpv6, Protocol = protocol, Payload = 63_001, TcpOptions = 12, Flags = Psh | Ack | Fin },
        }).ToDictionary(spec =>
            $"{(spec.Inner.Protocol == IpProtocol.Tcp ? "TCP" : "UDP")}{(spec.Inner.IsIpv6 ? 6 : 4)} in {spec.Kind} over "
                + $"{(spec.IsIpv6 ? 6 : 4)}{(spec.HasChecksum ? " with checksum" : "")}");

    [Theory, MemberData(nameof(Kinds))]
    public void An_output_that_takes_nothing_gets_whole_segments(string kind)
    {
        using var rig = Offloading(PortOffloads.None);
        var spec = Specs[kind];
        rig.Carry(0, spec.Build(isPartial: true, isSuper: true), spec.Offload(1300));
        var received = rig.Received(1);
        Assert.All(received, frame => Assert.Equal(default, frame.Offload));
        Reassemble(spec, TunnelWire.Read(spec, received.Select(frame => frame.Bytes)), 1300);
        Assert.Equal(received.Count - 1, rig.Counters(1).Segments);
    }

    [Theory, MemberData(nameof(Kinds))]
    public void An_output_that_takes_checksums_gets_segments_whose_inner_one_is_partial(string kind)
    {
        using var rig = Offloading(PortOffloads.Checksum | PortOffloads.TcpV4 | PortOffloads.TcpV6);
        var spec = Specs[kind];
        rig.Carry(0, spec.Build(isPartial: true, isSuper: true), spec.Offload(1300));
        var received = rig.Received(1);
        Assert.All(received, frame => Assert.Equal(spec.Offload() with { BufferCount = 1 }, frame.Offload));
        Reassemble(spec, TunnelWire.Read(spec, TunnelWire.Finish(received)), 1300);
    }

    [Theory, MemberData(nameof(Kinds))]
    public void An_output_that_cuts_UDP_gets_a_UDP_tunnels_segments_as_datagrams(string kind)
    {
        using var rig = Offloading(PortOffloads.All);
        var spec = Specs[kind];
        rig.Carry(0, spec.Build(isPartial: true, isSuper: true), spec.Offload(1300));
        var received = rig.Received(1);
        Assert.Equal(spec.IsUdp ? 2 : 49, received.Count);
        Assert.All(received, frame => Assert.True(frame.Bytes.Length <= 18 + 65_535));
        Reassemble(spec, TunnelWire.Read(spec, TunnelWire.Finish(received)), 1300);
    }

    [Theory, MemberData(nameof(Kinds))]
    public void An_output_that_takes_tunnels_gets_a_UDP_tunnels_super_frame_as_it_came(string kind)
    {
        using var rig = Offloading(Taps);
        var spec = Specs[kind];
        var frame = spec.Build(isPartial: true, isSuper: true);
        rig.Carry(0, frame, spec.Offload(1300));
        var received = rig.Received(1);
        if (!spec.IsUdp)
        {
            Reassemble(spec, TunnelWire.Read(spec, TunnelWire.Finish(received)), 1300);
            return;
        }
        Assert.Equal(frame, Assert.Single(received).Bytes);
        Assert.Equal(spec.WholeOffload(1300), received[0].Offload);
        // And back by another such port.
        rig.Carry(1, [.. frame[..11], (byte)~frame[11], .. frame[12..]], received[0].Offload);
        Assert.Equal(received[0].Offload, Assert.Single(rig.Received(0)).Offload);
    }

    [Theory, MemberData(nameof(Kinds))]
    public void An_output_whose_kernel_cuts_tunnels_gets_them_whole_without_a_checksum_that_may_be_left_out(string kind)
    {
        using var rig = Offloading(Sockets, Taps);
        var spec = Specs[kind] with { Vlans = [] };
        var frame = spec.Build(isPartial: true, isSuper: true);
        rig.Carry(0, frame, spec.Offload(1300));
        var received = rig.Received(1);
        if (spec.HasChecksum && (spec.IsIpv6 || !spec.IsUdp))
        {
            Reassemble(spec, TunnelWire.Read(spec, TunnelWire.Finish(received)), 1300);
            return;
        }
        var without = spec with { HasChecksum = false };
        Assert.Equal(without.Build(isPartial: true, isSuper: true), Assert.Single(received).Bytes);
        Assert.Equal(without.WholeOffload(1300), received[0].Offload);
        if (spec.IsUdp)
            Assert.Equal(frame, Assert.Single(rig.Received(2)).Bytes);
    }

    /// <summary>What is no plain header can't be told to the kernel: a tag, options of the outer packet, more than the program's memory
    /// holds.</summary>
    [Theory]
    [InlineData("tag")]
    [InlineData("options")]
    [InlineData("long")]
    [InlineData("inner tag")]
    public void An_output_whose_kernel_cuts_tunnels_gets_an_odd_one_in_segments(string what)
    {
        using var rig = Offloading(Sockets);
        var spec = Specs["TCP4 in Geneve over 4"] with { Vlans = what == "tag" ? [5] : [] };
        var frame = spec.Build(isPartial: true, isSuper: true);
        var (at, added) = what switch
        {
            "options" => (34, new byte[4]),
            "long" => (58, new byte[72]),
            "inner tag" => (spec.InnerNetworkOffset - 2, [0x81, 0, 0, 5]),
            _ => (0, []),
        };
        frame = [.. frame[..at], .. added, .. frame[at..]];
        if (what == "options")
            frame[14] = 0x46;
        if (what == "long")
            frame[42] += 18;
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(spec.NetworkOffset + 2), (ushort)(frame.Length - spec.NetworkOffset));
        var offload = spec.Offload(1300);
        rig.Carry(0, frame, offload with { ChecksumStart = (ushort)(offload.ChecksumStart + added.Length),
            HeaderLength = (ushort)(offload.HeaderLength + added.Length) });
        var received = rig.Received(1);
        Assert.All(received, segments => Assert.False(segments.Offload.IsEncapsulated));
        Assert.Equal(63_001, TunnelWire.Finish(received).Sum(segment => segment.Length - offload.HeaderLength - added.Length));
    }

    [Theory, MemberData(nameof(Kinds))]
    public void What_is_cut_into_smaller_super_frames_is_described_as_the_whole_was(string kind)
    {
        var spec = Specs[kind] with { Inner = Specs[kind].Inner with { Payload = 150_001 } };
        // No other packet is ever that long, and no other tunnel is taken whole.
        if (!spec.IsUdp || spec.Inner.Protocol != IpProtocol.Tcp)
            return;
        // Where UDP is cut as well, it becomes datagrams of the tunnel's.
        using var rig = Offloading(Taps & ~(PortOffloads.Big | PortOffloads.UdpSegments));
        rig.Carry(0, spec.Build(isPartial: true, isSuper: true), spec.Offload(1300));
        var received = rig.Received(1);
        Assert.Equal(3, received.Count);
        var segments = new List<ReceivedFrame>();
        foreach (var (bytes, offload) in received)
        {
            Assert.InRange(bytes.Length, 0, spec.NetworkOffset + ushort.MaxValue);
            Assert.Equal(spec.WholeOffload(1300), offload);
            if (spec.HasChecksum)
                Assert.Equal((spec with { Inner = spec.Inner with { Payload = bytes.Length - offload.HeaderLength } })
                    .Build(isPartial: true, isSuper: true)[spec.ChecksumOffset..][..2],
                    bytes[spec.ChecksumOffset..][..2]);
            // Whoever takes it cuts it as the whole would have been cut.
            using var next = Offloading(PortOffloads.None);
            next.Carry(0, bytes, offload);
            segments.AddRange(next.Received(1));
        }
        Reassemble(spec, TunnelWire.Read(spec, segments.Select(frame => frame.Bytes)), 1300);
    }

    [Theory, MemberData(nameof(Kinds))]
    public void A_super_frame_whose_checksums_nobody_left_open_is_cut_all_the_same(string kind)
    {
        var spec = Specs[kind];
        // UDP in UDP without a word about where the inner one is looks like datagrams of the outer.
        if (spec.Inner.Protocol == IpProtocol.Udp)
            return;
        foreach (var flags in new[] { VirtioNetFlags.None, VirtioNetFlags.DataValid })
        {
            using var rig = Offloading(PortOffloads.None);
            rig.Carry(0, spec.Build(), spec.Offload(1300) with { Flags = flags, ChecksumStart = 0, ChecksumOffset = 0 });
            Reassemble(spec, TunnelWire.Read(spec, rig.Received(1).Select(frame => frame.Bytes)), 1300);
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public void A_single_frame_whose_inner_checksum_is_partial_is_completed_inside(string kind)
    {
        using var rig = Offloading(PortOffloads.None, PortOffloads.All);
        var spec = Specs[kind] with { Inner = Specs[kind].Inner with { Payload = 601 } };
        rig.Carry(0, spec.Build(isPartial: true), spec.Offload());
        Assert.Equal(spec.Build(), Assert.Single(rig.Received(1)).Bytes);
        Assert.Equal(spec.Build(isPartial: true), Assert.Single(rig.Received(2)).Bytes);
    }

    [Fact]
    public void A_tunnel_is_measured_by_its_segments_with_all_their_headers()
    {
        using var rig = new Rig();
        rig.Add(PortOffloads.All, mtu: 9000);
        rig.Add(PortOffloads.All, mtu: 1500);
        var spec = Specs["TCP4 in Vxlan over 4"];
        var headers = spec.Shift + spec.Inner.PayloadOffset - 14;
        rig.Carry(0, spec.Build(isPartial: true, isSuper: true), spec.Offload(1500 - headers));
        Assert.Equal(2, rig.Received(1).Count);
        rig.Carry(0, spec.Build(isPartial: true, isSuper: true), spec.Offload(1501 - headers));
        Assert.Equal(1, rig.OutDrops(1, DropReason.MtuExceeded));
    }

    [Fact]
    public void A_tunnel_in_a_tunnel_or_one_that_contradicts_its_header_costs_that_frame()
    {
        var vxlan = Specs["TCP4 in Vxlan over 4"];
        var frame = vxlan.Build(isPartial: true, isSuper: true);
        var right = vxlan.Offload(1300);
        byte[] nested = [.. frame[..14], .. frame[14..34], .. frame[14..]];
        nested[23] = 4;
        var numbered = Specs["TCP4 in Gre over 4"];
        var gre = numbered.Build(isPartial: true, isSuper: true);
        gre[numbered.TransportOffset] |= 0x10;
        (byte[] Frame, VirtioNetHeader Offload)[] lies =
        [
            (nested, right with { ChecksumStart = (ushort)(right.ChecksumStart + 20) }),
            (gre, numbered.Offload(1300)),
            (frame, right with { ChecksumStart = (ushort)(right.ChecksumStart + 4) }),
            (frame, right with { ChecksumOffset = 6 }),
            (frame, right with { GsoType = GsoType.TcpV6 }),
            (frame, right with { GsoSize = 0 }),
            (frame[..(right.ChecksumStart + 10)], right),
        ];
        foreach (var (lie, offload) in lies)
        {
            using var rig = Offloading(PortOffloads.All, PortOffloads.None);
            rig.Carry(0, lie, offload);
            Assert.Empty(rig.Received(1));
            Assert.Empty(rig.Received(2));
            Assert.Equal(1, rig.InDrops(0, DropReason.OffloadInvalid));
        }
    }

    /// <summary>Its segments would be 8 bytes longer than the sender counted, and no kernel sends one.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_jumbo_header_in_or_around_a_tunnel_is_refused(bool isOuter)
    {
        using var rig = Offloading(PortOffloads.None);
        var spec = Specs["TCP6 in Vxlan over 6"];
        var frame = spec.Build(isPartial: true, isSuper: true);
        var network = isOuter ? spec.NetworkOffset : spec.InnerNetworkOffset;
        byte[] jumbo = [frame[network + 6], 0, 0xC2, 4, 0, 0, (byte)(frame.Length >> 8), (byte)frame.Length];
        frame[network + 6] = IpProtocol.HopByHopOptions;
        (frame[network + 4], frame[network + 5]) = (0, 0);
        var right = spec.Offload(1300);
        var offload = right with { ChecksumStart = (ushort)(right.ChecksumStart + 8), HeaderLength = (ushort)(right.HeaderLength + 8) };
        rig.Carry(0, [.. frame[..(network + 40)], .. jumbo, .. frame[(network + 40)..]], offload);
        Assert.Empty(rig.Received(1));
        Assert.Equal(1, rig.InDrops(0, DropReason.OffloadInvalid));
    }

    private static Rig Offloading(params PortOffloads[] outputs)
    {
        var rig = new Rig();
        rig.Add(Taps);
        foreach (var offloads in outputs)
            rig.Add(offloads);
        return rig;
    }

    private static void Reassemble(TunnelSpec spec, IReadOnlyList<Wire> segments, int size)
    {
        Assert.Equal((spec.Inner.Payload + size - 1) / size, segments.Count);
        var payload = new List<byte>();
        for (var i = 0; i < segments.Count; i++)
        {
            if (!spec.Inner.IsIpv6)
                Assert.Equal((ushort)(spec.Inner.Identification + i), segments[i].Identification);
            if (spec.Inner.Protocol == IpProtocol.Tcp)
            {
                Assert.Equal(spec.Inner.Sequence + (uint)payload.Count, segments[i].Sequence);
                Assert.Equal(i == segments.Count - 1 ? spec.Inner.Flags : spec.Inner.Flags & ~(Fin | Psh), segments[i].Flags);
            }
            payload.AddRange(segments[i].Payload);
        }
        Assert.Equal(spec.Inner.Build()[spec.Inner.PayloadOffset..], payload.ToArray());
    }
}
