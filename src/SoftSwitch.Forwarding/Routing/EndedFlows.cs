using System.Buffers.Binary;
using System.Collections.Concurrent;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Stations;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Routing;

/// <summary>
/// Tells the ends of flows on one station's link that these have ended: guests, for the address by which the other ends knew them is gone,
/// or is not the one that packets would leave with now; and those other ends, for nothing leads from there to a guest any more. So programs
/// notice, as on a host:
/// <code>
///   TCP            a RST that seems to come from the other end. It is believed when it bears exactly the sequence number that its receiver
///                  expects (RFC 5961, 3.2)
///   UDP, queries   an ICMP error about what its receiver has sent. To a guest 3/13, as 3/0 and 3/1 are taken for something that passes,
///                  which only programs hear of that ask for it (RFC 1122, 3.2.2.1); outside 3/3, as of any port that is shut
/// </code>
/// Some of a turn at a time. Any thread may add.
/// </summary>
/// <param name="station">Whose link it is.</param>
/// <param name="neighborOf">Who on the link packets to an end are handed to; null: nobody.</param>
internal sealed class EndedFlows(Station station, Func<Ipv4Address, Ipv4Address?> neighborOf)
{
    private const int MostAtOnce = 128;
    private const int ResetLength = Ipv4Header.MinimumSize + TcpHeader.MinimumSize;

    /// <summary>Of a packet, an error has its header and eight bytes (RFC 792): ports, or the identifier.</summary>
    private const int QuotedLength = Ipv4Header.MinimumSize + UdpHeader.Size;

    private readonly ConcurrentQueue<ToldEnd> _ended = new();

    /// <summary>Somebody is still to be told.</summary>
    public bool Any => !_ended.IsEmpty;

    public void Add(in ToldEnd ended) => _ended.Enqueue(ended);

    public void Tell(Turn turn)
    {
        for (var left = MostAtOnce; left > 0 && turn.HasRoom && _ended.TryDequeue(out var ended); left--)
        {
            if (ended.Protocol == IpProtocol.Tcp)
                Reset(turn, ended);
            else
                Report(turn, ended);
        }
        if (!_ended.IsEmpty)
            turn.Call(station);
    }

    /// <summary>Answers a segment of a guest's as an end does that knows no such connection (RFC 9293, 3.10.7.1).</summary>
    public void Answer(Turn turn, in Frame frame, in Ipv4Layout packet)
    {
        var tcp = frame.HeadBytes[packet.TransportOffset..];
        var hasFin = ((TcpFlags)tcp[TcpHeader.FlagsOffset] & TcpFlags.Fin) != 0;
        var end = BinaryPrimitives.ReadUInt32BigEndian(tcp[TcpHeader.SequenceOffset..])
            + (uint)(packet.PayloadLength - TcpHeader.LengthOf(tcp)) + (hasFin ? 1U : 0);
        var expected = BinaryPrimitives.ReadUInt32BigEndian(tcp[TcpHeader.AcknowledgementOffset..]);
        Reset(turn, new(IpProtocol.Tcp,
            packet.Source, BinaryPrimitives.ReadUInt16BigEndian(tcp[TcpHeader.SourcePortOffset..]),
            packet.Destination, BinaryPrimitives.ReadUInt16BigEndian(tcp[TcpHeader.DestinationPortOffset..]),
            expected, expected, end, station.Address, Refusal.FlowEnded), expected);
    }

    private void Reset(Turn turn, in ToldEnd ended)
    {
        Reset(turn, ended, ended.Expected);
        // What it has received and not acknowledged yet.
        if (ended.Sent != ended.Expected)
            Reset(turn, ended, ended.Sent);
    }

    private void Reset(Turn turn, in ToldEnd ended, uint sequence)
    {
        if (!TryMake(turn, ResetLength, out var made, out var index))
            return;
        var bytes = made[index].HeadBytes;
        var ip = bytes[EthernetHeader.Size..];
        Ipv4Header.Write(ip, ResetLength, 0, Ipv4Header.DefaultTtl, IpProtocol.Tcp, ended.From, ended.To);
        var tcp = ip.Slice(Ipv4Header.MinimumSize, TcpHeader.MinimumSize);
        BinaryPrimitives.WriteUInt16BigEndian(tcp[TcpHeader.SourcePortOffset..], ended.FromPort);
        BinaryPrimitives.WriteUInt16BigEndian(tcp[TcpHeader.DestinationPortOffset..], ended.ToPort);
        BinaryPrimitives.WriteUInt32BigEndian(tcp[TcpHeader.SequenceOffset..], sequence);
        BinaryPrimitives.WriteUInt32BigEndian(tcp[TcpHeader.AcknowledgementOffset..], ended.Acknowledged);
        tcp[TcpHeader.DataOffsetOffset] = TcpHeader.MinimumSize / 4 << 4;
        tcp[TcpHeader.FlagsOffset] = (byte)(TcpFlags.Rst | TcpFlags.Ack);
        var sum = PseudoHeader.Sum(bytes, EthernetHeader.Size, isIpv6: false, IpProtocol.Tcp, TcpHeader.MinimumSize);
        sum.Add(tcp);
        BinaryPrimitives.WriteUInt16BigEndian(tcp[TcpHeader.ChecksumOffset..], sum.Value);
        Send(turn, made, index, ended);
    }

    private void Report(Turn turn, in ToldEnd ended)
    {
        if (!TryMake(turn, IcmpErrors.LengthFor(QuotedLength), out var made, out var index))
            return;
        Span<byte> quoted = stackalloc byte[QuotedLength];
        quoted.Clear();
        Ipv4Header.Write(quoted, QuotedLength, 0, Ipv4Header.DefaultTtl, ended.Protocol, ended.To, ended.From);
        var transport = quoted[Ipv4Header.MinimumSize..];
        if (ended.Protocol == IpProtocol.Udp)
        {
            BinaryPrimitives.WriteUInt16BigEndian(transport[UdpHeader.SourcePortOffset..], ended.ToPort);
            BinaryPrimitives.WriteUInt16BigEndian(transport[UdpHeader.DestinationPortOffset..], ended.FromPort);
            BinaryPrimitives.WriteUInt16BigEndian(transport[UdpHeader.LengthOffset..], UdpHeader.Size);
        }
        else
        {
            transport[IcmpHeader.TypeOffset] = IcmpType.Echo;
            BinaryPrimitives.WriteUInt16BigEndian(transport[IcmpHeader.IdentifierOffset..], ended.ToPort);
        }
        IcmpErrors.Write(made[index].HeadBytes[EthernetHeader.Size..], quoted, ended.Reporter, ended.To, ended.Error);
        Send(turn, made, index, ended);
    }

    private bool TryMake(Turn turn, int length, out Burst made, out int index)
    {
        if (turn.TryMake(EthernetHeader.Size + length, out made, out index))
        {
            EthernetHeader.SetType(made[index].HeadBytes, EtherType.Ipv4);
            return true;
        }
        station.CountUnsaid(turn.Worker, DropReason.QueueFull);
        return false;
    }

    private void Send(Turn turn, Burst made, int index, in ToldEnd ended)
    {
        var drop = neighborOf(ended.To) is { } neighbor ? station.Ipv4Neighbors.Send(turn, made, index, neighbor) : DropReason.NoRoute;
        if (drop != DropReason.None)
            station.CountUnsaid(turn.Worker, drop);
    }
}
