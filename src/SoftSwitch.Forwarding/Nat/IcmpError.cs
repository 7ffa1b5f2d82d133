using System.Buffers.Binary;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>
/// An ICMP error and the start of the packet that it is about, and the rewriting of both (RFC 5508, section 4.2). The inner packet may end
/// behind eight bytes of its transport header.
/// <code>
///   [ IPv4 ] [ ICMP type code checksum … ] [ inner IPv4, with options ] [ inner ports, and what more there is ]
/// </code>
/// Each word that changes is gathered into one difference for the message's own checksum.
/// </summary>
internal ref struct IcmpError
{
    private readonly Span<byte> _message;
    private readonly int _innerHeader;
    private ChecksumDelta _changes;

    private IcmpError(Span<byte> message, int innerHeader, int protocol)
    {
        _message = message;
        _innerHeader = innerHeader;
        Protocol = protocol;
        Source = Ipv4Address.Read(Inner[Ipv4Header.SourceOffset..]);
        Destination = Ipv4Address.Read(Inner[Ipv4Header.DestinationOffset..]);
        var isQuery = protocol == NatProtocol.Icmp;
        SourcePort = BinaryPrimitives.ReadUInt16BigEndian(InnerTransport[(isQuery ? IcmpHeader.IdentifierOffset : 0)..]);
        DestinationPort = isQuery ? SourcePort : BinaryPrimitives.ReadUInt16BigEndian(InnerTransport[2..]);
    }

    /// <summary>The inner packet's, one of <see cref="NatProtocol"/>.</summary>
    public int Protocol { get; }

    public Ipv4Address Source { get; }

    public Ipv4Address Destination { get; }

    /// <summary>The inner source port, or a query's identifier.</summary>
    public ushort SourcePort { get; }

    /// <summary>The inner destination port, or a query's identifier.</summary>
    public ushort DestinationPort { get; }

    /// <summary>The inner packet's ICMP type.</summary>
    public readonly byte InnerType => InnerTransport[IcmpHeader.TypeOffset];

    private readonly Span<byte> Inner => _message[IcmpHeader.InnerOffset..];

    private readonly Span<byte> InnerTransport => Inner[_innerHeader..];

    /// <summary>
    /// Reads a message that is whole in the frame's head. Its checksum must be right, and that of the inner header too (RFC 5508, REQ-3 and
    /// 3a); inner options are passed over (3b); an inner transport checksum is not judged, as what it sums may be cut (3c).
    /// </summary>
    public static bool TryRead(ref Frame frame, in Ipv4Layout packet, out IcmpError error)
    {
        error = default;
        var head = frame.HeadBytes;
        if (packet.IsFragment || packet.NetworkOffset + packet.TotalLength > head.Length)
            return false;
        var message = head.Slice(packet.TransportOffset, packet.PayloadLength);
        if (message.Length < IcmpHeader.InnerOffset + Ipv4Header.MinimumSize + IcmpHeader.Size)
            return false;
        if (!frame.Offload.NeedsChecksum && InternetChecksum.Of(message) != 0)
            return false;
        var inner = message[IcmpHeader.InnerOffset..];
        var header = (inner[0] & 15) * 4;
        if (inner[0] >> 4 != 4 || header < Ipv4Header.MinimumSize || inner.Length < header + IcmpHeader.Size
            || InternetChecksum.Of(inner[..header]) != 0)
            return false;
        var protocol = NatProtocol.Of(inner[Ipv4Header.ProtocolOffset]);
        var offset = BinaryPrimitives.ReadUInt16BigEndian(inner[Ipv4Header.FragmentOffset..]) & 0x1FFF;
        if (protocol < 0 || offset != 0)
            return false;
        error = new(message, header, protocol);
        return true;
    }

    /// <summary>Writes an address and a port of the inner packet, and mends its checksums.</summary>
    /// <param name="isSource">Its source, else its destination.</param>
    public void RewriteInner(bool isSource, Ipv4Address address, ushort port, ChecksumDelta addressDelta, ChecksumDelta transportDelta)
    {
        var inner = Inner;
        var field = isSource ? Ipv4Header.SourceOffset : Ipv4Header.DestinationOffset;
        Write(inner, field, (ushort)(address.Value >> 16));
        Write(inner, field + 2, (ushort)address.Value);
        Write(inner, Ipv4Header.ChecksumOffset,
            addressDelta.Apply(BinaryPrimitives.ReadUInt16BigEndian(inner[Ipv4Header.ChecksumOffset..])));

        var transport = InnerTransport;
        Write(transport, Protocol == NatProtocol.Icmp ? IcmpHeader.IdentifierOffset : isSource ? 0 : 2, port);
        var checksum = TransportHeader.ChecksumOffsetOf(Protocol);
        if (transport.Length < checksum + 2)
            return;
        var before = BinaryPrimitives.ReadUInt16BigEndian(transport[checksum..]);
        if (Protocol == NatProtocol.Udp && before == 0)
            return;
        var after = transportDelta.Apply(before);
        Write(transport, checksum, Protocol == NatProtocol.Udp ? InternetChecksum.InUdp(after) : after);
    }

    /// <summary>Mends the message's own checksum; a partial one is summed when all is in its place.</summary>
    public readonly void Finish(bool partial)
    {
        if (!partial)
            _changes.ApplyTo(_message[IcmpHeader.ChecksumOffset..]);
    }

    private void Write(Span<byte> bytes, int offset, ushort value)
    {
        _changes += ChecksumDelta.Of(BinaryPrimitives.ReadUInt16BigEndian(bytes[offset..]), value);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[offset..], value);
    }
}
