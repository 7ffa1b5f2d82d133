using System.Buffers.Binary;

namespace SoftSwitch.Packets;

/// <summary>
/// Messages by which neighbors of IPv6 find each other (RFC 4861, 4): what their sender says of himself, and the two that the switch says.
/// What is written is a frame without tags, whose Ethernet header has its addresses already.
/// </summary>
public static class NeighborDiscovery
{
    /// <summary>Bytes of the frames that are written.</summary>
    public const int QuestionSize = Message + MessageSize, AnnouncementSize = QuestionSize;

    /// <summary>Of a solicitation or an advertisement with a link-layer address (4.3, 4.4, 4.6.1).</summary>
    private const int MessageSize = TargetOffset + Ipv6Address.Size + OptionSize;
    private const int Message = EthernetHeader.Size + Ipv6Header.Size, TargetOffset = 8, OptionSize = 8;
    private const byte HopLimit = 255, SourceLinkLayerAddress = 1, TargetLinkLayerAddress = 2;
    private const uint Override = 0x2000_0000;

    /// <summary>ff02::1:ff00:0, to which a group's last 24 bits belong, and ff02::1.</summary>
    private static readonly UInt128 s_solicited = new(0xFF02_0000_0000_0000, 0x0000_0001_FF00_0000), s_all = new(0xFF02_0000_0000_0000, 1);

    /// <summary>A packet whose header says that this follows may be such a message.</summary>
    public static bool MayFollow(byte nextHeader) => nextHeader is IpProtocol.IcmpV6 or IpProtocol.HopByHopOptions or IpProtocol.Routing
        or IpProtocol.Fragment or IpProtocol.DestinationOptions or IpProtocol.Authentication;

    /// <summary>A packet by which neighbors find each other, without headers between.</summary>
    /// <param name="packet">An IPv6 packet.</param>
    public static bool Is(ReadOnlySpan<byte> packet) => packet.Length > Ipv6Header.Size
        && packet[Ipv6Header.NextHeaderOffset] == IpProtocol.IcmpV6
        && packet[Ipv6Header.Size] is >= IcmpV6Type.RouterSolicitation and <= IcmpV6Type.NeighborAdvertisement;

    /// <summary>Reads the address that the sender of such a packet has; of one who looks whether he may have it (RFC 4862, 5.4.2), that
    /// one. What a router has passed on says nothing (7.1).</summary>
    /// <param name="packet">One that <see cref="Is"/>.</param>
    public static bool TryReadSender(ReadOnlySpan<byte> packet, out Ipv6Address address)
    {
        address = default;
        if (packet[Ipv6Header.HopLimitOffset] != HopLimit)
            return false;
        address = Ipv6Address.Read(packet[Ipv6Header.SourceOffset..]);
        var message = packet[Ipv6Header.Size..];
        if (address.IsUnspecified && message[0] == IcmpV6Type.NeighborSolicitation && message.Length >= TargetOffset + Ipv6Address.Size)
            address = Ipv6Address.Read(message[TargetOffset..]);
        return !address.IsUnspecified && !address.IsMulticast && !address.IsLoopback;
    }

    /// <summary>Reads which address the sender says to be his: with it comes his MAC address, which others take for that. False: none, or
    /// it is no such message.</summary>
    public static bool TryReadClaim(ReadOnlySpan<byte> head, in Ipv6Layout packet, out Ipv6Address address)
    {
        address = default;
        if (packet.IsLaterFragment || packet.Protocol != IpProtocol.IcmpV6 || packet.TransportOffset >= head.Length)
            return false;
        var message = head[packet.TransportOffset..];
        if (message[0] == IcmpV6Type.NeighborAdvertisement)
            address = message.Length >= TargetOffset + Ipv6Address.Size ? Ipv6Address.Read(message[TargetOffset..]) : default;
        else if (message[0] is >= IcmpV6Type.RouterSolicitation and <= IcmpV6Type.Redirect)
            address = packet.Source;
        return !address.IsUnspecified && !address.IsMulticast;
    }

    /// <summary>Writes the question whether somebody still has an address (7.3.3). To one alone it goes to that address; to all, to the
    /// group that who has it listens to.</summary>
    /// <param name="frame">Zeros behind the Ethernet header.</param>
    /// <param name="asker">Who asks: by the link-local address that belongs to it (RFC 4291, appendix A).</param>
    /// <param name="target">The address.</param>
    public static void WriteQuestion(Span<byte> frame, MacAddress asker, Ipv6Address target)
    {
        WriteOption(frame, SourceLinkLayerAddress, asker);
        var to = MacAddress.Read(frame).IsMulticast ? new(s_solicited | (target.Value & 0xFF_FFFF)) : target;
        Write(frame, IcmpV6Type.NeighborSolicitation, 0, LinkLocalOf(asker), to, target);
    }

    /// <summary>Writes to all who has an address (7.2.6).</summary>
    public static void WriteAnnouncement(Span<byte> frame, Ipv6Address target, MacAddress owner)
    {
        WriteOption(frame, TargetLinkLayerAddress, owner);
        Write(frame, IcmpV6Type.NeighborAdvertisement, Override, target, new(s_all), target);
    }

    /// <summary>The link-local address that a MAC address makes.</summary>
    public static Ipv6Address LinkLocalOf(MacAddress mac)
    {
        var id = (mac.Value >> 24 ^ 0x02_0000) << 40 | 0xFF_FE00_0000 | (mac.Value & 0xFF_FFFF);
        return new(new UInt128(0xFE80UL << 48, id));
    }

    /// <summary>Reads the MAC address that makes a link-local address; false: none does.</summary>
    public static bool TryReadMac(Ipv6Address address, out MacAddress mac)
    {
        var id = (ulong)address.Value;
        mac = new((id >> 40 ^ 0x02_0000) << 24 | (id & 0xFF_FFFF));
        return LinkLocalOf(mac) == address;
    }

    private static void WriteOption(Span<byte> frame, byte type, MacAddress mac)
    {
        var option = frame[(Message + TargetOffset + Ipv6Address.Size)..];
        (option[0], option[1]) = (type, OptionSize / 8);
        mac.Write(option[2..]);
    }

    private static void Write(Span<byte> frame, byte type, uint flags, Ipv6Address from, Ipv6Address to, Ipv6Address target)
    {
        EthernetHeader.SetType(frame, EtherType.Ipv6);
        var ip = frame[EthernetHeader.Size..];
        BinaryPrimitives.WriteUInt32BigEndian(ip, 6U << 28);
        BinaryPrimitives.WriteUInt16BigEndian(ip[Ipv6Header.PayloadLengthOffset..], MessageSize);
        ip[Ipv6Header.NextHeaderOffset] = IpProtocol.IcmpV6;
        ip[Ipv6Header.HopLimitOffset] = HopLimit;
        from.Write(ip[Ipv6Header.SourceOffset..]);
        to.Write(ip[Ipv6Header.DestinationOffset..]);
        var message = frame.Slice(Message, MessageSize);
        (message[0], message[1]) = (type, 0);
        message.Slice(IcmpHeader.ChecksumOffset, sizeof(ushort)).Clear();
        BinaryPrimitives.WriteUInt32BigEndian(message[4..], flags);
        target.Write(message[TargetOffset..]);
        var sum = PseudoHeader.Sum(frame, EthernetHeader.Size, isIpv6: true, IpProtocol.IcmpV6, MessageSize);
        sum.Add(message);
        BinaryPrimitives.WriteUInt16BigEndian(message[IcmpHeader.ChecksumOffset..], sum.Value);
    }
}
