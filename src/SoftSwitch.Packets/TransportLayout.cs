using System.Buffers.Binary;

namespace SoftSwitch.Packets;

/// <summary>
/// Where the headers of a TCP or UDP packet lie in a frame, found once from the frame's own bytes. This is what offload work stands on:
/// nothing in it comes from the header that a guest sent beside the frame. Offsets count from the first byte of the Ethernet header.
/// </summary>
/// <remarks>IPv6 extension headers are followed to a bounded depth; fragments have no layout, because no super-frame is one.</remarks>
public readonly struct TransportLayout
{
    private const int Ipv4MinimumHeader = 20;
    private const int Ipv6Header = 40;
    private const int TcpMinimumHeader = 20;
    private const int UdpHeader = 8;
    private const int MaximumExtensionHeaders = 8;

    private TransportLayout(bool isIpv6, byte protocol, int networkOffset, int transportOffset, int payloadOffset)
    {
        IsIpv6 = isIpv6;
        Protocol = protocol;
        NetworkOffset = (ushort)networkOffset;
        TransportOffset = (ushort)transportOffset;
        PayloadOffset = (ushort)payloadOffset;
    }

    public bool IsIpv6 { get; }

    /// <summary><see cref="IpProtocol.Tcp"/> or <see cref="IpProtocol.Udp"/>.</summary>
    public byte Protocol { get; }

    public ushort NetworkOffset { get; }

    public ushort TransportOffset { get; }

    /// <summary>The end of all headers.</summary>
    public ushort PayloadOffset { get; }

    /// <summary>Where TCP (RFC 9293, 3.1) or UDP (RFC 768) keep their checksum.</summary>
    public int ChecksumOffset => Protocol == IpProtocol.Tcp ? 16 : 6;

    /// <summary>Reads the headers of an unfragmented TCP or UDP packet; false for anything else and for headers that are cut short.</summary>
    /// <param name="frame">The frame's first bytes; at least an Ethernet header.</param>
    public static bool TryRead(ReadOnlySpan<byte> frame, out TransportLayout layout)
    {
        layout = default;
        var network = EthernetHeader.PacketOffset(frame, out var etherType);
        int transport;
        byte protocol;
        switch (etherType)
        {
            case EtherType.Ipv4:
                if (!TryReadIpv4(frame, network, out protocol, out transport))
                    return false;
                break;
            case EtherType.Ipv6:
                if (!TryReadIpv6(frame, network, out protocol, out transport))
                    return false;
                break;
            default:
                return false;
        }

        int header;
        switch (protocol)
        {
            case IpProtocol.Tcp:
                if (frame.Length < transport + TcpMinimumHeader)
                    return false;
                header = (frame[transport + 12] >> 4) * 4;
                if (header < TcpMinimumHeader)
                    return false;
                break;
            case IpProtocol.Udp:
                header = UdpHeader;
                break;
            default:
                return false;
        }
        if (frame.Length < transport + header)
            return false;
        layout = new(etherType == EtherType.Ipv6, protocol, network, transport, transport + header);
        return true;
    }

    private static bool TryReadIpv4(ReadOnlySpan<byte> frame, int network, out byte protocol, out int transport)
    {
        protocol = 0;
        transport = 0;
        if (frame.Length < network + Ipv4MinimumHeader || frame[network] >> 4 != 4)
            return false;
        var header = (frame[network] & 15) * 4;
        var isFragment = (BinaryPrimitives.ReadUInt16BigEndian(frame[(network + 6)..]) & 0x3FFF) != 0;
        if (header < Ipv4MinimumHeader || isFragment)
            return false;
        protocol = frame[network + 9];
        transport = network + header;
        return true;
    }

    private static bool TryReadIpv6(ReadOnlySpan<byte> frame, int network, out byte protocol, out int transport)
    {
        protocol = 0;
        transport = network + Ipv6Header;
        if (frame.Length < transport || frame[network] >> 4 != 6)
            return false;
        protocol = frame[network + 6];
        for (var extensions = 0; protocol is IpProtocol.HopByHopOptions or IpProtocol.Routing or IpProtocol.DestinationOptions; extensions++)
        {
            if (extensions == MaximumExtensionHeaders || frame.Length < transport + 8)
                return false;
            protocol = frame[transport];
            transport += (frame[transport + 1] + 1) * 8;
        }
        return true;
    }
}
