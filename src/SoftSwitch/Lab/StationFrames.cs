using System.Buffers.Binary;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Packets;

namespace SoftSwitch.Lab;

/// <summary>The frames that a station without a kernel sends.</summary>
/// <param name="mac">Its hardware address.</param>
/// <param name="ipv6">Its IPv6 address.</param>
/// <param name="port">Its end of the cable.</param>
internal sealed class StationFrames(MacAddress mac, byte[] ipv6, MemoryPort port)
{
    /// <summary>ICMPv6 and its types (RFC 4443, RFC 4861).</summary>
    public const byte Icmp6 = 58, EchoRequest6 = 128, EchoReply6 = 129, Solicitation = 135, Advertisement = 136;

    private const int NeighborMessage = 32;

    /// <summary>Asks everyone for the hardware address of an IPv4 address.</summary>
    public void AskForNeighbor(Ipv4Address source, Ipv4Address target) =>
        Arp(MacAddress.Broadcast, new(ArpMessage.Request, mac, source, default, target));

    /// <summary>Asks for the hardware address of an IPv6 address, by the groups of that (RFC 4291, 2.7.1; RFC 2464, 7).</summary>
    public void AskForNeighbor(ReadOnlySpan<byte> address)
    {
        ReadOnlySpan<byte> group = [0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, .. address[13..]];
        Neighbor(MacAddress.Read([0x33, 0x33, 0xff, .. address[13..]]), group, Solicitation, address);
    }

    public void AnswerNeighbor(in ArpMessage question) => Arp(question.SenderMac,
        new(ArpMessage.Reply, mac, question.TargetAddress, question.SenderMac, question.SenderAddress));

    public void AnswerNeighbor(MacAddress to, ReadOnlySpan<byte> target) => Neighbor(to, target, Advertisement, ipv6);

    /// <param name="query">Identifier and sequence number of an answer's question.</param>
    public void Echo(MacAddress to, Ipv4Address source, Ipv4Address target, byte type, ReadOnlySpan<byte> query)
    {
        Span<byte> packet = stackalloc byte[Ipv4Header.MinimumSize + IcmpHeader.Size];
        packet.Clear();
        var message = packet[Ipv4Header.MinimumSize..];
        message[IcmpHeader.TypeOffset] = type;
        query.CopyTo(message[IcmpHeader.IdentifierOffset..]);
        BinaryPrimitives.WriteUInt16BigEndian(message[IcmpHeader.ChecksumOffset..], InternetChecksum.Of(message));
        Ipv4(to, source, target, IpProtocol.Icmp, packet);
    }

    public void Echo(MacAddress to, ReadOnlySpan<byte> target, byte type) => Ipv6(to, target, [type, 0, 0, 0, 0, 0, 0, 0], 64);

    /// <summary>A connection's first segment, or a datagram.</summary>
    public void Knock(MacAddress to, Ipv4Address source, Ipv4Address target, bool isTcp, ushort destinationPort)
    {
        var protocol = isTcp ? IpProtocol.Tcp : IpProtocol.Udp;
        Span<byte> packet = stackalloc byte[Ipv4Header.MinimumSize + (isTcp ? TcpHeader.MinimumSize : UdpHeader.Size)];
        packet.Clear();
        var transport = packet[Ipv4Header.MinimumSize..];
        BinaryPrimitives.WriteUInt16BigEndian(transport, 40_000);
        BinaryPrimitives.WriteUInt16BigEndian(transport[TcpHeader.DestinationPortOffset..], destinationPort);
        if (isTcp)
        {
            transport[TcpHeader.DataOffsetOffset] = (TcpHeader.MinimumSize / 4) << 4;
            transport[TcpHeader.FlagsOffset] = (byte)TcpFlags.Syn;
        }
        else
        {
            BinaryPrimitives.WriteUInt16BigEndian(transport[UdpHeader.LengthOffset..], UdpHeader.Size);
        }
        source.Write(packet[Ipv4Header.SourceOffset..]);
        target.Write(packet[Ipv4Header.DestinationOffset..]);
        var sum = PseudoHeader.Sum(packet, 0, isIpv6: false, protocol, transport.Length);
        sum.Add(transport);
        BinaryPrimitives.WriteUInt16BigEndian(transport[(isTcp ? TcpHeader.ChecksumOffset : UdpHeader.ChecksumOffset)..], sum.Value);
        Ipv4(to, source, target, protocol, packet);
    }

    private void Arp(MacAddress to, in ArpMessage message)
    {
        Span<byte> packet = stackalloc byte[ArpMessage.Size];
        message.Write(packet);
        Send(to, EtherType.Arp, packet);
    }

    /// <summary>Writes the header before what stands behind it.</summary>
    private void Ipv4(MacAddress to, Ipv4Address source, Ipv4Address target, byte protocol, Span<byte> packet)
    {
        Ipv4Header.Write(packet, packet.Length, 0, Ipv4Header.DefaultTtl, protocol, source, target);
        Send(to, EtherType.Ipv4, packet);
    }

    private void Neighbor(MacAddress to, ReadOnlySpan<byte> target, byte type, ReadOnlySpan<byte> subject)
    {
        Span<byte> message = stackalloc byte[NeighborMessage];
        message.Clear();
        message[0] = type;
        message[4] = type == Advertisement ? (byte)0x60 : (byte)0;
        subject.CopyTo(message[8..]);
        // The link-layer address option: the source's in a solicitation, the target's in an advertisement.
        message[24] = type == Advertisement ? (byte)2 : (byte)1;
        message[25] = 1;
        mac.Write(message[26..]);
        Ipv6(to, target, message, 255);
    }

    private void Ipv6(MacAddress to, ReadOnlySpan<byte> target, ReadOnlySpan<byte> message, byte hopLimit)
    {
        Span<byte> packet = stackalloc byte[Ipv6Header.Size + message.Length];
        packet.Clear();
        packet[0] = 0x60;
        packet[Ipv6Header.PayloadLengthOffset + 1] = (byte)message.Length;
        packet[Ipv6Header.NextHeaderOffset] = Icmp6;
        packet[7] = hopLimit;
        ipv6.CopyTo(packet[8..]);
        target.CopyTo(packet[24..]);
        message.CopyTo(packet[Ipv6Header.Size..]);
        var sum = PseudoHeader.Sum(packet, 0, isIpv6: true, Icmp6, message.Length);
        sum.Add(message);
        BinaryPrimitives.WriteUInt16BigEndian(packet[(Ipv6Header.Size + IcmpHeader.ChecksumOffset)..], sum.Value);
        Send(to, EtherType.Ipv6, packet);
    }

    private void Send(MacAddress to, ushort type, ReadOnlySpan<byte> packet)
    {
        Span<byte> frame = stackalloc byte[EthernetHeader.Size + packet.Length];
        to.Write(frame);
        mac.Write(frame[MacAddress.Size..]);
        BinaryPrimitives.WriteUInt16BigEndian(frame[(2 * MacAddress.Size)..], type);
        packet.CopyTo(frame[EthernetHeader.Size..]);
        port.Send(frame);
    }
}
