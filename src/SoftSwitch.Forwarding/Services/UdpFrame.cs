using System.Buffers.Binary;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Services;

/// <summary>A UDP datagram of IPv4 as the bytes of an Ethernet frame: written, and the transport header of one that came read and
/// verified.</summary>
internal static class UdpFrame
{
    /// <summary>Bytes in front of what it carries.</summary>
    public const int Headers = EthernetHeader.Size + Ipv4Header.MinimumSize + UdpHeader.Size;

    /// <summary>One for all stations tells the fragments of one datagram from those of another (RFC 6864, 4.2).</summary>
    private static int s_identification;

    /// <summary>Writes the headers; the Ethernet addresses are the caller's.</summary>
    /// <param name="frame">At least <see cref="Headers"/> and <paramref name="length"/> bytes.</param>
    /// <param name="length">Bytes that it carries.</param>
    /// <returns>Where these are written; then <see cref="WriteChecksum"/>.</returns>
    public static Span<byte> WriteHeaders(
        Span<byte> frame, (Ipv4Address Address, ushort Port) source, (Ipv4Address Address, ushort Port) destination, int length)
    {
        EthernetHeader.SetType(frame, EtherType.Ipv4);
        var ip = frame[EthernetHeader.Size..(Headers + length)];
        Ipv4Header.Write(ip, ip.Length, (ushort)Interlocked.Increment(ref s_identification), Ipv4Header.DefaultTtl, IpProtocol.Udp,
            source.Address, destination.Address);
        var udp = ip[Ipv4Header.MinimumSize..];
        BinaryPrimitives.WriteUInt16BigEndian(udp[UdpHeader.SourcePortOffset..], source.Port);
        BinaryPrimitives.WriteUInt16BigEndian(udp[UdpHeader.DestinationPortOffset..], destination.Port);
        BinaryPrimitives.WriteUInt16BigEndian(udp[UdpHeader.LengthOffset..], (ushort)udp.Length);
        return udp[UdpHeader.Size..];
    }

    /// <param name="length">Bytes that it carries.</param>
    public static void WriteChecksum(Span<byte> frame, int length)
    {
        var udp = frame.Slice(Headers - UdpHeader.Size, UdpHeader.Size + length);
        BinaryPrimitives.WriteUInt16BigEndian(udp[UdpHeader.ChecksumOffset..],
            InternetChecksum.InUdp(ChecksumOf(frame, EthernetHeader.Size, IpProtocol.Udp, udp)));
    }

    /// <summary>Reads a transport header of UDP or TCP and what it carries; false for what is cut short, contradicts the packet, or carries
    /// a wrong checksum.</summary>
    /// <param name="frame">With all of the packet.</param>
    /// <param name="packet">No fragment.</param>
    /// <param name="isSummed">There is a checksum to verify.</param>
    /// <param name="transport">Of UDP as long as that says.</param>
    public static bool TryRead(
        ReadOnlySpan<byte> frame, scoped in Ipv4Layout packet, bool isSummed, out ReadOnlySpan<byte> transport)
    {
        transport = frame.Slice(packet.TransportOffset, packet.PayloadLength);
        if (transport.Length < (packet.Protocol == IpProtocol.Udp ? UdpHeader.Size : TcpHeader.MinimumSize))
            return false;
        if (packet.Protocol == IpProtocol.Udp)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(transport[UdpHeader.LengthOffset..]);
            if (length < UdpHeader.Size || length > transport.Length)
                return false;
            transport = transport[..length];
            isSummed &= BinaryPrimitives.ReadUInt16BigEndian(transport[UdpHeader.ChecksumOffset..]) != 0;
        }
        return !isSummed || ChecksumOf(frame, packet.NetworkOffset, packet.Protocol, transport) == 0;
    }

    /// <summary>The checksum of a datagram or segment; 0 over one that carries the right one.</summary>
    private static ushort ChecksumOf(ReadOnlySpan<byte> frame, int network, byte protocol, ReadOnlySpan<byte> transport)
    {
        var sum = PseudoHeader.Sum(frame, network, isIpv6: false, protocol, transport.Length);
        sum.Add(transport);
        return sum.Value;
    }
}
