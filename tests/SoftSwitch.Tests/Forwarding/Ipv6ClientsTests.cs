using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Packets;
using SoftSwitch.Packets.Translation;
using SoftSwitch.Tests.Packets.Translation;

namespace SoftSwitch.Tests.Forwarding;

/// <summary>The gate of a way to the host translates what programs of the host say that speak IPv6, and what is said to them.</summary>
public sealed class Ipv6ClientsTests : IDisposable
{
    private readonly Burst _burst = new();
    private readonly HostGate _gate = new()
    {
        Rules = new([Ipv4Address.Parse("192.0.2.2")], [new(Sample.Station, 32)], [], []),
        Ipv6Clients = new(Sample.Client, Sample.Station),
    };

    public void Dispose() => _burst.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1400)]
    public void What_they_say_is_IPv4_behind_the_gate_and_the_answer_IPv6_before_it(int bytes)
    {
        ref var frame = ref Add(Sample.Ipv6(IpProtocol.Udp, Sample.Transport(IpProtocol.Udp, bytes)), EtherType.Ipv6);
        Assert.Equal(DropReason.None, _gate.FromHost(ref frame));
        Assert.Equal(EtherType.Ipv4, frame.EtherType);
        Assert.Equal((0x02, 0x08), (frame.HeadBytes[0], frame.HeadBytes[12]));
        Assert.True(Ipv4Layout.TryRead(frame.HeadBytes, 14, frame.Length, out var read));
        Assert.Equal((Sample.Client, Sample.Station), (read.Source, read.Destination));
        Assert.True(Sample.IsSummed(frame.HeadBytes.Slice(14, read.TotalLength), 20, isIpv6: false, IpProtocol.Udp));
        // Behind a short packet there are zeros, and nothing that was there before.
        Assert.True(frame.Length >= EthernetHeader.MinimumFrame);
        Assert.DoesNotContain(frame.HeadBytes[(14 + read.TotalLength)..].ToArray(), one => one != 0);

        ref var answer = ref Add(Sample.Ipv4(IpProtocol.Udp, Sample.Transport(IpProtocol.Udp, bytes)), EtherType.Ipv4);
        Assert.Equal(DropReason.None, _gate.ToHost(ref answer, isOurs: true));
        Assert.Equal((EtherType.Ipv6, (byte)0x86), (answer.EtherType, answer.HeadBytes[12]));
        var packet = answer.HeadBytes[14..(14 + 48 + bytes)];
        Assert.Equal(EmbeddedAddress.Of(Sample.Client), Ipv6Address.Read(packet[Ipv6Header.DestinationOffset..]));
        Assert.True(Sample.IsSummed(packet, 40, isIpv6: true, IpProtocol.Udp));
    }

    [Fact]
    public void A_super_frame_stays_one()
    {
        var bytes = 30_000;
        ref var frame = ref Add(Sample.Ipv6(IpProtocol.Tcp, Sample.Transport(IpProtocol.Tcp, bytes)), EtherType.Ipv6, GsoType.TcpV6);
        var length = frame.Length;
        Assert.Equal(DropReason.None, _gate.FromHost(ref frame));
        Assert.Equal((GsoType.TcpV4 | GsoType.Ecn, (ushort)1440), (frame.Offload.GsoType, frame.Offload.GsoSize));
        Assert.Equal((34, 54, 54, length - 20),
            (frame.Offload.ChecksumStart, frame.Offload.HeaderLength, frame.PayloadOffset, frame.Length));
        var packet = Sample.Ipv4(IpProtocol.Tcp, Sample.Transport(IpProtocol.Tcp, bytes), 0x4000);
        ref var answer = ref Add(packet, EtherType.Ipv4, GsoType.TcpV4);
        Assert.Equal(DropReason.None, _gate.ToHost(ref answer, isOurs: true));
        Assert.Equal((GsoType.TcpV6 | GsoType.Ecn, (ushort)54, (ushort)74, (ushort)74, length),
            (answer.Offload.GsoType, answer.Offload.ChecksumStart, answer.Offload.HeaderLength, answer.PayloadOffset, answer.Length));
    }

    [Fact]
    public void A_datagram_without_a_checksum_is_completed_by_whoever_sends_the_frame()
    {
        var packet = Sample.Ipv4(IpProtocol.Udp, Sample.Transport(IpProtocol.Udp, 100));
        packet.AsSpan(26, 2).Clear();
        ref var frame = ref Add(packet, EtherType.Ipv4);
        Assert.Equal(DropReason.None, _gate.ToHost(ref frame, isOurs: true));
        Assert.Equal((true, 54, 6), (frame.Offload.NeedsChecksum, frame.Offload.ChecksumStart, frame.Offload.ChecksumOffset));
    }

    [Fact]
    public void Others_than_these_two_pass_neither_way()
    {
        var wrong = Sample.Ipv6(IpProtocol.Udp, Sample.Transport(IpProtocol.Udp, 10));
        EmbeddedAddress.Of(new(0xC000_0005)).Write(wrong.AsSpan(Ipv6Header.SourceOffset));
        Assert.Equal(DropReason.RoutedByHost, _gate.FromHost(ref Add(wrong, EtherType.Ipv6)));
        EmbeddedAddress.Of(Sample.Client).Write(wrong.AsSpan(Ipv6Header.SourceOffset));
        Ipv6Address.Parse("2001:db8::1").Write(wrong.AsSpan(Ipv6Header.DestinationOffset));
        Assert.Equal(DropReason.RoutedByHost, _gate.FromHost(ref Add(wrong, EtherType.Ipv6)));
        Assert.Equal(DropReason.PacketMalformed,
            _gate.FromHost(ref Add(Sample.Ipv6(IpProtocol.Routing, new byte[64]), EtherType.Ipv6)));
        // Not by a station of ours, so not translated there.
        var answer = Sample.Ipv4(IpProtocol.Udp, Sample.Transport(IpProtocol.Udp, 10));
        Assert.NotEqual(DropReason.None, _gate.ToHost(ref Add(answer, EtherType.Ipv4), isOurs: false));
    }

    private ref Frame Add(byte[] packet, ushort type, GsoType kind = GsoType.None)
    {
        byte[] bytes = [0x02, 0, 0, 0, 0, 1, 0x02, 0, 0, 0, 0, 2, (byte)(type >> 8), (byte)type, .. packet];
        var length = int.Max(bytes.Length, EthernetHeader.MinimumFrame);
        Array.Resize(ref bytes, length);
        var index = _burst.Count;
        unsafe
        {
            var body = _burst.FreeBodies > 0 ? _burst.BodyOf(0) : null;
            bytes.AsSpan(0, int.Min(length, Burst.HeadCapacity)).CopyTo(new(_burst.HeadOf(0), Burst.HeadCapacity));
            if (length > Burst.HeadCapacity)
                bytes.AsSpan(Burst.HeadCapacity).CopyTo(new(body, Burst.BodyCapacity));
            _burst.Add(length, body);
        }
        ref var frame = ref _burst[index];
        (frame.PacketOffset, frame.EtherType) = (EthernetHeader.Size, type);
        frame.Offload = new() { BufferCount = 1 };
        if (kind == GsoType.None)
            return ref frame;
        var header = EthernetHeader.Size + (type == EtherType.Ipv6 ? Ipv6Header.Size : Ipv4Header.MinimumSize);
        frame.Offload.GsoType = kind | GsoType.Ecn;
        frame.Offload.GsoSize = 1440;
        frame.Offload.Flags = VirtioNetFlags.NeedsChecksum;
        frame.Offload.ChecksumStart = (ushort)header;
        frame.Offload.ChecksumOffset = TcpHeader.ChecksumOffset;
        frame.Offload.HeaderLength = frame.PayloadOffset = (ushort)(header + TcpHeader.MinimumSize);
        return ref frame;
    }
}
