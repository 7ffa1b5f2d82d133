using System.Buffers.Binary;
using CsCheck;
using SoftSwitch.Packets;
using SoftSwitch.Packets.Translation;

namespace SoftSwitch.Tests.Packets.Translation;

public class IpTranslationTests
{
    [Theory]
    [InlineData("192.0.0.6", "64:ff9b:1::c000:6")]
    [InlineData("169.254.83.1", "64:ff9b:1::a9fe:5301")]
    public void An_address_is_embedded_in_the_prefix_for_local_use(string ipv4, string ipv6)
    {
        Assert.Equal(ipv6, EmbeddedAddress.Of(Ipv4Address.Parse(ipv4)).ToString());
        Assert.True(EmbeddedAddress.TryRead(Ipv6Address.Parse(ipv6), out var embedded));
        Assert.Equal(ipv4, embedded.ToString());
    }

    [Theory]
    [InlineData("64:ff9b::c000:6")]
    [InlineData("64:ff9b:1:1::c000:6")]
    [InlineData("::1")]
    public void Another_prefix_has_none(string address) => Assert.False(EmbeddedAddress.TryRead(Ipv6Address.Parse(address), out _));

    /// <summary>To IPv6 the checksum is right for every packet, and back it is the packet that it was.</summary>
    [Fact]
    public void A_packet_that_goes_over_and_back_is_the_same() => Gen.Select(Gen.Bool, Gen.Int[0, 1400], Gen.Byte, Gen.Byte)
        .Sample((isTcp, bytes, ttl, tos) =>
        {
            var protocol = isTcp ? IpProtocol.Tcp : IpProtocol.Udp;
            var packet = Sample.Ipv4(protocol, Sample.Transport(protocol, bytes), (ushort)(isTcp ? 0x4000 : 0), 0, ttl, tos);
            var over = ToIpv6(packet);
            Assert.True(Sample.IsSummed(over, Ipv6Header.Size, isIpv6: true, protocol));
            Assert.Equal((ttl, packet.Length + 20), (over[Ipv6Header.HopLimitOffset], over.Length));
            Assert.Equal(tos, (byte)(BinaryPrimitives.ReadUInt16BigEndian(over) >> 4));
            Assert.Equal(packet, ToIpv4(over, identification: 0));
        }, iter: 2_000);

    [Fact]
    public void What_is_to_be_completed_stays_so_and_holds_the_other_pseudo_header()
    {
        var packet = Sample.Ipv4(IpProtocol.Tcp, Sample.Transport(IpProtocol.Tcp, 100), 0x4000);
        var field = packet.AsSpan(Ipv4Header.MinimumSize + TcpHeader.ChecksumOffset, 2);
        BinaryPrimitives.WriteUInt16BigEndian(field, PseudoHeader.Sum(packet, 0, false, IpProtocol.Tcp, 120).Sum);
        var over = ToIpv6(packet, isPartial: true);
        Assert.Equal(PseudoHeader.Sum(over, 0, true, IpProtocol.Tcp, 120).Sum,
            BinaryPrimitives.ReadUInt16BigEndian(over.AsSpan(Ipv6Header.Size + TcpHeader.ChecksumOffset)));
        Assert.Equal(packet, ToIpv4(over, identification: 0, isPartial: true));
    }

    [Theory]
    [InlineData((ushort)0x2000, 0, true)]
    [InlineData((ushort)0x20B9, 185 * 8, true)]
    [InlineData((ushort)0x00B9, 185 * 8, false)]
    public void A_fragment_stays_a_fragment(ushort word, int offset, bool hasMore)
    {
        var transport = Sample.Transport(IpProtocol.Udp, 1000);
        transport[UdpHeader.ChecksumOffset] = 0x12;
        var packet = Sample.Ipv4(IpProtocol.Udp, transport, word, id: 0xABCD);
        var over = ToIpv6(packet);
        Assert.Equal((IpProtocol.Fragment, IpProtocol.Udp), (over[Ipv6Header.NextHeaderOffset], over[Ipv6Header.Size]));
        Assert.Equal(offset | (hasMore ? 1 : 0), BinaryPrimitives.ReadUInt16BigEndian(over.AsSpan(Ipv6Header.Size + 2)));
        Assert.Equal(0xABCDu, BinaryPrimitives.ReadUInt32BigEndian(over.AsSpan(Ipv6Header.Size + 4)));
        var back = ToIpv4(over, identification: 7);
        Assert.Equal(packet, back);
    }

