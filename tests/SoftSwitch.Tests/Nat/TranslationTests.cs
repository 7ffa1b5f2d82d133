using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Packets;
using SoftSwitch.Tests.Forwarding;

namespace SoftSwitch.Tests.Nat;

public sealed class TranslationTests
{
    [Theory]
    [InlineData("udp 10.0.0.5:4000 > 192.0.2.7:53 len=33 df", "udp 192.0.2.7:53 > 203.0.113.1:{0} len=100")]
    [InlineData("udp 10.0.0.5:4000 > 192.0.2.7:53 len=33 nosum df", "udp 192.0.2.7:53 > 203.0.113.1:{0} len=100 nosum")]
    [InlineData("tcp 10.0.0.5:4000 > 192.0.2.7:80 S seq=7 df", "tcp 192.0.2.7:80 > 203.0.113.1:{0} SA seq=9 ack=8")]
    [InlineData("icmp 10.0.0.5 > 192.0.2.7 type=8 id=77 len=56 df", "icmp 192.0.2.7 > 203.0.113.1 type=0 id={0} len=56")]
    [InlineData("icmp 10.0.0.5 > 192.0.2.7 type=13 id=77 len=12 df", "icmp 192.0.2.7 > 203.0.113.1 type=14 id={0} len=12")]
    public void A_packet_goes_out_from_the_outside_address_and_its_answer_comes_back(string request, string answer)
    {
        using var rig = new NatRig();
        var sent = NatPacket.Parse(request);
        var outside = rig.Out(request);
        Assert.Equal(sent with { Source = NatRig.Outside, SourcePort = outside.SourcePort }, outside);
        Assert.InRange(outside.SourcePort, 16_384, 29_999);

        var text = string.Format(System.Globalization.CultureInfo.InvariantCulture, answer, outside.SourcePort);
        var received = NatPacket.Parse(text);
        var result = rig.Inbound(text);
        Assert.Equal(0, result.Policy);
        var expected = received with { Destination = sent.Source };
        Assert.Equal(received.Protocol == IpProtocol.Icmp ? expected with { SourcePort = 77 } : expected with { DestinationPort = 4000 },
            result.Packet);
    }

    [Theory]
    [InlineData("udp 10.0.0.5:4000 > 192.0.2.7:53 len=33 df", 0)]
    [InlineData("tcp 10.0.0.5:4000 > 192.0.2.7:80 A len=1000 df", 0)]
    [InlineData("icmp 10.0.0.5 > 192.0.2.7 type=8 id=77 len=56 df", 0)]
    [InlineData("tcp 10.0.0.5:4000 > 192.0.2.7:80 A len=30000 df", 1400)]
    [InlineData("udp 10.0.0.5:4000 > 192.0.2.7:443 len=30000 df", 1200)]
    public void Partial_checksums_and_super_frames_are_translated_as_they_are(string text, int gsoSize)
    {
        using var rig = new NatRig();
        var packet = NatPacket.Parse(text);
        var result = rig.Outbound(packet.Build(isPartial: true), packet.Offload(gsoSize));
        Assert.Equal(NaptVerdict.Translated, result.Verdict);
        Assert.True(result.Offload.NeedsChecksum);
        Assert.Equal(gsoSize, result.Offload.GsoSize);
        var outside = result.Packet;
        Assert.Equal(packet with { Source = NatRig.Outside, SourcePort = outside.SourcePort }, outside);

        var answer = packet.Protocol == IpProtocol.Icmp
            ? packet with { Source = packet.Destination, Destination = NatRig.Outside, SourcePort = outside.SourcePort, IcmpType = 0 }
            : packet with { Source = packet.Destination, SourcePort = packet.DestinationPort, Destination = NatRig.Outside,
                DestinationPort = outside.SourcePort };
        result = rig.Inbound(answer.Build(isPartial: true), answer.Offload(gsoSize));
        Assert.Equal(NaptVerdict.Translated, result.Verdict);
        Assert.Equal(packet.Source, result.Packet.Destination);
    }

