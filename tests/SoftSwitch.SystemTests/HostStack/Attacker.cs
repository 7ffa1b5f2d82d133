using System.Buffers.Binary;
using System.Text;
using SoftSwitch.Packets;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.HostStack;

/// <summary>A guest that sends the host frames that no honest one would.</summary>
/// <param name="guest">Where its interface is.</param>
/// <param name="hostMac">Of the host's interface on the same link.</param>
internal sealed class Attacker(NetNs guest, string interfaceName, string hostMac)
{
    private const ushort RouterLifetime = 1800;

    /// <summary>What its router advertisements promise.</summary>
    public const string Prefix = "2001:db8:77:", Router = "fe80::bad";

    /// <summary>A UDP datagram in one packet, without a checksum.</summary>
    public void SendUdp(string from, string to, int port, string text)
    {
        var payload = Encoding.ASCII.GetBytes(text);
        var frame = Frame(EtherType.Ipv4, 28 + payload.Length);
        var packet = frame.AsSpan(14);
        Ipv4Header.Write(packet, 28 + payload.Length, 4711, 64, IpProtocol.Udp, Ipv4Address.Parse(from), Ipv4Address.Parse(to));
        BinaryPrimitives.WriteUInt16BigEndian(packet[20..], 40_000);
        BinaryPrimitives.WriteUInt16BigEndian(packet[22..], (ushort)port);
        BinaryPrimitives.WriteUInt16BigEndian(packet[24..], (ushort)(8 + payload.Length));
        payload.CopyTo(packet[28..]);
        Send(frame);
    }

    /// <summary>Says to all that it is the way to everywhere, and which addresses and MTU they are to have (RFC 4861, 4.2).</summary>
    public void AdvertiseRouter()
    {
        const int length = 16 + 32 + 8;
        var frame = Frame(EtherType.Ipv6, Ipv6Header.Size + length);
        MacAddress.Parse("33:33:00:00:00:01").Write(frame);
        var packet = frame.AsSpan(14);
        packet[0] = 0x60;
        BinaryPrimitives.WriteUInt16BigEndian(packet[Ipv6Header.PayloadLengthOffset..], length);
        packet[Ipv6Header.NextHeaderOffset] = IpProtocol.IcmpV6;
        packet[7] = 255;
        Ipv6Address.Parse(Router).Write(packet[Ipv6Header.SourceOffset..]);
        Ipv6Address.Parse("ff02::1").Write(packet[Ipv6Header.DestinationOffset..]);
        var message = packet[Ipv6Header.Size..];
        message[0] = IcmpV6Type.RouterAdvertisement;
        message[4] = 64;
        BinaryPrimitives.WriteUInt16BigEndian(message[6..], RouterLifetime);
        // A prefix for addresses that hosts make themselves.
        ((ReadOnlySpan<byte>)[3, 4, 64, 0xC0, 0, 0, 0x0E, 0x10, 0, 0, 0x0E, 0x10]).CopyTo(message[16..]);
        Ipv6Address.Parse($"{Prefix}:").Write(message[32..]);
        ((ReadOnlySpan<byte>)[5, 1, 0, 0, 0, 0, 0x05, 0x78]).CopyTo(message[48..]);
        uint sum = length + IpProtocol.IcmpV6;
        for (var at = Ipv6Header.SourceOffset; at < Ipv6Header.Size + length; at += 2)
            sum += BinaryPrimitives.ReadUInt16BigEndian(packet[at..]);
        for (; sum > ushort.MaxValue; sum = (sum & ushort.MaxValue) + (sum >> 16))
        {
        }
        BinaryPrimitives.WriteUInt16BigEndian(message[2..], (ushort)~sum);
        Send(frame);
    }

    private byte[] Frame(ushort type, int packet)
    {
        var frame = new byte[int.Max(14 + packet, EthernetHeader.MinimumFrame)];
        MacAddress.Parse(hostMac).Write(frame);
        MacAddress.Parse(guest.Mac(interfaceName)).Write(frame.AsSpan(6));
        EthernetHeader.SetType(frame, type);
        return frame;
    }

    private void Send(byte[] frame) => RawFrames.Send(guest, interfaceName, 1, frame.Length, (_, bytes) => frame.CopyTo(bytes, 0));
}
