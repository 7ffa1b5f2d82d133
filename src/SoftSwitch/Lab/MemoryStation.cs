using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.Lab;

/// <summary>
/// A station without a kernel: as much of an IP stack as a ping needs at both ends. It answers ARP (RFC 826), neighbor solicitations (RFC
/// 4861) and echo requests for its addresses, asks the same of others, by its gateway where they aren't neighbors, and remembers who
/// answered. Not here: fragments, options, caches, retries. Used by one thread.
/// </summary>
/// <param name="station">The station that it plays.</param>
/// <param name="addresses">Its IPv4 addresses, the one in the prefix that all share first.</param>
/// <param name="gateway">The way to all addresses that are in none of these subnets; null: none.</param>
/// <param name="port">Its end of the cable.</param>
/// <param name="member">The cable's other end: the place in a network.</param>
internal sealed class MemoryStation(LabStation station, IReadOnlyList<InterfaceAddress> addresses, Ipv4Address? gateway, MemoryPort port,
    Membership member)
{
    private const int Ethernet = EthernetHeader.Size, ArpLength = 28, Ipv4Header = 20, Ipv6Header = 40, Echo = 8, NeighborMessage = 32,
        LongestPayload = 20;
    private const byte Solicitation = 135, Advertisement = 136, Icmp6 = 58, Icmp4 = 1;

    private readonly MacAddress _mac = new(0x0200_0000_0000UL | (uint)(station.Number + 1));
    private readonly byte[] _ipv6 = station.Addresses[0].Ipv6.GetAddressBytes();

    public LabStation Station => station;

    public MemoryPort Port => port;

    public Membership Member => member;

    /// <summary>The hardware address that the last question after one was answered with.</summary>
    public MacAddress? Neighbor { get; private set; }

    /// <summary>The last echo was answered.</summary>
    public bool Answered { get; private set; }

    /// <summary>Who asked for the last echo that this station answered.</summary>
    public Ipv4Address? HeardFrom { get; private set; }

    /// <summary>Who sent the last TCP segment or UDP datagram, and to which port.</summary>
    public (Ipv4Address From, ushort Port)? Knocked { get; private set; }

    public void Forget()
    {
        Neighbor = null;
        Answered = false;
        HeardFrom = null;
        Knocked = null;
    }

    /// <summary>It is not a neighbor, but somebody behind the gateway.</summary>
    public bool IsRouted(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetwork && NextHop(Read(address)) != Read(address);

    /// <summary>Asks everyone on the network for the hardware address of that station, or of the gateway that leads to it.</summary>
    public void AskForNeighbor(IPAddress address)
    {
        Neighbor = null;
        var bytes = address.GetAddressBytes();
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
            SendNeighbor(Solicitation, bytes, SolicitedNode(bytes), SolicitedMac(bytes));
        else
            SendArp(1, MacAddress.Broadcast, default, SourceFor(Read(address)), NextHop(Read(address)));
    }

    public void Ping(IPAddress address, MacAddress mac)
    {
        Answered = false;
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
            SendIpv6(mac, address.GetAddressBytes(), [128, 0, 0, 0, 0, 0, 0, 0], 64);
        else
            SendEcho(mac, SourceFor(Read(address)), Read(address), 8, default);
    }

    /// <summary>Sends a connection's first segment, or a datagram, and waits for nothing.</summary>
    public void Knock(Ipv4Address address, MacAddress mac, bool isTcp, ushort destinationPort)
    {
        Span<byte> transport = stackalloc byte[isTcp ? 20 : 8];
        transport.Clear();
        BinaryPrimitives.WriteUInt16BigEndian(transport, 40_000);
        BinaryPrimitives.WriteUInt16BigEndian(transport[2..], destinationPort);
        if (isTcp)
        {
            transport[12] = 5 << 4;
            transport[13] = 2; // SYN
        }
        else
        {
            transport[5] = 8;
        }
        var source = SourceFor(address);
        var checksum = new InternetChecksum();
        Span<byte> ends = stackalloc byte[2 * Ipv4Address.Size];
        source.Write(ends);
        address.Write(ends[Ipv4Address.Size..]);
        checksum.Add(ends);
        checksum.Add(isTcp ? IpProtocol.Tcp : IpProtocol.Udp);
        checksum.Add((ushort)transport.Length);
        checksum.Add(transport);
        BinaryPrimitives.WriteUInt16BigEndian(transport[(isTcp ? 16 : 6)..], checksum.Value);
        SendIpv4(mac, source, address, isTcp ? IpProtocol.Tcp : IpProtocol.Udp, transport);
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
        var target = Ipv4Address.Read(packet[24..]);
        if (!IsOwn(target))
            return;
        if (packet[7] == 1)
            SendArp(2, MacAddress.Read(packet[8..]), MacAddress.Read(packet[8..]), target, Ipv4Address.Read(packet[14..]));
        else
            Neighbor = MacAddress.Read(packet[8..]);
    }

    private void HearIpv4(MacAddress source, ReadOnlySpan<byte> packet)
    {
        var (from, to) = (Ipv4Address.Read(packet[12..]), Ipv4Address.Read(packet[16..]));
        if (!IsOwn(to) || InternetChecksum.Of(packet[..Ipv4Header]) != 0)
            return;
        if (packet[9] is IpProtocol.Tcp or IpProtocol.Udp)
            Knocked = (from, BinaryPrimitives.ReadUInt16BigEndian(packet[(Ipv4Header + 2)..]));
        else if (packet[9] != Icmp4)
            return;
        else if (packet[Ipv4Header] == 8)
        {
            HeardFrom = from;
            SendEcho(source, to, from, 0, packet[(Ipv4Header + 4)..(Ipv4Header + Echo)]);
        }
        else
            Answered |= packet[Ipv4Header] == 0;
    }

    private void HearIpv6(MacAddress source, ReadOnlySpan<byte> packet)
    {
        var message = packet[Ipv6Header..];
        if (packet[6] != Icmp6)
            return;
        if (message[0] == Solicitation && message.Length >= 24 && message[8..24].SequenceEqual(_ipv6))
            SendNeighbor(Advertisement, _ipv6, packet[8..24], source);
        else if (!packet[24..40].SequenceEqual(_ipv6))
            return;
        else if (message[0] == Advertisement)
            Neighbor = source;
        else if (message[0] == 128)
            SendIpv6(source, packet[8..24], [129, 0, 0, 0, 0, 0, 0, 0], 64);
        else
            Answered |= message[0] == 129;
    }

    private bool IsOwn(Ipv4Address address) => addresses.Any(own => own.Address == address);

    private Ipv4Address NextHop(Ipv4Address address) =>
        gateway is { } router && !addresses.Any(own => own.Subnet.Contains(address)) ? router : address;

    /// <summary>The address of ours in the subnet of the next hop.</summary>
    private Ipv4Address SourceFor(Ipv4Address address) =>
        addresses.FirstOrDefault(own => own.Subnet.Contains(NextHop(address)), addresses[0]).Address;

    private void SendArp(byte operation, MacAddress to, MacAddress targetMac, Ipv4Address source, Ipv4Address target)
    {
        Span<byte> packet = stackalloc byte[ArpLength];
        ReadOnlySpan<byte> start = [0, 1, 8, 0, 6, 4, 0, operation];
        start.CopyTo(packet);
        _mac.Write(packet[8..]);
        source.Write(packet[14..]);
        targetMac.Write(packet[18..]);
        target.Write(packet[24..]);
        Send(to, EtherType.Arp, packet);
    }

    /// <param name="query">Identifier and sequence number of an answer's question.</param>
    private void SendEcho(MacAddress to, Ipv4Address source, Ipv4Address target, byte type, ReadOnlySpan<byte> query)
    {
        Span<byte> message = stackalloc byte[Echo];
        message.Clear();
        message[0] = type;
        query.CopyTo(message[4..]);
        BinaryPrimitives.WriteUInt16BigEndian(message[2..], InternetChecksum.Of(message));
        SendIpv4(to, source, target, Icmp4, message);
    }

    private void SendIpv4(MacAddress to, Ipv4Address source, Ipv4Address target, byte protocol, ReadOnlySpan<byte> payload)
    {
        Span<byte> packet = stackalloc byte[Ipv4Header + LongestPayload];
        packet = packet[..(Ipv4Header + payload.Length)];
        packet.Clear();
        packet[0] = 0x45;
        packet[3] = (byte)packet.Length;
        packet[8] = 64;
        packet[9] = protocol;
        source.Write(packet[12..]);
        target.Write(packet[16..]);
        BinaryPrimitives.WriteUInt16BigEndian(packet[10..], InternetChecksum.Of(packet[..Ipv4Header]));
        payload.CopyTo(packet[Ipv4Header..]);
        Send(to, EtherType.Ipv4, packet);
    }

    private void SendNeighbor(byte type, ReadOnlySpan<byte> subject, ReadOnlySpan<byte> target, MacAddress to)
    {
        Span<byte> message = stackalloc byte[NeighborMessage];
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
        Span<byte> packet = stackalloc byte[Ipv6Header + NeighborMessage];
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
        Span<byte> frame = stackalloc byte[Ethernet + Ipv6Header + NeighborMessage];
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

    private static Ipv4Address Read(IPAddress address) => Ipv4Address.Read(address.GetAddressBytes());
}
