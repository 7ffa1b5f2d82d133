using System.Buffers.Binary;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Packets;
using SoftSwitch.Packets.Dhcp;

namespace SoftSwitch.Forwarding.Bridging;

/// <summary>
/// An address that the host asks for at a port by DHCP. The answers come from a server that the host doesn't know, to everybody or to the
/// address that is offered (RFC 2131, 4.1): nothing that the host has shows that they are for it. So only those count that answer its
/// latest question, by the number of that, and only a few of each: for what goes to an address that the host hasn't got yet the kernel may
/// be a router.
/// <para>Any thread.</para>
/// </summary>
internal sealed class AwaitedLease
{
    /// <summary>Bytes of a packet that are read, behind its IPv4 header.</summary>
    public const int Size = UdpHeader.Size + DhcpHeader.TransactionOffset + sizeof(uint);

    private const uint AnswersPerQuestion = 8;

    /// <summary>The number of the question, and behind it the answers to it that may still come.</summary>
    private ulong _asked;

    /// <summary>Whether a packet is for a client of DHCP, as far as its port tells.</summary>
    public static bool IsForClient(in Frame frame, in Ipv4Layout packet) =>
        packet is { Protocol: IpProtocol.Udp, FragmentOffset: 0, PayloadLength: >= UdpHeader.Size }
        && Port(frame, packet) == DhcpHeader.ClientPort;

    /// <summary>The host says a packet without an address of its own: it may ask.</summary>
    public void Hear(in Frame frame, in Ipv4Layout packet)
    {
        if (IsMessage(packet) && Port(frame, packet) == DhcpHeader.ServerPort && Operation(frame, packet) == DhcpHeader.Request)
            Volatile.Write(ref _asked, (ulong)Transaction(frame, packet) << 32 | AnswersPerQuestion);
    }

    /// <summary>Whether a packet answers the host: of as many as are awaited.</summary>
    public bool IsAnsweredBy(in Frame frame, in Ipv4Layout packet)
    {
        if (!IsMessage(packet) || Operation(frame, packet) != DhcpHeader.Reply || !packet.Source.IsUnicast
            || !(packet.Destination.IsUnicast || packet.Destination == Ipv4Address.Broadcast))
            return false;
        var transaction = Transaction(frame, packet);
        while (Volatile.Read(ref _asked) is var asked && (uint)(asked >> 32) == transaction && (uint)asked > 0)
        {
            if (Interlocked.CompareExchange(ref _asked, asked - 1, asked) == asked)
                return true;
        }
        return false;
    }

    private static bool IsMessage(in Ipv4Layout packet) =>
        packet is { Protocol: IpProtocol.Udp, IsFragment: false, PayloadLength: >= Size };

    private static ushort Port(in Frame frame, in Ipv4Layout packet) =>
        BinaryPrimitives.ReadUInt16BigEndian(frame.HeadBytes[(packet.TransportOffset + UdpHeader.DestinationPortOffset)..]);

    private static byte Operation(in Frame frame, in Ipv4Layout packet) =>
        frame.HeadBytes[packet.TransportOffset + UdpHeader.Size + DhcpHeader.OperationOffset];

    private static uint Transaction(in Frame frame, in Ipv4Layout packet) => BinaryPrimitives.ReadUInt32BigEndian(
        frame.HeadBytes[(packet.TransportOffset + UdpHeader.Size + DhcpHeader.TransactionOffset)..]);
}
