using System.Buffers.Binary;
using System.Net;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Packets;

namespace SoftSwitch.Lab;

/// <summary>
/// A guest without a kernel: as much of an IP stack as a ping needs at both ends. It answers ARP (RFC 826), neighbour solicitations (RFC 4861) and echo requests
/// for its addresses, asks the same of others, and remembers who answered. Not here: fragments, options, caches, retries. Used by one thread.
/// </summary>
internal sealed class MemoryStation(LabStation station, MemoryPort port)
{
    private const int Ethernet = EthernetHeader.Size, ArpLength = 28, Ipv4Header = 20, Ipv6Header = 40, Echo = 8, NeighbourMessage = 32;
    private const byte Solicitation = 135, Advertisement = 136, Icmp6 = 58, Icmp4 = 1;

    private readonly MacAddress _mac = new(0x0200_0000_0000UL | (uint)(station.Number + 1));
    private readonly byte[] _ipv4 = Ipv4Bytes(station.Ipv4);
    private readonly byte[] _ipv6 = station.Ipv6.GetAddressBytes();

    public LabStation Station => station;

    public MemoryPort Port => port;

    /// <summary>The hardware address that the last question after one was answered with.</summary>
    public MacAddress? Neighbour { get; set; }

    /// <summary>The last echo was answered.</summary>
    public bool Answered { get; set; }

    /// <summary>Asks everyone on the network for the other's hardware address.</summary>
    public void AskForNeighbour(MemoryStation other, bool isIpv6)
    {
        Neighbour = null;
        if (isIpv6)
            SendNeighbour(Solicitation, other._ipv6, SolicitedNode(other._ipv6), SolicitedMac(other._ipv6));
        else
            SendArp(1, MacAddress.Broadcast, default, other._ipv4);
    }

    public void Ping(MemoryStation other, MacAddress mac, bool isIpv6)
    {
        Answered = false;
        if (isIpv6)
            SendIpv6(mac, other._ipv6, [128, 0, 0, 0, 0, 0, 0, 0], 64);
        else
            SendIpv4(mac, other._ipv4, 8);
    }

    /// <summary>Takes what the switch delivered, and answers it.</summary>
    public void Hear()
    {
        while (port.TryTake(out var frame))
        {
            var bytes = frame.Bytes;
            if (bytes.Length >= Ethernet)
            {
                var source = MacAddress.Read(bytes[MacAddress.Size..]);
                var packet = bytes[Ethernet..];
                switch (BinaryPrimitives.ReadUInt16BigEndian(bytes[(2 * MacAddress.Size)..]))
                {
                    case EtherType.Arp when packet.Length >= ArpLength:
                        HearArp(packet);
                        break;
                    case EtherType.Ipv4 when packet.Length >= Ipv4Header + Echo:
                        HearIpv4(source, packet);
                        break;
                    case EtherType.Ipv6 when packet.Length >= Ipv6Header + Echo:
                        HearIpv6(source, packet);
                        break;
                }
            }
            MemoryPort.Return(frame);
        }
    }

    private void HearArp(ReadOnlySpan<byte> packet)
    {
        if (!packet[24..28].SequenceEqual(_ipv4))
            return;
        if (packet[7] == 1)
            SendArp(2, MacAddress.Read(packet[8..]), MacAddress.Read(packet[8..]), packet[14..18]);
        else
            Neighbour = MacAddress.Read(packet[8..]);
    }

    private void HearIpv4(MacAddress source, ReadOnlySpan<byte> packet)
    {
        if (packet[9] != Icmp4 || !packet[16..20].SequenceEqual(_ipv4) || InternetChecksum.Of(packet[..Ipv4Header]) != 0)
            return;
        if (packet[Ipv4Header] == 8)
            SendIpv4(source, packet[12..16], 0);
        else
            Answered |= packet[Ipv4Header] == 0;
    }

    private void HearIpv6(MacAddress source, ReadOnlySpan<byte> packet)
    {
        var message = packet[Ipv6Header..];
        if (packet[6] != Icmp6)
            return;
        if (message[0] == Solicitation && message.Length >= 24 && message[8..24].SequenceEqual(_ipv6))
            SendNeighbour(Advertisement, _ipv6, packet[8..24], source);
        else if (!packet[24..40].SequenceEqual(_ipv6))
            return;
        else if (message[0] == Advertisement)
            Neighbour = source;
        else if (message[0] == 128)
            SendIpv6(source, packet[8..24], [129, 0, 0, 0, 0, 0, 0, 0], 64);
        else
            Answered |= message[0] == 129;
    }

