using System.Buffers.Binary;

namespace SoftSwitch.Packets;

/// <summary>
/// Messages by which neighbors of IPv6 find each other (RFC 4861, 4): what their sender says of himself, and the two that the switch says.
/// Offsets count from the first byte of the Ethernet header; what is written has no tags.
/// </summary>
public static class NeighborDiscovery
{
    /// <summary>Bytes of the frames that are written.</summary>
    public const int ProbeSize = Target + Ipv6Address.Size, AnnouncementSize = ProbeSize + OptionSize;

    private const int Message = EthernetHeader.Size + Ipv6Header.Size, Target = Message + TargetOffset;
    private const int TargetOffset = 8, OptionSize = 8;
    private const byte HopLimit = 255, TargetLinkLayerAddress = 2;
    private const uint Override = 0x2000_0000;

    /// <summary>ff02::1:ff00:0, to which a group's last 24 bits belong, and ff02::1.</summary>
    private static readonly UInt128 s_solicited = new(0xFF02_0000_0000_0000, 0x0000_0001_FF00_0000), s_all = new(0xFF02_0000_0000_0000, 1);

    /// <summary>A packet whose header says that this follows may be such a message.</summary>
    public static bool MayFollow(byte nextHeader) => nextHeader is IpProtocol.IcmpV6 or IpProtocol.HopByHopOptions or IpProtocol.Routing
        or IpProtocol.Fragment or IpProtocol.DestinationOptions or IpProtocol.Authentication;

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

    /// <summary>Writes a question for an address, from nobody: who has it answers to all (RFC 4862, 5.4.3; RFC 4861, 7.2.4).</summary>
    public static void WriteProbe(Span<byte> frame, Ipv6Address target) => Write(frame[..ProbeSize],
        IcmpV6Type.NeighborSolicitation, 0, default, new(s_solicited | (target.Value & 0xFF_FFFF)), target);

    /// <summary>Writes to all who has an address (RFC 4861, 7.2.6).</summary>
    public static void WriteAnnouncement(Span<byte> frame, Ipv6Address target, MacAddress owner)
    {
        frame[ProbeSize] = TargetLinkLayerAddress;
        frame[ProbeSize + 1] = OptionSize / 8;
        owner.Write(frame[(ProbeSize + 2)..]);
        Write(frame[..AnnouncementSize], IcmpV6Type.NeighborAdvertisement, Override, target, new(s_all), target);
    }

    private static void Write(Span<byte> frame, byte type, uint flags, Ipv6Address from, Ipv6Address to, Ipv6Address target)
    {
        EthernetHeader.SetType(frame, EtherType.Ipv6);
        var ip = frame[EthernetHeader.Size..];
        var message = frame[Message..];
        BinaryPrimitives.WriteUInt32BigEndian(ip, 6U << 28);
        BinaryPrimitives.WriteUInt16BigEndian(ip[Ipv6Header.PayloadLengthOffset..], (ushort)message.Length);
        ip[Ipv6Header.NextHeaderOffset] = IpProtocol.IcmpV6;
        ip[Ipv6Header.NextHeaderOffset + 1] = HopLimit;
        from.Write(ip[Ipv6Header.SourceOffset..]);
        to.Write(ip[Ipv6Header.DestinationOffset..]);
        (message[0], message[1]) = (type, 0);
        message.Slice(IcmpHeader.ChecksumOffset, sizeof(ushort)).Clear();
        BinaryPrimitives.WriteUInt32BigEndian(message[4..], flags);
        target.Write(message[TargetOffset..]);
        var sum = PseudoHeader.Sum(frame, EthernetHeader.Size, isIpv6: true, IpProtocol.IcmpV6, message.Length);
        sum.Add(message);
        BinaryPrimitives.WriteUInt16BigEndian(message[IcmpHeader.ChecksumOffset..], sum.Value);
    }
}