    /// <summary>What is unfinished in these is inside the tunnel: outside it, address, port and checksum are translated as of any
    /// datagram.</summary>
    [Theory]
    [InlineData(TunnelKind.Vxlan, false, 0)]
    [InlineData(TunnelKind.Vxlan, true, 0)]
    [InlineData(TunnelKind.Geneve, true, 0)]
    [InlineData(TunnelKind.Vxlan, false, 1300)]
    [InlineData(TunnelKind.Vxlan, true, 1300)]
    [InlineData(TunnelKind.GeneveIp, true, 1300)]
    public void A_UDP_tunnel_is_translated_and_what_is_unfinished_in_it_stays_so(TunnelKind kind, bool hasChecksum, int gsoSize)
    {
        using var rig = new NatRig();
        var isSuper = gsoSize != 0;
        var spec = new TunnelSpec { Kind = kind, HasChecksum = hasChecksum, From = "10.0.0.5", To = "192.0.2.7",
            Inner = new() { Payload = isSuper ? 30_000 : 900 } };
        var result = rig.Outbound(spec.Build(isPartial: true, isSuper), spec.Offload(gsoSize));
        Assert.Equal(NaptVerdict.Translated, result.Verdict);
        Assert.Equal(isSuper ? spec.WholeOffload(gsoSize) : spec.Offload() with { HeaderLength = 0, BufferCount = 1 }, result.Offload);
        Assert.Equal(Expected(spec with { From = NatRig.Outside.ToString() }, result.Frame, 34), result.Frame);

        var port = result.Frame.AsSpan(34, 2).ToArray();
        var answer = spec with { From = spec.To, To = NatRig.Outside.ToString() };
        var frame = answer.Build(isPartial: true, isSuper);
        Turn(frame);
        result = rig.Inbound(frame, answer.Offload(gsoSize));
        Assert.Equal(NaptVerdict.Translated, result.Verdict);
        var translated = (spec with { From = spec.To, To = "10.0.0.5" }).Build(isPartial: true, isSuper);
        Turn(translated);
        (translated[36], translated[37]) = (0xC3, 0x50);
        Mend(translated);
        Assert.Equal(translated, result.Frame);

        // Source and destination port the other way round, the destination the one outside.
        void Turn(byte[] bytes)
        {
            bytes.AsSpan(36, 2).CopyTo(bytes.AsSpan(34));
            port.CopyTo(bytes, 36);
            Mend(bytes);
        }

        // A whole checksum holds the ports, a partial one doesn't.
        void Mend(byte[] bytes)
        {
            if (!hasChecksum || isSuper)
                return;
            (bytes[40], bytes[41]) = (0, 0);
            var inner = spec.Inner.Build()[14..];
            byte[] udp = [.. bytes.AsSpan(26, 8), 0, 17, (byte)((bytes.Length - 34) >> 8), (byte)(bytes.Length - 34),
                .. bytes.AsSpan(34, spec.InnerNetworkOffset - 34), .. inner];
            var sum = (ushort)~Wire.Sum(udp);
            (bytes[40], bytes[41]) = ((byte)(sum >> 8), (byte)sum);
        }

        byte[] Expected(TunnelSpec after, byte[] got, int portAt)
        {
            var bytes = after.Build(isPartial: true, isSuper);
            got.AsSpan(portAt, 2).CopyTo(bytes.AsSpan(portAt));
            // May be fragmented: it has another identification outside.
            got.AsSpan(18, 2).CopyTo(bytes.AsSpan(18));
            (bytes[24], bytes[25]) = (0, 0);
            var sum = (ushort)~Wire.Sum(bytes.AsSpan(14, 20));
            (bytes[24], bytes[25]) = ((byte)(sum >> 8), (byte)sum);
            Mend(bytes);
            return bytes;
        }
    }

    [Fact]
    public void A_partial_checksum_of_anything_else_than_its_own_header_or_a_tunnels_inside_is_refused()
    {
        using var rig = new NatRig();
        foreach (var text in new[] { "tcp 10.0.0.5:4000 > 192.0.2.7:80 A len=100", "icmp 10.0.0.5 > 192.0.2.7 type=8 id=77 len=56",
            "udp 10.0.0.5:4000 > 192.0.2.7:53 len=100" })
        {
            var packet = NatPacket.Parse(text);
            var result = rig.Outbound(packet.Build(isPartial: true),
                packet.Offload() with { ChecksumStart = (ushort)(packet.TransportOffset + 4) });
            Assert.Equal((NaptVerdict.Dropped, DropReason.OffloadInvalid), (result.Verdict, result.Drop));
        }
    }

    [Fact]
    public void BIG_TCP_is_translated_like_every_super_frame()
    {
        using var rig = new NatRig();
        var spec = new PacketSpec { From = "10.0.0.5", To = "192.0.2.7", Payload = 180_000 };
        var frame = BigTcp(spec);
        var result = rig.Outbound(frame, spec.Offload(1400));
        Assert.Equal(NaptVerdict.Translated, result.Verdict);
        var expected = BigTcp(spec with { From = NatRig.Outside.ToString() });
        result.Frame.AsSpan(34, 2).CopyTo(expected.AsSpan(34));
        Assert.Equal(expected, result.Frame);

        // The length field of IPv4 can't say it, and holds 0.
        static byte[] BigTcp(PacketSpec spec)
        {
            var frame = spec.Build(isPartial: true);
            (frame[16], frame[17], frame[24], frame[25]) = (0, 0, 0, 0);
            var sum = (ushort)~Wire.Sum(frame.AsSpan(14, 20));
            (frame[24], frame[25]) = ((byte)(sum >> 8), (byte)sum);
            return frame;
        }
    }

    [Fact]
    public void A_port_is_the_same_for_every_destination_and_nobody_elses()
    {
        using var rig = new NatRig();
        var ports = new Dictionary<ushort, string>();
        foreach (var inside in new[] { "10.0.0.5:4000", "10.0.0.5:4001", "10.0.0.6:4000", "10.0.0.7:4000" })
        {
            var port = rig.Out($"udp {inside} > 192.0.2.7:53").SourcePort;
            foreach (var remote in new[] { "192.0.2.7:54", "192.0.2.8:53", "198.51.100.1:9" })
                Assert.Equal(port, rig.Out($"udp {inside} > {remote}").SourcePort);
            Assert.True(ports.TryAdd(port, inside));
        }
    }