    private void SendArp(byte operation, MacAddress to, MacAddress targetMac, ReadOnlySpan<byte> target)
    {
        Span<byte> packet = stackalloc byte[ArpLength];
        ReadOnlySpan<byte> start = [0, 1, 8, 0, 6, 4, 0, operation];
        start.CopyTo(packet);
        _mac.Write(packet[8..]);
        _ipv4.CopyTo(packet[14..]);
        targetMac.Write(packet[18..]);
        target.CopyTo(packet[24..]);
        Send(to, EtherType.Arp, packet);
    }

    private void SendIpv4(MacAddress to, ReadOnlySpan<byte> target, byte type)
    {
        Span<byte> packet = stackalloc byte[Ipv4Header + Echo];
        packet.Clear();
        packet[0] = 0x45;
        packet[3] = Ipv4Header + Echo;
        packet[8] = 64;
        packet[9] = Icmp4;
        _ipv4.CopyTo(packet[12..]);
        target.CopyTo(packet[16..]);
        BinaryPrimitives.WriteUInt16BigEndian(packet[10..], InternetChecksum.Of(packet[..Ipv4Header]));
        packet[Ipv4Header] = type;
        BinaryPrimitives.WriteUInt16BigEndian(packet[(Ipv4Header + 2)..], InternetChecksum.Of(packet[Ipv4Header..]));
        Send(to, EtherType.Ipv4, packet);
    }

    private void SendNeighbour(byte type, ReadOnlySpan<byte> subject, ReadOnlySpan<byte> target, MacAddress to)
    {
        Span<byte> message = stackalloc byte[NeighbourMessage];
        message.Clear();
        message[0] = type;
        message[4] = type == Advertisement ? (byte)0x60 : (byte)0;
        subject.CopyTo(message[8..]);
        // The link-layer address option: the source's in a solicitation, the target's in an advertisement.
        message[24] = type == Advertisement ? (byte)2 : (byte)1;
        message[25] = 1;
        _mac.Write(message[26..]);
        SendIpv6(to, target, message, 255);
    }

    private void SendIpv6(MacAddress to, ReadOnlySpan<byte> target, ReadOnlySpan<byte> message, byte hopLimit)
    {
        Span<byte> packet = stackalloc byte[Ipv6Header + NeighbourMessage];
        packet = packet[..(Ipv6Header + message.Length)];
        packet.Clear();
        packet[0] = 0x60;
        packet[5] = (byte)message.Length;
        packet[6] = Icmp6;
        packet[7] = hopLimit;
        _ipv6.CopyTo(packet[8..]);
        target.CopyTo(packet[24..]);
        message.CopyTo(packet[Ipv6Header..]);
        var checksum = new InternetChecksum();
        checksum.Add(packet[8..]);
        checksum.Add((ushort)message.Length);
        checksum.Add(Icmp6);
        BinaryPrimitives.WriteUInt16BigEndian(packet[(Ipv6Header + 2)..], checksum.Value);
        Send(to, EtherType.Ipv6, packet);
    }

    private void Send(MacAddress to, ushort type, ReadOnlySpan<byte> packet)
    {
        Span<byte> frame = stackalloc byte[Ethernet + Ipv6Header + NeighbourMessage];
        to.Write(frame);
        _mac.Write(frame[MacAddress.Size..]);
        BinaryPrimitives.WriteUInt16BigEndian(frame[(2 * MacAddress.Size)..], type);
        packet.CopyTo(frame[Ethernet..]);
        port.Send(frame[..(Ethernet + packet.Length)]);
    }

    /// <summary>RFC 4291, 2.7.1.</summary>
    private static byte[] SolicitedNode(ReadOnlySpan<byte> address) =>
        [0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, .. address[13..]];

    /// <summary>RFC 2464, 7.</summary>
    private static MacAddress SolicitedMac(ReadOnlySpan<byte> address) => MacAddress.Read([0x33, 0x33, 0xff, .. address[13..]]);

    private static byte[] Ipv4Bytes(Ipv4Address address)
    {
        var bytes = new byte[Ipv4Address.Size];
        address.Write(bytes);
        return bytes;
    }
}
