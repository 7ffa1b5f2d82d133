using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Packets;

namespace SoftSwitch.Lab;

/// <summary>
/// A station without a kernel: as much of an IP stack as a ping needs at both ends. It answers ARP (RFC 826), neighbor solicitations (RFC
/// 4861) and echo requests for its addresses, asks the same of others, by its gateway where they aren't neighbors, and remembers who
/// answered. Not here: fragments, options, caches, retries. Used by one thread.
/// </summary>
/// <param name="station">The station that it plays.</param>
/// <param name="addresses">Its IPv4 addresses.</param>
/// <param name="port">Its end of the cable.</param>
/// <param name="member">The cable's other end: the place in a network.</param>
internal sealed class MemoryStation(LabStation station, StationAddresses addresses, MemoryPort port, Membership member)
{
    private readonly byte[] _ipv6 = station.Addresses[0].Ipv6.GetAddressBytes();
    private readonly StationFrames _frames =
        new(new(0x0200_0000_0000UL | (uint)(station.Number + 1)), station.Addresses[0].Ipv6.GetAddressBytes(), port);

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

    public void Forget() => (Neighbor, Answered, HeardFrom, Knocked) = (null, false, null, null);

    /// <summary>It is not a neighbor, but somebody behind the gateway.</summary>
    public bool IsRouted(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetwork && addresses.NextHop(Read(address)) != Read(address);

    /// <summary>Asks everyone on the network for the hardware address of that station, or of the gateway that leads to it.</summary>
    public void AskForNeighbor(IPAddress address)
    {
        Neighbor = null;
        var bytes = address.GetAddressBytes();
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
            _frames.AskForNeighbor(bytes);
        else
            _frames.AskForNeighbor(addresses.SourceFor(Read(address)), addresses.NextHop(Read(address)));
    }

    public void Ping(IPAddress address, MacAddress mac)
    {
        Answered = false;
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
            _frames.Echo(mac, address.GetAddressBytes(), StationFrames.EchoRequest6);
        else
            _frames.Echo(mac, addresses.SourceFor(Read(address)), Read(address), IcmpType.Echo, default);
    }

    /// <summary>Sends a connection's first segment, or a datagram, and waits for nothing.</summary>
    public void Knock(Ipv4Address address, MacAddress mac, bool isTcp, ushort destinationPort) =>
        _frames.Knock(mac, addresses.SourceFor(address), address, isTcp, destinationPort);

    /// <summary>Takes what the switch delivered, and answers it.</summary>
    public void Hear()
    {
        while (port.TryTake(out var frame))
        {
            var bytes = frame.Bytes;
            if (bytes.Length >= EthernetHeader.Size)
            {
                var source = MacAddress.Read(bytes[MacAddress.Size..]);
                var packet = bytes[EthernetHeader.Size..];
                switch (BinaryPrimitives.ReadUInt16BigEndian(bytes[(2 * MacAddress.Size)..]))
                {
                    case EtherType.Arp when ArpMessage.TryRead(packet, out var message):
                        HearArp(message);
                        break;
                    case EtherType.Ipv4 when packet.Length >= Ipv4Header.MinimumSize + IcmpHeader.Size:
                        HearIpv4(source, packet);
                        break;
                    case EtherType.Ipv6 when packet.Length >= Ipv6Header.Size + IcmpHeader.Size:
                        HearIpv6(source, packet);
                        break;
                }
            }
            MemoryPort.Return(frame);
        }
    }

    private void HearArp(in ArpMessage message)
    {
        if (!addresses.Contains(message.TargetAddress))
            return;
        if (message.Operation == ArpMessage.Request)
            _frames.AnswerNeighbor(message);
        else
            Neighbor = message.SenderMac;
    }

    private void HearIpv4(MacAddress source, ReadOnlySpan<byte> packet)
    {
        var (from, to) = (Ipv4Address.Read(packet[Ipv4Header.SourceOffset..]), Ipv4Address.Read(packet[Ipv4Header.DestinationOffset..]));
        if (!addresses.Contains(to) || InternetChecksum.Of(packet[..Ipv4Header.MinimumSize]) != 0)
            return;
        var payload = packet[Ipv4Header.MinimumSize..];
        if (packet[Ipv4Header.ProtocolOffset] is IpProtocol.Tcp or IpProtocol.Udp)
            Knocked = (from, BinaryPrimitives.ReadUInt16BigEndian(payload[TcpHeader.DestinationPortOffset..]));
        else if (packet[Ipv4Header.ProtocolOffset] != IpProtocol.Icmp)
            return;
        else if (payload[0] == IcmpType.Echo)
        {
            HeardFrom = from;
            _frames.Echo(source, to, from, IcmpType.EchoReply, payload[IcmpHeader.IdentifierOffset..IcmpHeader.Size]);
        }
        else
            Answered |= payload[0] == IcmpType.EchoReply;
    }

    private void HearIpv6(MacAddress source, ReadOnlySpan<byte> packet)
    {
        var message = packet[Ipv6Header.Size..];
        if (packet[Ipv6Header.NextHeaderOffset] != StationFrames.Icmp6)
            return;
        if (message[0] == StationFrames.Solicitation && message.Length >= 24 && message[8..24].SequenceEqual(_ipv6))
            _frames.AnswerNeighbor(source, packet[8..24]);
        else if (!packet[24..40].SequenceEqual(_ipv6))
            return;
        else if (message[0] == StationFrames.Advertisement)
            Neighbor = source;
        else if (message[0] == StationFrames.EchoRequest6)
            _frames.Echo(source, packet[8..24], StationFrames.EchoReply6);
        else
            Answered |= message[0] == StationFrames.EchoReply6;
    }

    private static Ipv4Address Read(IPAddress address) => Ipv4Address.Read(address.GetAddressBytes());
}
