using System.Buffers.Binary;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>
/// What translating needs of a packet's TCP, UDP or ICMP header, read from a whole packet or its first fragment. Everything in it came from
/// a stranger: lengths are held against the packet's, and an offload header must point at the checksum of this very header, or into what
/// UDP carries, or the frame is refused.
/// </summary>
internal readonly struct TransportHeader
{
    private TransportHeader(int protocol, int length, bool isPartial, ReadOnlySpan<byte> header)
    {
        Protocol = protocol;
        Length = length;
        IsPartial = isPartial;
        if (protocol == NatProtocol.Icmp)
        {
            IcmpType = header[IcmpHeader.TypeOffset];
            Source = BinaryPrimitives.ReadUInt16BigEndian(header[IcmpHeader.IdentifierOffset..]);
            Destination = Source;
            return;
        }
        Source = BinaryPrimitives.ReadUInt16BigEndian(header);
        Destination = BinaryPrimitives.ReadUInt16BigEndian(header[2..]);
    }

    /// <summary>One of <see cref="NatProtocol"/>.</summary>
    public int Protocol { get; }

    /// <summary>Bytes of the header with its options.</summary>
    public int Length { get; }

    /// <summary>The source port, or an ICMP query's identifier.</summary>
    public ushort Source { get; }

    /// <summary>The destination port, or an ICMP query's identifier.</summary>
    public ushort Destination { get; }

    public byte IcmpType { get; }

    /// <summary>Its checksum is partial: the sum of the pseudo-header alone.</summary>
    public bool IsPartial { get; }

    /// <summary>An ICMP error.</summary>
    public bool IsError => Protocol == NatProtocol.Icmp && IcmpHeader.IsError(IcmpType);

    public static int ChecksumOffsetOf(int protocol) => protocol switch
    {
        NatProtocol.Tcp => TcpHeader.ChecksumOffset,
        NatProtocol.Udp => UdpHeader.ChecksumOffset,
        _ => IcmpHeader.ChecksumOffset,
    };

    /// <summary>Reads the header, or says what is wrong with it.</summary>
    public static DropReason Read(ref Frame frame, in Ipv4Layout packet, out TransportHeader transport)
    {
        transport = default;
        var protocol = NatProtocol.Of(packet.Protocol);
        if (protocol < 0)
            return DropReason.NatProtocol;
        var cut = packet.IsFragment ? DropReason.FragmentTooSmall : DropReason.NatMalformed;
        var head = frame.HeadBytes;
        var available = int.Min(packet.PayloadLength, head.Length - packet.TransportOffset);
        var length = protocol == NatProtocol.Tcp ? TcpHeader.MinimumSize : UdpHeader.Size;
        if (available < length)
            return cut;
        var header = head[packet.TransportOffset..];
        if (protocol == NatProtocol.Tcp)
        {
            length = TcpHeader.LengthOf(header);
            if (length < TcpHeader.MinimumSize)
                return DropReason.NatMalformed;
            if (length > available)
                return cut;
        }
        else if (protocol == NatProtocol.Udp)
        {
            int datagram = BinaryPrimitives.ReadUInt16BigEndian(header[UdpHeader.LengthOffset..]);
            if (datagram < UdpHeader.Size || (datagram > packet.PayloadLength && !packet.IsFragment))
                return DropReason.NatMalformed;
        }
        if (!frame.Offload.NeedsChecksum)
        {
            transport = new(protocol, length, false, header);
            return DropReason.None;
        }
        if (packet.IsFragment || !TryReadOffload(frame, packet, protocol, out var isPartial))
            return DropReason.OffloadInvalid;
        transport = new(protocol, length, isPartial, header);
        return DropReason.None;
    }

    /// <summary>
    /// What is unfinished is this header's checksum, or that of a packet which a UDP tunnel carries. Then this one is finished, but for
    /// that of a super-frame: it is partial where there is one at all.
    /// </summary>
    private static bool TryReadOffload(in Frame frame, in Ipv4Layout packet, int protocol, out bool isPartial)
    {
        ref var offload = ref frame.Offload;
        isPartial = offload.ChecksumStart == packet.TransportOffset && offload.ChecksumOffset == ChecksumOffsetOf(protocol);
        if (isPartial)
            return true;
        isPartial = (offload.Flags & VirtioNetFlags.UdpTunnelChecksum) != 0;
        return protocol == NatProtocol.Udp && offload.ChecksumStart >= packet.TransportOffset + UdpHeader.Size;
    }
}