    [Theory]
    [InlineData("udp 10.0.0.5:0 > 192.0.2.7:53")]
    [InlineData("udp 10.0.0.5:1023 > 192.0.2.7:53")]
    [InlineData("tcp 10.0.0.5:22 > 192.0.2.7:53 S")]
    public void A_privileged_port_stays_privileged_where_the_range_allows(string packet)
    {
        using var rig = new NatRig(new NaptPolicy { FirstPort = 1, LastPort = 65_535 });
        Assert.InRange(rig.Out(packet).SourcePort, 1, 1023);
        using var high = new NatRig();
        Assert.InRange(high.Out(packet).SourcePort, 16_384, 29_999);
        // Who takes all that there are leaves the others for the next.
        using var full = new NatRig(new NaptPolicy { FirstPort = 1000, LastPort = 65_535 });
        for (var port = 1000; port < 1024; port++)
            Assert.InRange(full.Out($"{packet[..3]} 10.0.0.6:{port} > 192.0.2.7:53 S").SourcePort, 1000, 1023);
        Assert.InRange(full.Out(packet).SourcePort, 1024, 65_535);
    }

    [Fact]
    public void An_unprivileged_port_stays_unprivileged()
    {
        using var rig = new NatRig(new NaptPolicy { FirstPort = 1, LastPort = 1100, MappingsPerOwner = 2000 });
        for (var port = 1024; port < 1024 + 77; port++)
            Assert.InRange(rig.Out($"udp 10.0.0.5:{port} > 192.0.2.7:53").SourcePort, 1024, 1100);
        // When they are used up, too.
        for (var port = 2000; port < 2100; port++)
            Assert.InRange(rig.Out($"udp 10.0.0.5:{port} > 192.0.2.{port % 9}:53").SourcePort, 1024, 1100);
    }

    [Fact]
    public void Outside_ports_are_random()
    {
        var ports = new HashSet<ushort>();
        for (var i = 0; i < 10; i++)
        {
            using var napt = Translator.Of(new() { OutsideAddress = NatRig.Outside, Capacity = 16 }, new NaptPolicy());
            ports.Add(FirstPort(napt));
        }
        Assert.True(ports.Count > 5);

        static unsafe ushort FirstPort(Napt napt)
        {
            using var burst = new SoftSwitch.Forwarding.Frames.Burst();
            var bytes = NatPacket.Parse("udp 10.0.0.5:4000 > 192.0.2.7:53 len=30").Build();
            bytes.CopyTo(new Span<byte>(burst.HeadOf(0), 2048));
            ref var frame = ref burst.Add(bytes.Length, null);
            frame.Offload = default;
            Assert.True(Ipv4Layout.TryRead(frame.HeadBytes, 14, frame.Length, out var packet));
            Assert.Equal(NaptVerdict.Translated, napt.Outbound(ref frame, packet, 0, 1, new(0), new()));
            return NatPacket.Read(frame.HeadBytes.ToArray()).SourcePort;
        }
    }

    [Theory]
    [InlineData("47 10.0.0.5 > 192.0.2.7 len=40", DropReason.NatProtocol)]
    [InlineData("icmp 10.0.0.5 > 192.0.2.7 type=0 id=7 len=40", DropReason.NatUnmatched)]
    [InlineData("icmp 10.0.0.5 > 192.0.2.7 type=5 id=7 len=40", DropReason.NatUnmatched)]
    [InlineData("icmp 10.0.0.5 > 192.0.2.7 type=3 id=7 len=40", DropReason.NatMalformed)]
    [InlineData("tcp 10.0.0.5:4000 > 192.0.2.7:80 R seq=7", DropReason.NatUnmatched)]
    public void What_cant_be_translated_stays_inside(string packet, DropReason reason)
    {
        using var rig = new NatRig();
        var result = rig.Outbound(packet);
        Assert.Equal(NaptVerdict.Dropped, result.Verdict);
        Assert.Equal(reason, result.Drop);
        Assert.Empty(rig.Flows);
    }

    [Theory]
    [InlineData("udp 192.0.2.7:53 > 203.0.113.1:20000")]
    [InlineData("tcp 192.0.2.7:53 > 203.0.113.1:20000 S")]
    [InlineData("tcp 192.0.2.7:53 > 203.0.113.1:20000 A")]
    [InlineData("icmp 192.0.2.7 > 203.0.113.1 type=0 id=7")]
    [InlineData("icmp 192.0.2.7 > 203.0.113.1 type=8 id=7")]
    [InlineData("udp 192.0.2.7:53 > 203.0.113.2:20000")]
    public void What_nobody_asked_for_is_not_ours(string packet)
    {
        using var rig = new NatRig();
        Assert.Equal(NaptVerdict.NotOurs, rig.Inbound(packet).Verdict);
        Assert.Empty(rig.Flows);
    }
}
