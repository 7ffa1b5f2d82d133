using System.Buffers.Binary;

namespace SoftSwitch.Packets.Translation;

/// <summary>
/// Stateless translation of TCP and UDP between IPv6 and IPv4 (RFC 7915, 4.1 and 5.1). One IP header takes the place of another, that of a
/// fragment included; what is behind it stays where it is, and its checksum takes the change of the pseudo-header.
/// <code>
///   IPv6                             IPv4
///   traffic class, hop limit         the same
///   no fragment                      none either; TCP may not be fragmented, UDP may
///   a fragment, 32-bit number        a fragment, the low 16 bits of it
///   flow label                       lost; 0
///   extension headers                (not translated)
///   (has none)                       options are left out
///   UDP always has a checksum        may have none: it is to be completed then; a fragment without one is not translated
/// </code>
/// The addresses are embedded ones (<see cref="EmbeddedAddress"/>). Errors are <see cref="IcmpTranslation"/>'s.
/// </summary>
public static class IpTranslation
{
    /// <summary>Bytes of the longest header that is written: IPv6 and a fragment's.</summary>
    public const int LongestHeader = Ipv6Header.Size + FragmentHeaderSize;

    internal const int FragmentHeaderSize = 8;

    private const ushort MoreFragments = 0x2000, DontFragment = 0x4000, OffsetMask = 0x1FFF;
    private const int TrafficClassShift = 20;
    private const uint Version6 = 0x6000_0000;

    /// <summary>Writes the IPv4 header for a packet of IPv6.</summary>
    /// <param name="packet">From the IPv6 header on, as much as is there: its transport header at least. The checksum there is
    /// changed.</param>
    /// <param name="length">Bytes that there are of the packet, here and elsewhere; null: it is the start of one, as errors quote
    /// it.</param>
    /// <param name="isPartial">The checksum is to be completed: it holds the pseudo-header alone.</param>
    /// <param name="identification">For a packet that may be fragmented later on.</param>
    /// <param name="header">Gets it, <see cref="Ipv4Header.MinimumSize"/> bytes.</param>
    /// <returns>Bytes of the headers in whose place it comes; 0: the packet isn't translated.</returns>
    public static int ToIpv4(Span<byte> packet, int? length, bool isPartial, ushort identification, Span<byte> header)
    {
        if (packet.Length < Ipv6Header.Size || packet[0] >> 4 != 6)
            return 0;
        var size = Ipv6Header.Size;
        int payload = BinaryPrimitives.ReadUInt16BigEndian(packet[Ipv6Header.PayloadLengthOffset..]);
        var (protocol, fragment) = (packet[Ipv6Header.NextHeaderOffset], (ushort)0);
        if (protocol == IpProtocol.Fragment)
        {
            size += FragmentHeaderSize;
            if (packet.Length < size)
                return 0;
            var behind = packet[Ipv6Header.Size..];
            protocol = behind[0];
            var word = BinaryPrimitives.ReadUInt16BigEndian(behind[2..]);
            fragment = (ushort)((word >> 3) | ((word & 1) != 0 ? MoreFragments : 0));
            identification = (ushort)BinaryPrimitives.ReadUInt32BigEndian(behind[4..]);
        }
        var total = Ipv4Header.MinimumSize + Ipv6Header.Size + payload - size;
        if (payload < size - Ipv6Header.Size || total > ushort.MaxValue || Ipv6Header.Size + payload > (length ?? int.MaxValue)
            || protocol is not (IpProtocol.Tcp or IpProtocol.Udp)
            || !EmbeddedAddress.TryRead(Ipv6Address.Read(packet[Ipv6Header.SourceOffset..]), out var source)
            || !EmbeddedAddress.TryRead(Ipv6Address.Read(packet[Ipv6Header.DestinationOffset..]), out var destination))
            return 0;
        if (protocol == IpProtocol.Tcp && fragment == 0)
            (fragment, identification) = (DontFragment, 0);
        Ipv4Header.Write(header, total, identification, packet[Ipv6Header.HopLimitOffset], protocol, source, destination);
        header[1] = (byte)(BinaryPrimitives.ReadUInt32BigEndian(packet) >> TrafficClassShift);
        BinaryPrimitives.WriteUInt16BigEndian(header[Ipv4Header.FragmentOffset..], fragment);
        Ipv4Header.WriteChecksum(header[..Ipv4Header.MinimumSize]);
        if ((fragment & OffsetMask) != 0)
            return size;
        var change = Change(packet[Ipv6Header.SourceOffset..Ipv6Header.Size], header[Ipv4Header.SourceOffset..Ipv4Header.MinimumSize]);
        return Apply(change, protocol, packet[size..], isPartial && fragment is 0 or DontFragment, length is null) ? size : 0;
    }

