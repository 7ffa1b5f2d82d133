using System.Buffers.Binary;

namespace SoftSwitch.Packets;

/// <summary>
/// Where the headers of a TCP, UDP or SCTP packet inside a tunnel lie in a frame, found from the frame's own bytes:
/// <code>
///   Ethernet │ outer IP │ UDP, VXLAN or GENEVE │ Ethernet │ inner IP │ TCP …
///                       │ GRE                  │ (Ethernet)
///                       │ (nothing: IPIP, SIT, 4in6, 6in6)
/// </code>
/// One level: what is inside is no tunnel again. Which UDP port a tunnel uses is its owner's choice, so ports are not looked at: the
/// formats are tried one after the other, and the one is right whose inner header lies where the sender's checksum begins.
/// </summary>
/// <remarks>RFC 7348 (VXLAN; its GPE draft), RFC 8926 (GENEVE), RFC 2784 and 2890 (GRE), RFC 2003, 2473 and 4213.</remarks>
public readonly struct TunnelLayout
{
    /// <summary>Where the checksum of a GRE header is, if it has one (RFC 2784, 2.1).</summary>
    public const int GreChecksumOffset = 4;

    private TunnelLayout(bool isIpv6, byte protocol, int networkOffset, int transportOffset, int innerEthernetLength, TransportLayout inner)
    {
        IsIpv6 = isIpv6;
        Protocol = protocol;
        NetworkOffset = (ushort)networkOffset;
        TransportOffset = (ushort)transportOffset;
        InnerEthernetLength = (byte)innerEthernetLength;
        Inner = inner;
    }

    /// <summary>The outer packet is IPv6.</summary>
    public bool IsIpv6 { get; }

    /// <summary>What the outer packet carries: UDP, GRE, IPv4 or IPv6.</summary>
    public byte Protocol { get; }

    /// <summary>Where the outer packet is.</summary>
    public ushort NetworkOffset { get; }

    /// <summary>Where its payload is, a UDP or GRE header or the inner packet.</summary>
    public ushort TransportOffset { get; }

    /// <summary>Bytes of the Ethernet header inside, its VLAN tags included; 0: the packet inside has none.</summary>
    public byte InnerEthernetLength { get; }

    /// <summary>The packet inside.</summary>
    public TransportLayout Inner { get; }

    /// <summary>Reads the headers; false for a packet in no tunnel that is known here, or in more than one, and for headers that are cut
    /// short.</summary>
    /// <param name="frame">The frame's first bytes; at least an Ethernet header.</param>
    /// <param name="inner">Where the inner transport header must be, or 0 where nobody says.</param>
    public static bool TryRead(ReadOnlySpan<byte> frame, int inner, out TunnelLayout layout)
    {
        layout = default;
        var network = EthernetHeader.PacketOffset(frame, out var etherType);
        var isIpv6 = etherType == EtherType.Ipv6;
        if ((!isIpv6 && etherType != EtherType.Ipv4)
            || !TransportLayout.TryReadNetwork(frame, network, isIpv6, out var protocol, out var transport))
            return false;
        TransportLayout packet;
        var ethernet = 0;
        var behindUdp = transport + UdpHeader.Size;
        var found = protocol switch
        {
            IpProtocol.Ipv4 => TryReadPacket(frame, transport, EtherType.Ipv4, inner, out packet),
            IpProtocol.Ipv6 => TryReadPacket(frame, transport, EtherType.Ipv6, inner, out packet),
            IpProtocol.Gre => TryReadPayload(frame, TunnelHeader.ReadGre(frame, transport), inner, out ethernet, out packet),
            IpProtocol.Udp => TryReadPayload(frame, TunnelHeader.ReadGeneve(frame, behindUdp), inner, out ethernet, out packet)
                || TryReadPayload(frame, TunnelHeader.ReadVxlan(frame, behindUdp), inner, out ethernet, out packet),
            _ => TryReadPacket(frame, transport, 0, inner, out packet),
        };
        if (found)
            layout = new(isIpv6, protocol, network, transport, ethernet, packet);
        return found;
    }

    /// <summary>The outer checksum's place, or 0: the tunnel has none, or its sender made none.</summary>
    public int OuterChecksum(ReadOnlySpan<byte> frame) => Protocol switch
    {
        IpProtocol.Udp when BinaryPrimitives.ReadUInt16BigEndian(frame[(TransportOffset + UdpHeader.ChecksumOffset)..]) != 0 =>
            TransportOffset + UdpHeader.ChecksumOffset,
        IpProtocol.Gre when TunnelHeader.HasGreChecksum(frame[TransportOffset..]) => TransportOffset + GreChecksumOffset,
        _ => 0,
    };

    /// <summary>
    /// Nothing stands there that only some have: a VLAN tag outside or inside, options or extension headers of the outer packet, a GRE
    /// checksum. So the outer headers can be told by their kinds and their length alone.
    /// </summary>
    public bool IsPlain(ReadOnlySpan<byte> frame) => NetworkOffset == EthernetHeader.Size && InnerEthernetLength is 0 or EthernetHeader.Size
        && TransportOffset - NetworkOffset == (IsIpv6 ? Ipv6Header.Size : Ipv4Header.MinimumSize)
        && (Protocol == IpProtocol.Udp || OuterChecksum(frame) == 0);

    /// <summary>The outer or the inner packet says its length in a header of its own (RFC 2675).</summary>
    public bool HasJumboHeader(ReadOnlySpan<byte> frame) =>
        TransportLayout.HasJumboHeader(frame, NetworkOffset, TransportOffset, IsIpv6) || Inner.HasJumboHeader(frame);

    private static bool TryReadPacket(ReadOnlySpan<byte> frame, int offset, ushort etherType, int inner, out TransportLayout packet)
    {
        packet = default;
        return etherType is EtherType.Ipv4 or EtherType.Ipv6
            && TransportLayout.TryRead(frame, offset, etherType == EtherType.Ipv6, out packet)
            && (inner == 0 || inner == packet.TransportOffset);
    }

    /// <summary>What is behind a tunnel's header: an IP packet, or an Ethernet frame with one.</summary>
    private static bool TryReadPayload(
        ReadOnlySpan<byte> frame, TunnelHeader header, int inner, out int ethernet, out TransportLayout packet)
    {
        var (offset, protocol) = header;
        ethernet = 0;
        packet = default;
        if (protocol != EtherType.Ethernet)
            return TryReadPacket(frame, offset, protocol, inner, out packet);
        if (frame.Length < offset + EthernetHeader.Size)
            return false;
        ethernet = EthernetHeader.PacketOffset(frame[offset..], out var etherType);
        return TryReadPacket(frame, offset + ethernet, etherType, inner, out packet);
    }
}
