using System.Buffers.Binary;
using SoftSwitch.Packets;
using SoftSwitch.Packets.Translation;

namespace SoftSwitch.Tests.Packets.Translation;

/// <summary>Whole packets between the two ends of a translation, with right checksums, and what a reader of its own says of them.</summary>
internal static class Sample
{
    public static readonly Ipv4Address Client = new(0xC000_0006), Station = new(0xA9FE_5301);

    /// <summary>An IPv4 packet from the station to the client. The checksum of a fragment is that of the whole packet, so any.</summary>
    public static byte[] Ipv4(byte protocol, byte[] payload, ushort fragment = 0, ushort id = 0, byte ttl = 63, byte tos = 0)
    {
        var packet = new byte[Ipv4Header.MinimumSize + payload.Length];
        Ipv4Header.Write(packet, packet.Length, id, ttl, protocol, Station, Client);
        packet[1] = tos;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(Ipv4Header.FragmentOffset), fragment);
        Ipv4Header.WriteChecksum(packet.AsSpan(0, Ipv4Header.MinimumSize));
        payload.CopyTo(packet, Ipv4Header.MinimumSize);
        if (fragment is 0 or 0x4000 && protocol is IpProtocol.Tcp or IpProtocol.Udp)
            Sum(packet, Ipv4Header.MinimumSize, isIpv6: false, protocol);
        return packet;
    }

    /// <summary>An IPv6 packet from the client to the station.</summary>
    public static byte[] Ipv6(byte protocol, byte[] payload, byte hopLimit = 64)
    {
        var packet = new byte[Ipv6Header.Size + payload.Length];
        packet[0] = 0x60;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(Ipv6Header.PayloadLengthOffset), (ushort)payload.Length);
        packet[Ipv6Header.NextHeaderOffset] = protocol;
        packet[Ipv6Header.HopLimitOffset] = hopLimit;
        EmbeddedAddress.Of(Client).Write(packet.AsSpan(Ipv6Header.SourceOffset));
        EmbeddedAddress.Of(Station).Write(packet.AsSpan(Ipv6Header.DestinationOffset));
        payload.CopyTo(packet, Ipv6Header.Size);
        if (protocol is IpProtocol.Tcp or IpProtocol.Udp or IpProtocol.IcmpV6)
            Sum(packet, Ipv6Header.Size, isIpv6: true, protocol);
        return packet;
    }

    /// <summary>Ports 22 and 40000, and so many bytes behind the header.</summary>
    public static byte[] Transport(byte protocol, int bytes)
    {
        var header = protocol == IpProtocol.Tcp ? TcpHeader.MinimumSize : UdpHeader.Size;
        var transport = new byte[header + bytes];
        Random.Shared.NextBytes(transport.AsSpan(header));
        BinaryPrimitives.WriteUInt16BigEndian(transport, 22);
        BinaryPrimitives.WriteUInt16BigEndian(transport.AsSpan(2), 40000);
        if (protocol == IpProtocol.Tcp)
            transport[12] = 5 << 4;
        else
            BinaryPrimitives.WriteUInt16BigEndian(transport.AsSpan(4), (ushort)transport.Length);
        return transport;
    }

    /// <summary>The transport checksum is right.</summary>
    public static bool IsSummed(ReadOnlySpan<byte> packet, int header, bool isIpv6, byte protocol)
    {
        var sum = PseudoHeader.Sum(packet, 0, isIpv6, protocol, packet.Length - header);
        sum.Add(packet[header..]);
        return sum.Value == 0;
    }

    private static void Sum(byte[] packet, int header, bool isIpv6, byte protocol)
    {
        var at = header + protocol switch
        {
            IpProtocol.Tcp => TcpHeader.ChecksumOffset,
            IpProtocol.Udp => UdpHeader.ChecksumOffset,
            _ => IcmpHeader.ChecksumOffset,
        };
        // Any bytes may be what a test sends.
        if (packet.Length < at + sizeof(ushort))
            return;
        var field = packet.AsSpan(at, sizeof(ushort));
        field.Clear();
        var sum = PseudoHeader.Sum(packet, 0, isIpv6, protocol, packet.Length - header);
        sum.Add(packet.AsSpan(header));
        BinaryPrimitives.WriteUInt16BigEndian(field, protocol == IpProtocol.Udp ? InternetChecksum.InUdp(sum.Value) : sum.Value);
    }
}
