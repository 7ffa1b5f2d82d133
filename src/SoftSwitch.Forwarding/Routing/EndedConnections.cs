using System.Buffers.Binary;
using System.Collections.Concurrent;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Routing;

/// <summary>
/// Tells the guests of a gateway that TCP connections of theirs have ended, for the address by which the other ends knew them is gone: by a
/// RST that seems to come from there. The guest believes it when it bears exactly the sequence number that the guest expects (RFC 5961,
/// 3.2). Some of a turn at a time. Any thread may add.
/// </summary>
/// <param name="gateway">Whose guests they are.</param>
internal sealed class EndedConnections(Gateway gateway)
{
    private const int MostAtOnce = 128;
    private const int Length = Ipv4Header.MinimumSize + TcpHeader.MinimumSize;

    private readonly ConcurrentQueue<OpenConnection> _ended = new();

    public void Add(in OpenConnection ended) => _ended.Enqueue(ended);

    public void Tell(Turn turn)
    {
        for (var left = MostAtOnce; left > 0 && turn.HasRoom && _ended.TryDequeue(out var ended); left--)
        {
            Reset(turn, ended, ended.Expected);
            // What it has received and not acknowledged yet.
            if (ended.Sent != ended.Expected)
                Reset(turn, ended, ended.Sent);
        }
        if (!_ended.IsEmpty)
            turn.Call(gateway);
    }

    private void Reset(Turn turn, in OpenConnection ended, uint sequence)
    {
        if (!turn.TryMake(EthernetHeader.Size + Length, out var made, out var index))
        {
            gateway.CountUnsaid(turn.Worker, DropReason.QueueFull);
            return;
        }
        var bytes = made[index].HeadBytes;
        EthernetHeader.SetType(bytes, EtherType.Ipv4);
        var ip = bytes[EthernetHeader.Size..];
        Ipv4Header.Write(ip, Length, 0, Ipv4Header.DefaultTtl, IpProtocol.Tcp, ended.Remote, ended.Inside);
        var tcp = ip.Slice(Ipv4Header.MinimumSize, TcpHeader.MinimumSize);
        BinaryPrimitives.WriteUInt16BigEndian(tcp[TcpHeader.SourcePortOffset..], ended.RemotePort);
        BinaryPrimitives.WriteUInt16BigEndian(tcp[TcpHeader.DestinationPortOffset..], ended.InsidePort);
        BinaryPrimitives.WriteUInt32BigEndian(tcp[TcpHeader.SequenceOffset..], sequence);
        BinaryPrimitives.WriteUInt32BigEndian(tcp[TcpHeader.AcknowledgementOffset..], ended.Acknowledged);
        tcp[TcpHeader.DataOffsetOffset] = TcpHeader.MinimumSize / 4 << 4;
        tcp[TcpHeader.FlagsOffset] = (byte)(TcpFlags.Rst | TcpFlags.Ack);
        var sum = PseudoHeader.Sum(bytes, EthernetHeader.Size, isIpv6: false, IpProtocol.Tcp, TcpHeader.MinimumSize);
        sum.Add(tcp);
        BinaryPrimitives.WriteUInt16BigEndian(tcp[TcpHeader.ChecksumOffset..], sum.Value);
        var drop = gateway.Ipv4Neighbors.Send(turn, made, index, ended.Inside);
        if (drop != DropReason.None)
            gateway.CountUnsaid(turn.Worker, drop);
    }
}
