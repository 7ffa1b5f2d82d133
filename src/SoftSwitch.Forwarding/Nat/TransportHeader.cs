using System.Buffers.Binary;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>
/// What translating needs of a packet's TCP, UDP or ICMP header, read from a whole packet or its first fragment. Everything in it came from a
/// stranger: lengths are held against the packet's, and an offload header must point at the checksum of this very header or the frame is
/// refused.
/// </summary>
internal readonly struct TransportHeader
{
    private TransportHeader(int protocol, int length, ReadOnlySpan<byte> header)
    {
        Protocol = protocol;
        Length = length;
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
        ref var offload = ref frame.Offload;
        var pointsHere = offload.ChecksumStart == packet.TransportOffset && offload.ChecksumOffset == ChecksumOffsetOf(protocol);
        if (offload.NeedsChecksum && (packet.IsFragment || !pointsHere))
            return DropReason.OffloadInvalid;
        transport = new(protocol, length, header);
        return DropReason.None;
    }
}
