using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Packets;
using SoftSwitch.Packets.Translation;

namespace SoftSwitch.Forwarding.Bridging;

/// <summary>
/// The host's programs that speak IPv6 to a station of IPv4: what they say becomes IPv4, and what is said to them IPv6, without a memory
/// (RFC 7915). Each end has one address, in IPv6 embedded in a prefix (<see cref="EmbeddedAddress"/>); the host's kernel knows which of its
/// programs is behind which port.
/// <code>
///   the host    64:ff9b:1::clients ──► 64:ff9b:1::station      becomes    clients ──► station    the switch
///                                                              ◄──
/// </code>
/// Any worker may call.
/// </summary>
/// <param name="clients">Theirs, on our side.</param>
/// <param name="station">The address that they speak to.</param>
public sealed class Ipv6Clients(Ipv4Address clients, Ipv4Address station)
{
    private const int LongestError = Ipv6Header.Size + IcmpTranslation.LongestMessage;

    /// <summary>Behind the longest IP header, what is read of TCP.</summary>
    private const int HeadersSize = EthernetHeader.Size + Ipv4Header.MaximumSize + TcpHeader.MinimumSize;

    private readonly Ipv6Address _from = EmbeddedAddress.Of(clients), _to = EmbeddedAddress.Of(station);
    private int _identification;

    public Ipv4Address Clients => clients;

    public Ipv4Address Station => station;

    /// <summary>A frame of IPv6 from the host is theirs.</summary>
    internal bool AreFrom(ref Frame frame)
    {
        frame.Pull(frame.PacketOffset + Ipv6Header.Size);
        var packet = frame.HeadBytes[frame.PacketOffset..];
        return frame.PacketOffset == EthernetHeader.Size && packet.Length >= Ipv6Header.Size
            && Ipv6Address.Read(packet[Ipv6Header.SourceOffset..]) == _from
            && Ipv6Address.Read(packet[Ipv6Header.DestinationOffset..]) == _to;
    }

    /// <summary>Makes it one of IPv4.</summary>
    internal DropReason ToIpv4(ref Frame frame)
    {
        frame.Pull(EthernetHeader.Size + IpTranslation.LongestHeader + TcpHeader.MinimumSize);
        var packet = frame.HeadBytes[EthernetHeader.Size..];
        var identification = (ushort)Interlocked.Increment(ref _identification);
        if (packet[Ipv6Header.NextHeaderOffset] == IpProtocol.IcmpV6)
        {
            frame.Pull(Burst.HeadCapacity);
            Span<byte> error = stackalloc byte[Ipv4Header.MinimumSize + IcmpTranslation.LongestMessage];
            var made = frame.Offload.NeedsChecksum ? 0
                : IcmpTranslation.ToIpv4(frame.HeadBytes[EthernetHeader.Size..], identification, error);
            return Replace(ref frame, error[..made], EtherType.Ipv4);
        }
        Span<byte> header = stackalloc byte[Ipv4Header.MinimumSize];
        var size = IpTranslation.ToIpv4(
            packet, frame.Length - EthernetHeader.Size, frame.Offload.NeedsChecksum, identification, header);
        if (size == 0 || (frame.Offload.IsSuperFrame && size != Ipv6Header.Size))
            return DropReason.PacketMalformed;
        return Replace(ref frame, header, size, EtherType.Ipv4);
    }

    /// <summary>A packet to the host is for them.</summary>
    internal bool AreMeant(in Frame frame, in Ipv4Layout packet) =>
        packet.Destination == clients && packet.Source == station && frame.PacketOffset == EthernetHeader.Size;

    /// <summary>Makes it one of IPv6.</summary>
    internal DropReason ToIpv6(ref Frame frame, in Ipv4Layout packet)
    {
        frame.Pull(HeadersSize);
        if (packet.Protocol == IpProtocol.Icmp)
        {
            frame.Pull(Burst.HeadCapacity);
            Span<byte> error = stackalloc byte[LongestError];
            var made = frame.Offload.NeedsChecksum ? 0 : IcmpTranslation.ToIpv6(frame.HeadBytes[EthernetHeader.Size..], packet, error);
            return Replace(ref frame, error[..made], EtherType.Ipv6);
        }
        var (wasPartial, isPartial) = (frame.Offload.NeedsChecksum, frame.Offload.NeedsChecksum);
        Span<byte> header = stackalloc byte[IpTranslation.LongestHeader];
        var size = IpTranslation.ToIpv6(frame.HeadBytes[EthernetHeader.Size..], packet, isQuoted: false, ref isPartial, header);
        if (size == 0 || (frame.Offload.IsSuperFrame && size != Ipv6Header.Size))
            return DropReason.PacketMalformed;
        var drop = Replace(ref frame, header[..size], packet.HeaderLength, EtherType.Ipv6);
        if (isPartial && !wasPartial)
        {
            frame.Offload.Flags |= VirtioNetFlags.NeedsChecksum;
            frame.Offload.ChecksumStart = (ushort)(EthernetHeader.Size + size);
            frame.Offload.ChecksumOffset = UdpHeader.ChecksumOffset;
        }
        return drop;
    }

    /// <summary>Puts another header in the place of one.</summary>
    /// <param name="size">Bytes of that one.</param>
    private static DropReason Replace(ref Frame frame, ReadOnlySpan<byte> header, int size, ushort etherType)
    {
        frame.Stretch(header.Length - size);
        header.CopyTo(frame.HeadBytes[EthernetHeader.Size..]);
        frame.Offload.GsoType = OfFamily(frame.Offload.GsoType, etherType);
        return Became(ref frame, etherType);
    }

    /// <summary>Puts a whole packet in the place of one.</summary>
    /// <param name="packet">Empty: there is none.</param>
    private static unsafe DropReason Replace(ref Frame frame, ReadOnlySpan<byte> packet, ushort etherType)
    {
        if (packet.IsEmpty || frame.BodyLength > 0)
            return DropReason.PacketMalformed;
        frame.HeadLength = EthernetHeader.Size + packet.Length;
        // SAFETY: a head has room for Burst.HeadCapacity bytes, which is more than an error has.
        packet.CopyTo(new Span<byte>(frame.Head + EthernetHeader.Size, packet.Length));
        return Became(ref frame, etherType);
    }

    private static DropReason Became(ref Frame frame, ushort etherType)
    {
        EthernetHeader.SetType(frame.HeadBytes, etherType);
        frame.EtherType = etherType;
        frame.Pad();
        return DropReason.None;
    }

    private static GsoType OfFamily(GsoType type, ushort etherType) => (type & ~GsoType.Ecn) switch
    {
        GsoType.TcpV4 or GsoType.TcpV6 => (type & GsoType.Ecn) | (etherType == EtherType.Ipv6 ? GsoType.TcpV6 : GsoType.TcpV4),
        _ => type,
    };
}