    [Fact]
    public void A_datagram_without_a_checksum_is_to_get_one_and_a_fragment_of_such_a_one_ends()
    {
        foreach (var (fragment, isTranslated) in new[] { ((ushort)0, true), ((ushort)0x2000, false) })
        {
            var packet = Sample.Ipv4(IpProtocol.Udp, Sample.Transport(IpProtocol.Udp, 10), fragment);
            packet.AsSpan(Ipv4Header.MinimumSize + UdpHeader.ChecksumOffset, 2).Clear();
            Assert.True(Ipv4Layout.TryRead(packet, 0, packet.Length, out var read));
            var (header, isPartial) = (new byte[IpTranslation.LongestHeader], false);
            Assert.Equal(isTranslated, IpTranslation.ToIpv6(packet, read, isQuoted: false, ref isPartial, header) > 0);
            Assert.Equal(isTranslated, isPartial);
            if (isTranslated)
                Assert.Equal(PseudoHeader.Sum(header, 0, true, IpProtocol.Udp, 18).Sum,
                    BinaryPrimitives.ReadUInt16BigEndian(packet.AsSpan(Ipv4Header.MinimumSize + UdpHeader.ChecksumOffset)));
        }
    }

    [Fact]
    public void TCP_may_not_be_fragmented_and_a_datagram_may()
    {
        var tcp = ToIpv4(Sample.Ipv6(IpProtocol.Tcp, Sample.Transport(IpProtocol.Tcp, 0)), identification: 9);
        Assert.Equal((0x4000, 0), (Word(tcp, Ipv4Header.FragmentOffset), Word(tcp, Ipv4Header.IdentificationOffset)));
        var udp = ToIpv4(Sample.Ipv6(IpProtocol.Udp, Sample.Transport(IpProtocol.Udp, 4000)), identification: 9);
        Assert.Equal((0, 9), (Word(udp, Ipv4Header.FragmentOffset), Word(udp, Ipv4Header.IdentificationOffset)));
        Assert.True(Sample.IsSummed(udp, Ipv4Header.MinimumSize, isIpv6: false, IpProtocol.Udp));
    }

    [Theory]
    [InlineData(IpProtocol.HopByHopOptions)]
    [InlineData(IpProtocol.Routing)]
    [InlineData(IpProtocol.DestinationOptions)]
    [InlineData(IpProtocol.Sctp)]
    [InlineData(IpProtocol.IcmpV6)]
    [InlineData(IpProtocol.None)]
    public void Other_headers_arent_translated(byte next) =>
        Assert.Equal(0, IpTranslation.ToIpv4(Sample.Ipv6(next, new byte[64]), 104, false, 0, new byte[20]));

    [Fact]
    public void Any_bytes_are_survived() => Gen.Select(Gen.Byte.Array[0, 120], Gen.Bool, Gen.Int[0, 6], Gen.Bool).Sample(
        (bytes, isPartial, kind, isWhole) =>
    {
        if (kind > 0 && bytes.Length > 60)
        {
            // Near to what is translated.
            var like = kind < 4 ? Sample.Ipv6(IpProtocol.Udp, bytes[60..]) : Sample.Ipv4(IpProtocol.Udp, bytes[60..]);
            like.AsSpan(0, like.Length / 2).CopyTo(bytes);
        }
        var header = new byte[IpTranslation.LongestHeader];
        var size = IpTranslation.ToIpv4(bytes.ToArray(), isWhole ? bytes.Length : null, isPartial, 1, header);
        Assert.True(size is 0 or Ipv6Header.Size or IpTranslation.LongestHeader && size <= bytes.Length);
        if (Ipv4Layout.TryRead(bytes, 0, bytes.Length, out var read))
            Assert.InRange(IpTranslation.ToIpv6(bytes.ToArray(), read, !isWhole, ref isPartial, header), 0, IpTranslation.LongestHeader);
    }, iter: 100_000);

    private static ushort Word(byte[] packet, int at) => BinaryPrimitives.ReadUInt16BigEndian(packet.AsSpan(at));

    private static byte[] ToIpv6(byte[] packet, bool isPartial = false)
    {
        Assert.True(Ipv4Layout.TryRead(packet, 0, packet.Length, out var read));
        var (copy, header) = (packet.ToArray(), new byte[IpTranslation.LongestHeader]);
        var size = IpTranslation.ToIpv6(copy, read, isQuoted: false, ref isPartial, header);
        Assert.NotEqual(0, size);
        return [.. header[..size], .. copy[read.HeaderLength..]];
    }

    private static byte[] ToIpv4(byte[] packet, ushort identification, bool isPartial = false)
    {
        var (copy, header) = (packet.ToArray(), new byte[Ipv4Header.MinimumSize]);
        var size = IpTranslation.ToIpv4(copy, copy.Length, isPartial, identification, header);
        Assert.NotEqual(0, size);
        return [.. header, .. copy[size..]];
    }
}
