using CsCheck;
using SoftSwitch.Packets;
using SoftSwitch.Tests.Nat;

namespace SoftSwitch.Tests.Packets;

public sealed class Ipv4LayoutTests
{
    private static byte[] Good => (NatPacket.Parse("udp 10.0.0.5:4000 > 192.0.2.7:53 len=30") with { IpOptions = 8, Ttl = 7 }).Build();

    [Fact]
    public void A_header_is_read_as_it_stands()
    {
        var frame = Good;
        Assert.True(Ipv4Layout.TryRead(frame, 14, frame.Length, out var packet));
        Assert.Equal((14, 42, 28, 66, 38),
            (packet.NetworkOffset, packet.TransportOffset, packet.HeaderLength, packet.TotalLength, packet.PayloadLength));
        Assert.Equal((IpProtocol.Udp, 7, 0x1234), (packet.Protocol, packet.Ttl, packet.Identification));
        Assert.Equal(("10.0.0.5", "192.0.2.7"), (packet.Source.ToString(), packet.Destination.ToString()));
        Assert.Equal((false, false, false, 0), (packet.IsFragment, packet.MoreFragments, packet.DontFragment, packet.FragmentOffset));
    }

    [Theory]
    [InlineData(0x4000, true, false, 0)]
    [InlineData(0x2000, false, true, 0)]
    [InlineData(0x3FFF, false, true, 0x1FFF * 8)]
    [InlineData(0x0001, false, false, 8)]
    public void Flags_and_offset_are_told_apart(int field, bool dontFragment, bool more, int offset)
    {
        var frame = Good;
        (frame[20], frame[21]) = ((byte)(field >> 8), (byte)field);
        Ipv4Header.WriteChecksum(frame.AsSpan(14, 28));
        Assert.True(Ipv4Layout.TryRead(frame, 14, frame.Length, out var packet));
        Assert.Equal((dontFragment, more, offset, more || offset > 0),
            (packet.DontFragment, packet.MoreFragments, packet.FragmentOffset, packet.IsFragment));
    }

    [Theory]
    [InlineData(14, 0x57)] // Version.
    [InlineData(14, 0x44)] // Header shorter than a header.
    [InlineData(16, 0xFF)] // Longer than the frame.
    [InlineData(17, 27)] // Shorter than its header.
    public void What_is_no_packet_is_refused(int at, byte value)
    {
        var frame = Good;
        frame[at] = value;
        var header = int.Max((frame[14] & 15) * 4, 20);
        Ipv4Header.WriteChecksum(frame.AsSpan(14, header));
        Assert.False(Ipv4Layout.TryRead(frame, 14, frame.Length, out _));
    }

    [Fact]
    public void Every_changed_bit_of_a_header_is_noticed()
    {
        for (var bit = 14 * 8; bit < 42 * 8; bit++)
        {
            var frame = Good;
            frame[bit / 8] ^= (byte)(1 << bit % 8);
            Assert.False(Ipv4Layout.TryRead(frame, 14, frame.Length, out _));
        }
    }

    [Fact]
    public void Padding_is_no_part_and_a_head_without_the_whole_header_is_not_enough()
    {
        byte[] padded = [.. Good, 0, 0, 0];
        Assert.True(Ipv4Layout.TryRead(padded, 14, padded.Length, out _));
        Assert.True(Ipv4Layout.TryRead(padded.AsSpan(0, 42), 14, padded.Length, out _));
        Assert.False(Ipv4Layout.TryRead(padded.AsSpan(0, 41), 14, padded.Length, out _));
        Assert.False(Ipv4Layout.TryRead(padded, 14, Good.Length - 1, out _));
    }

    [Fact]
    public void Any_bytes_are_read_or_refused() => Gen.Select(Gen.Byte.Array[0, 80], Gen.Int[-5, 100], Gen.Int[0, 200]).Sample(
        (bytes, offset, length) =>
        {
            if (Ipv4Layout.TryRead(bytes, offset, length, out var packet))
                Assert.True(packet.TransportOffset <= bytes.Length && packet.NetworkOffset + packet.TotalLength <= length
                    && packet.PayloadLength >= 0);
            ArpMessage.TryRead(bytes, out _);
            var at = TcpOption.Find(bytes, TcpOption.WindowScale, 3);
            Assert.True(at < 0 || at + 3 <= bytes.Length);
        });

    [Fact]
    public void A_written_header_is_read_back()
    {
        var frame = new byte[60];
        Ipv4Header.Write(frame.AsSpan(14), 40, 77, 9, IpProtocol.Icmp, new(0x0A000001), new(0x0A000002));
        Assert.True(Ipv4Layout.TryRead(frame, 14, 60, out var packet));
        Assert.Equal((40, 77, 9, IpProtocol.Icmp, 0x0A000001u, 0x0A000002u),
            (packet.TotalLength, packet.Identification, packet.Ttl, packet.Protocol, packet.Source.Value, packet.Destination.Value));
        for (var ttl = 8; ttl >= 0; ttl--)
        {
            Ipv4Header.DecrementTtl(frame.AsSpan(14));
            Assert.True(Ipv4Layout.TryRead(frame, 14, 60, out packet));
            Assert.Equal(ttl, packet.Ttl);
        }
    }
}