    /// <summary>Writes the IPv6 header for a packet of IPv4.</summary>
    /// <param name="packet">From the IPv4 header on, as much as is there: its transport header at least. The checksum there is
    /// changed.</param>
    /// <param name="read">The same packet, as it was read.</param>
    /// <param name="isQuoted">It is the start of one, as errors quote it.</param>
    /// <param name="isPartial">The checksum is to be completed; and whether it has become so, for it had none.</param>
    /// <param name="header">Gets it, at most <see cref="LongestHeader"/> bytes.</param>
    /// <returns>Bytes of the new header; 0: the packet isn't translated.</returns>
    public static int ToIpv6(Span<byte> packet, in Ipv4Layout read, bool isQuoted, ref bool isPartial, Span<byte> header)
    {
        var size = Ipv6Header.Size + (read.IsFragment ? FragmentHeaderSize : 0);
        var payload = read.PayloadLength + size - Ipv6Header.Size;
        if (read.Protocol is not (IpProtocol.Tcp or IpProtocol.Udp) || payload > ushort.MaxValue || packet.Length < read.HeaderLength)
            return 0;
        var transport = packet[read.HeaderLength..];
        WriteIpv6(header, packet[1], payload, read.IsFragment ? IpProtocol.Fragment : read.Protocol, read);
        if (read.IsFragment)
        {
            var behind = header.Slice(Ipv6Header.Size, FragmentHeaderSize);
            behind.Clear();
            behind[0] = read.Protocol;
            BinaryPrimitives.WriteUInt16BigEndian(behind[2..], (ushort)(read.FragmentOffset | (read.MoreFragments ? 1 : 0)));
            BinaryPrimitives.WriteUInt32BigEndian(behind[4..], read.Identification);
        }
        if (read.FragmentOffset > 0)
            return size;
        if (!isQuoted && !isPartial && read.Protocol == IpProtocol.Udp && transport.Length >= UdpHeader.Size
            && BinaryPrimitives.ReadUInt16BigEndian(transport[UdpHeader.ChecksumOffset..]) == 0)
        {
            if (read.IsFragment)
                return 0;
            isPartial = true;
            var sum = PseudoHeader.Sum(header, 0, isIpv6: true, read.Protocol, read.PayloadLength).Sum;
            BinaryPrimitives.WriteUInt16BigEndian(transport[UdpHeader.ChecksumOffset..], sum);
            return size;
        }
        var change = Change(packet[Ipv4Header.SourceOffset..Ipv4Header.MinimumSize], header[Ipv6Header.SourceOffset..Ipv6Header.Size]);
        return Apply(change, read.Protocol, transport, isPartial, isQuoted) ? size : 0;
    }

    /// <summary>Writes an IPv6 header.</summary>
    /// <param name="payload">Bytes behind it.</param>
    /// <param name="next">What follows it.</param>
    /// <param name="read">Has the addresses, which are embedded, and the time to live.</param>
    internal static void WriteIpv6(Span<byte> header, byte trafficClass, int payload, byte next, in Ipv4Layout read)
    {
        BinaryPrimitives.WriteUInt32BigEndian(header, Version6 | (uint)trafficClass << TrafficClassShift);
        BinaryPrimitives.WriteUInt16BigEndian(header[Ipv6Header.PayloadLengthOffset..], (ushort)payload);
        header[Ipv6Header.NextHeaderOffset] = next;
        header[Ipv6Header.HopLimitOffset] = read.Ttl;
        EmbeddedAddress.Of(read.Source).Write(header[Ipv6Header.SourceOffset..]);
        EmbeddedAddress.Of(read.Destination).Write(header[Ipv6Header.DestinationOffset..]);
    }

    private static ChecksumDelta Change(ReadOnlySpan<byte> before, ReadOnlySpan<byte> after)
    {
        var (was, willBe) = (new InternetChecksum(), new InternetChecksum());
        was.Add(before);
        willBe.Add(after);
        return new ChecksumDelta(was.Value) + new ChecksumDelta(willBe.Sum);
    }

    /// <returns>False: the checksum isn't there, in a packet that should have it.</returns>
    private static bool Apply(ChecksumDelta change, byte protocol, Span<byte> transport, bool isPartial, bool isQuoted)
    {
        var at = protocol == IpProtocol.Tcp ? TcpHeader.ChecksumOffset : UdpHeader.ChecksumOffset;
        if (transport.Length < at + sizeof(ushort))
            return isQuoted;
        if (isPartial)
            change.AddTo(transport[at..]);
        else if (protocol == IpProtocol.Udp)
            change.ApplyToUdp(transport[at..]);
        else
            change.ApplyTo(transport[at..]);
        return true;
    }
}
