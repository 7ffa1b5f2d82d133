using System.Buffers.Binary;
using SoftSwitch.Packets;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Outside;

/// <summary>Frames as a stranger would make them, complete with their checksums, and what comes back in words.</summary>
internal static class Datagrams
{
    internal const byte Syn = 0x02, Reset = 0x04, Acknowledge = 0x10;

    internal static byte[] Tcp(MacAddress from, MacAddress to, Ipv4Address source, Ipv4Address destination, int sourcePort,
        int port, byte flags,
        uint acknowledged = 2000)
    {
        var segment = new byte[20];
        BinaryPrimitives.WriteUInt16BigEndian(segment, (ushort)sourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(2), (ushort)port);
        BinaryPrimitives.WriteUInt32BigEndian(segment.AsSpan(4), 1000);
        BinaryPrimitives.WriteUInt32BigEndian(segment.AsSpan(8), flags == Syn ? 0u : acknowledged);
        segment[12] = 5 << 4;
        segment[13] = flags;
        segment[14] = 0xff;
        Checksum.Write(segment, segment.AsSpan(16), Pseudo(source, destination, IpProtocol.Tcp, segment.Length));
        return Packet(from, to, source, destination, IpProtocol.Tcp, segment);
    }

    internal static byte[] Udp(MacAddress from, MacAddress to, Ipv4Address source, Ipv4Address destination, int sourcePort, int port,
        int fragmentAt = 0, bool hasMore = false)
    {
        var datagram = new byte[16];
        BinaryPrimitives.WriteUInt16BigEndian(datagram, (ushort)sourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(2), (ushort)port);
        datagram[5] = 16;
        Checksum.Write(datagram, datagram.AsSpan(6), Pseudo(source, destination, IpProtocol.Udp, datagram.Length));
        return Packet(from, to, source, destination, IpProtocol.Udp, datagram, fragmentAt, hasMore);
    }

    internal static byte[] Echo(MacAddress from, MacAddress to, Ipv4Address source, Ipv4Address destination, byte type = 8,
        byte sequence = 1)
    {
        byte[] message = [type, 0, 0, 0, 0, 1, 0, sequence];
        Checksum.Write(message, message.AsSpan(2), 0);
        return Packet(from, to, source, destination, IpProtocol.Icmp, message);
    }

    internal static byte[] Arp(MacAddress from, MacAddress to, int operation, Ipv4Address sender, Ipv4Address target)
    {
        var frame = Ethernet(from, to, EtherType.Arp, 28);
        var arp = frame.AsSpan(14);
        ((ReadOnlySpan<byte>)[0, 1, 8, 0, 6, 4, 0, (byte)operation]).CopyTo(arp);
        from.Write(arp[8..]);
        sender.Write(arp[14..]);
        target.Write(arp[24..]);
        return frame;
    }

    internal static string Words(ReadOnlySpan<byte> frame)
    {
        var type = BinaryPrimitives.ReadUInt16BigEndian(frame[12..]);
        if (type == EtherType.Arp)
            return $"arp {frame[21]} {Ipv4Address.Read(frame[38..])}";
        if (type != EtherType.Ipv4)
            return $"type {type:x4}";
        var payload = frame[(14 + (frame[14] & 15) * 4)..];
        var (from, to) = (BinaryPrimitives.ReadUInt16BigEndian(payload), BinaryPrimitives.ReadUInt16BigEndian(payload[2..]));
        return frame[23] switch
        {
            IpProtocol.Icmp => $"icmp {payload[0]}",
            IpProtocol.Tcp => $"tcp {from} to {to}{Flags(payload[13])}",
            IpProtocol.Udp => $"udp {from} to {to}",
            var other => $"protocol {other}",
        };
    }

    private static string Flags(byte flags) =>
        ((flags & Syn) != 0 ? " syn" : "") + ((flags & Reset) != 0 ? " rst" : "");

    private static byte[] Packet(
        MacAddress from, MacAddress to, Ipv4Address source, Ipv4Address destination, byte protocol, byte[] payload, int fragmentAt = 0,
        bool hasMore = false)
    {
        var frame = Ethernet(from, to, EtherType.Ipv4, 20 + payload.Length);
        var ip = frame.AsSpan(14);
        ((ReadOnlySpan<byte>)[0x45, 0, 0, (byte)(20 + payload.Length), 0, 1, 0, 0, 64, protocol]).CopyTo(ip);
        BinaryPrimitives.WriteUInt16BigEndian(ip[6..], (ushort)((hasMore ? 0x2000 : 0) | fragmentAt / 8));
        source.Write(ip[12..]);
        destination.Write(ip[16..]);
        Checksum.Write(ip[..20], ip[10..], 0);
        payload.CopyTo(ip[20..]);
        return frame;
    }

    private static byte[] Ethernet(MacAddress from, MacAddress to, ushort type, int length)
    {
        var frame = new byte[14 + length];
        to.Write(frame);
        from.Write(frame.AsSpan(6));
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), type);
        return frame;
    }

    private static uint Pseudo(Ipv4Address source, Ipv4Address destination, byte protocol, int length) =>
        (source.Value >> 16) + (source.Value & 0xffff) + (destination.Value >> 16) + (destination.Value & 0xffff) + protocol + (uint)length;
}
