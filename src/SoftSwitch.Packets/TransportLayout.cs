using System.Buffers.Binary;

namespace SoftSwitch.Packets;

/// <summary>
/// Where the headers of a TCP, UDP or SCTP packet lie in a frame, found once from the frame's own bytes. This is what offload work stands
/// on: nothing in it comes from the header that a guest sent beside the frame. Offsets count from the first byte of the Ethernet header.
/// </summary>
/// <remarks>IPv6 extension headers are followed to a bounded depth; fragments have no layout, because no super-frame is one.</remarks>
public readonly struct TransportLayout
{
    /// <summary>Bytes of the hop-by-hop header that says the length of a packet too long for its own length field (RFC 2675, 2).</summary>
    public const int JumboHeader = 8;

    private const int SctpHeader = 12;
    private const int MaximumExtensionHeaders = 8;
    private const byte JumboOption = 0xC2;

    private TransportLayout(bool isIpv6, byte protocol, int networkOffset, int transportOffset, int payloadOffset)
    {
        IsIpv6 = isIpv6;
        Protocol = protocol;
        NetworkOffset = (ushort)networkOffset;
        TransportOffset = (ushort)transportOffset;
        PayloadOffset = (ushort)payloadOffset;
    }

    public bool IsIpv6 { get; }

    /// <summary><see cref="IpProtocol.Tcp"/>, <see cref="IpProtocol.Udp"/> or <see cref="IpProtocol.Sctp"/>.</summary>
    public byte Protocol { get; }

    public ushort NetworkOffset { get; }

    public ushort TransportOffset { get; }

    /// <summary>The end of all headers.</summary>
    public ushort PayloadOffset { get; }

    /// <summary>Where TCP (RFC 9293, 3.1), UDP (RFC 768) or SCTP (RFC 9260, 3.1) keep their checksum.</summary>
    public int ChecksumOffset => Protocol switch
    {
        IpProtocol.Tcp => TcpHeader.ChecksumOffset,
        IpProtocol.Udp => UdpHeader.ChecksumOffset,
        _ => 8,
    };

    /// <summary>Reads the headers of an unfragmented packet; false for anything else and for headers that are cut short.</summary>
    /// <param name="frame">The frame's first bytes; at least an Ethernet header.</param>
    public static bool TryRead(ReadOnlySpan<byte> frame, out TransportLayout layout)
    {
        var network = EthernetHeader.PacketOffset(frame, out var etherType);
        layout = default;
        return etherType is EtherType.Ipv4 or EtherType.Ipv6 && TryRead(frame, network, etherType == EtherType.Ipv6, out layout);
    }

    /// <summary>Reads the headers of a packet that begins somewhere in the frame.</summary>
    /// <param name="frame">The frame's first bytes.</param>
    /// <param name="network">Where the packet begins; it may lie behind the end.</param>
    public static bool TryRead(ReadOnlySpan<byte> frame, int network, bool isIpv6, out TransportLayout layout)
    {
        layout = default;
        if (!TryReadNetwork(frame, network, isIpv6, out var protocol, out var transport))
            return false;
        var header = protocol switch
        {
            IpProtocol.Tcp when frame.Length >= transport + TcpHeader.MinimumSize => TcpHeader.LengthOf(frame[transport..]),
            IpProtocol.Udp => UdpHeader.Size,
            IpProtocol.Sctp => SctpHeader,
            _ => 0,
        };
        if (header < (protocol == IpProtocol.Tcp ? TcpHeader.MinimumSize : 1) || frame.Length < transport + header)
            return false;
        layout = new(isIpv6, protocol, network, transport, transport + header);
        return true;
    }

    /// <summary>Reads an IP header up to what it carries.</summary>
    /// <param name="frame">The frame's first bytes.</param>
    /// <param name="network">Where the packet begins; it may lie behind the end.</param>
    /// <param name="transport">Where what it carries begins; it may lie behind the end.</param>
    internal static bool TryReadNetwork(ReadOnlySpan<byte> frame, int network, bool isIpv6, out byte protocol, out int transport) =>
        isIpv6 ? TryReadIpv6(frame, network, out protocol, out transport) : TryReadIpv4(frame, network, out protocol, out transport);

    /// <summary>The packet says its length in a hop-by-hop header of its own, right behind the IPv6 header, whose length field is 0 then
    /// (RFC 2675, 2 and 3): BIG TCP. With a length in both, the option is one that a guest has made up, and stays where it is.</summary>
    public bool HasJumboHeader(ReadOnlySpan<byte> frame) => HasJumboHeader(frame, NetworkOffset, TransportOffset, IsIpv6);

    internal static bool HasJumboHeader(ReadOnlySpan<byte> frame, int network, int transport, bool isIpv6)
    {
        var options = network + Ipv6Header.Size;
        return isIpv6 && transport >= options + JumboHeader && frame[network + 6] == IpProtocol.HopByHopOptions
            && BinaryPrimitives.ReadUInt16BigEndian(frame[(network + Ipv6Header.PayloadLengthOffset)..]) == 0
            && frame[options + 1] == 0 && frame[options + 2] == JumboOption && frame[options + 3] == 4;
    }

    /// <summary>The layout of the same packet when its jumbo header is taken out.</summary>
    public TransportLayout WithoutJumboHeader() =>
        new(IsIpv6, Protocol, NetworkOffset, TransportOffset - JumboHeader, PayloadOffset - JumboHeader);

    private static bool TryReadIpv4(ReadOnlySpan<byte> frame, int network, out byte protocol, out int transport)
    {
        protocol = 0;
        transport = 0;
        if (frame.Length < network + Ipv4Header.MinimumSize || frame[network] >> 4 != 4)
            return false;
        var header = (frame[network] & 15) * 4;
        var isFragment = (BinaryPrimitives.ReadUInt16BigEndian(frame[(network + 6)..]) & 0x3FFF) != 0;
        if (header < Ipv4Header.MinimumSize || isFragment)
            return false;
        protocol = frame[network + 9];
        transport = network + header;
        return true;
    }

    private static bool TryReadIpv6(ReadOnlySpan<byte> frame, int network, out byte protocol, out int transport)
    {
        protocol = 0;
        transport = network + Ipv6Header.Size;
        if (frame.Length < transport || frame[network] >> 4 != 6)
            return false;
        protocol = frame[network + 6];
        var extensions = 0;
        while (protocol is IpProtocol.HopByHopOptions or IpProtocol.Routing or IpProtocol.DestinationOptions)
        {
            if (extensions++ == MaximumExtensionHeaders || frame.Length < transport + 8)
                return false;
            protocol = frame[transport];
            transport += (frame[transport + 1] + 1) * 8;
        }
        return true;
    }
}
