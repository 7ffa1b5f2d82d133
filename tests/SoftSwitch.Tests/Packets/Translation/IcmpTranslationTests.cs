using System.Buffers.Binary;
using CsCheck;
using SoftSwitch.Packets;
using SoftSwitch.Packets.Translation;

namespace SoftSwitch.Tests.Packets.Translation;

public class IcmpTranslationTests
{
    /// <summary>RFC 7915, 4.2.</summary>
    [Theory]
    [InlineData(3, 0, 0, 1, 0, 0)]
    [InlineData(3, 1, 0, 1, 0, 0)]
    [InlineData(3, 2, 0, 4, 1, 6)]
    [InlineData(3, 3, 0, 1, 4, 0)]
    [InlineData(3, 4, 1400, 2, 0, 1420)]
    [InlineData(3, 4, 500, 2, 0, 1280)]
    [InlineData(3, 10, 0, 1, 1, 0)]
    [InlineData(3, 13, 0, 1, 1, 0)]
    [InlineData(11, 1, 0, 3, 1, 0)]
    [InlineData(3, 14, 0, 0, 0, 0)]
    [InlineData(12, 0, 0, 0, 0, 0)]
    [InlineData(8, 0, 0, 0, 0, 0)]
    [InlineData(5, 0, 0, 0, 0, 0)]
    public void An_error_becomes_its_like_with_the_packet_that_it_is_about(
        byte type, byte code, ushort mtu, byte newType, byte newCode, int word)
    {
        // What the station has got from the client comes back.
        var about = Turned(Sample.Ipv4(IpProtocol.Udp, Sample.Transport(IpProtocol.Udp, 40)));
        var message = new byte[8 + about.Length];
        (message[0], message[1]) = (type, code);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(6), mtu);
        about.CopyTo(message, 8);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), InternetChecksum.Of(message));
        var packet = Sample.Ipv4(IpProtocol.Icmp, message);
        Assert.True(Ipv4Layout.TryRead(packet, 0, packet.Length, out var read));
        var made = new byte[Ipv6Header.Size + IcmpTranslation.LongestMessage];
        var length = IcmpTranslation.ToIpv6(packet, read, made);
        if (newType == 0)
        {
            Assert.Equal(0, length);
            return;
        }
        made = made[..length];
        Assert.Equal((newType, newCode, (uint)word), (made[40], made[41], BinaryPrimitives.ReadUInt32BigEndian(made.AsSpan(44))));
        Assert.True(Sample.IsSummed(made, Ipv6Header.Size, isIpv6: true, IpProtocol.IcmpV6));
        var inner = made.AsSpan(Ipv6Header.Size + IcmpHeader.InnerOffset);
        Assert.Equal((EmbeddedAddress.Of(Sample.Client), EmbeddedAddress.Of(Sample.Station)),
            (Ipv6Address.Read(inner[Ipv6Header.SourceOffset..]), Ipv6Address.Read(inner[Ipv6Header.DestinationOffset..])));
        Assert.True(Sample.IsSummed(inner, Ipv6Header.Size, isIpv6: true, IpProtocol.Udp));
    }

    /// <summary>RFC 7915, 5.2.</summary>
    [Theory]
    [InlineData(1, 0, 0, 3, 1, 0)]
    [InlineData(1, 1, 0, 3, 10, 0)]
    [InlineData(1, 2, 0, 3, 1, 0)]
    [InlineData(1, 3, 0, 3, 1, 0)]
    [InlineData(1, 4, 0, 3, 3, 0)]
    [InlineData(2, 0, 1420, 3, 4, 1400)]
    [InlineData(3, 0, 0, 11, 0, 0)]
    [InlineData(4, 1, 6, 3, 2, 0)]
    [InlineData(1, 5, 0, 0, 0, 0)]
    [InlineData(4, 0, 0, 0, 0, 0)]
    [InlineData(128, 0, 0, 0, 0, 0)]
    [InlineData(135, 0, 0, 0, 0, 0)]
    public void And_the_other_way_round(byte type, byte code, uint word, byte newType, byte newCode, ushort mtu)
    {
        var about = Sample.Ipv6(IpProtocol.Tcp, Sample.Transport(IpProtocol.Tcp, 40));
        var message = new byte[8 + about.Length];
        (message[0], message[1]) = (type, code);
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(4), word);
        about.CopyTo(message, 8);
        var made = new byte[Ipv4Header.MinimumSize + IcmpTranslation.LongestMessage];
        var length = IcmpTranslation.ToIpv4(Sample.Ipv6(IpProtocol.IcmpV6, message), 5, made);
        if (newType == 0)
        {
            Assert.Equal(0, length);
            return;
        }
        made = made[..length];
        Assert.True(Ipv4Layout.TryRead(made, 0, made.Length, out var read));
        Assert.Equal((Sample.Client, Sample.Station, IpProtocol.Icmp), (read.Source, read.Destination, read.Protocol));
        Assert.Equal((newType, newCode, mtu), (made[20], made[21], BinaryPrimitives.ReadUInt16BigEndian(made.AsSpan(26))));
        Assert.Equal(0, InternetChecksum.Of(made.AsSpan(20)));
        Assert.True(Ipv4Layout.TryRead(made, 28, made.Length, out var inner));
        Assert.Equal((Sample.Client, Sample.Station), (inner.Source, inner.Destination));
        Assert.True(Sample.IsSummed(made.AsSpan(28), Ipv4Header.MinimumSize, isIpv6: false, IpProtocol.Tcp));
    }

    [Fact]
    public void A_long_quotation_is_cut_to_what_every_link_takes()
    {
        var about = Turned(Sample.Ipv4(IpProtocol.Udp, Sample.Transport(IpProtocol.Udp, 1400)));
        byte[] message = [3, 3, 0, 0, 0, 0, 0, 0, .. about];
        var packet = Sample.Ipv4(IpProtocol.Icmp, message);
        Assert.True(Ipv4Layout.TryRead(packet, 0, packet.Length, out var read));
        Assert.Equal(1280, IcmpTranslation.ToIpv6(packet, read, new byte[Ipv6Header.Size + IcmpTranslation.LongestMessage]));
    }

    [Fact]
    public void Any_bytes_are_survived() => Gen.Select(Gen.Byte.Array[0, 150], Gen.Byte[1, 4], Gen.Int[0, 150]).Sample((bytes, type, cut) =>
    {
        var about = Sample.Ipv6(IpProtocol.Udp, bytes);
        byte[] message = [type, 1, 0, 0, 0, 0, 0, 0, .. about[..int.Min(cut, about.Length)]];
        IcmpTranslation.ToIpv4(Sample.Ipv6(IpProtocol.IcmpV6, message), 1, new byte[20 + IcmpTranslation.LongestMessage]);
        IcmpTranslation.ToIpv4(bytes, 1, new byte[20 + IcmpTranslation.LongestMessage]);
        var turned = Turned(Sample.Ipv4(IpProtocol.Udp, bytes));
        var packet = Sample.Ipv4(IpProtocol.Icmp, [3, type, 0, 0, 0, 0, 0, 0, .. turned[..int.Min(cut, turned.Length)]]);
        Assert.True(Ipv4Layout.TryRead(packet, 0, packet.Length, out var read));
        IcmpTranslation.ToIpv6(packet, read, new byte[40 + IcmpTranslation.LongestMessage]);
    }, iter: 50_000);

    /// <summary>From the client to the station; the checksums stay right.</summary>
    private static byte[] Turned(byte[] packet)
    {
        var (source, destination) = (packet[12..16], packet[16..20]);
        destination.CopyTo(packet, 12);
        source.CopyTo(packet, 16);
        return packet;
    }
}
