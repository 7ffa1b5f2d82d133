using System.Buffers.Binary;
using SoftSwitch.Packets;

namespace SoftSwitch.Tests.Forwarding;

/// <summary>Frames with any addresses and headers, right or not, and whatever behind them.</summary>
internal static class IpFrames
{
    public static byte[] Ethernet(ulong to, ulong from, ushort type, ReadOnlySpan<byte> packet, params ushort[] tags)
    {
        var frame = new byte[int.Max(14 + 4 * tags.Length + packet.Length, 60)];
        new MacAddress(to).Write(frame);
        new MacAddress(from).Write(frame.AsSpan(6));
        var at = 12;
        foreach (var tag in tags)
        {
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(at), EtherType.Vlan);
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(at + 2), tag);
            at += 4;
        }
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(at), type);
        packet.CopyTo(frame.AsSpan(at + 2));
        return frame;
    }

    /// <param name="fragment">The field of flags and offset.</param>
    /// <param name="options">A multiple of 4 bytes.</param>
    public static byte[] Ipv4(
        string from, string to, byte protocol = IpProtocol.Udp, byte[]? payload = null, ushort fragment = 0, byte[]? options = null)
    {
        payload ??= new byte[16];
        var header = 20 + (options?.Length ?? 0);
        var packet = new byte[header + payload.Length];
        packet[0] = (byte)(0x40 | header / 4);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(6), fragment);
        packet[8] = 64;
        packet[9] = protocol;
        Ipv4Address.Parse(from).Write(packet.AsSpan(12));
        Ipv4Address.Parse(to).Write(packet.AsSpan(16));
        options?.CopyTo(packet, 20);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(10), (ushort)~Wire.Sum(packet.AsSpan(0, header)));
        payload.CopyTo(packet, header);
        return packet;
    }

    /// <param name="next">Of the first header behind it, which <paramref name="payload"/> begins with.</param>
    public static byte[] Ipv6(string from, string to, byte next = IpProtocol.Udp, byte[]? payload = null)
    {
        payload ??= new byte[16];
        var packet = new byte[40 + payload.Length];
        packet[0] = 0x60;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), (ushort)payload.Length);
        packet[6] = next;
        packet[7] = 255;
        Ipv6Address.Parse(from).Write(packet.AsSpan(8));
        Ipv6Address.Parse(to).Write(packet.AsSpan(24));
        payload.CopyTo(packet, 40);
        return packet;
    }

    /// <param name="hardware">1: Ethernet.</param>
    public static byte[] Arp(string sender, string target, ushort operation = ArpMessage.Request, ushort hardware = 1)
    {
        var packet = new byte[ArpMessage.Size];
        new ArpMessage(operation, new(0x0200_0000_0001), Ipv4Address.Parse(sender), default, Ipv4Address.Parse(target)).Write(packet);
        BinaryPrimitives.WriteUInt16BigEndian(packet, hardware);
        return packet;
    }
}
