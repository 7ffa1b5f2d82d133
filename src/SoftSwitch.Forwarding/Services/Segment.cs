using System.Buffers.Binary;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Services;

/// <summary>A segment of TCP (RFC 9293, 3.1) that came for a service, read, or that one says.</summary>
internal readonly ref struct Segment
{
    /// <summary>Of who says nothing else (RFC 9293, 3.7.1).</summary>
    private const int EveryoneTakes = 536;

    private const int SizeOption = 4;

    public uint Sequence { get; init; }

    public uint Acknowledgement { get; init; }

    public TcpFlags Flags { get; init; }

    public ushort Window { get; init; }

    /// <summary>The longest that its sender takes, in bytes; of a SYN that is said, the longest that we take.</summary>
    public int LongestPayload { get; init; }

    public ReadOnlySpan<byte> Payload { get; init; }

    public bool Has(TcpFlags flag) => (Flags & flag) != 0;

    /// <summary>Reads one.</summary>
    /// <param name="transport">At least a header without options.</param>
    /// <returns>False: it contradicts itself.</returns>
    public static bool TryRead(ReadOnlySpan<byte> transport, out Segment segment)
    {
        segment = default;
        var length = TcpHeader.LengthOf(transport);
        if (length < TcpHeader.MinimumSize || length > transport.Length)
            return false;
        var options = transport[TcpHeader.OptionsOffset..length];
        var size = TcpOption.Find(options, TcpOption.MaximumSegmentSize, SizeOption);
        segment = new()
        {
            Sequence = BinaryPrimitives.ReadUInt32BigEndian(transport[TcpHeader.SequenceOffset..]),
            Acknowledgement = BinaryPrimitives.ReadUInt32BigEndian(transport[TcpHeader.AcknowledgementOffset..]),
            Flags = (TcpFlags)transport[TcpHeader.FlagsOffset],
            Window = BinaryPrimitives.ReadUInt16BigEndian(transport[TcpHeader.WindowOffset..]),
            LongestPayload = size < 0 ? EveryoneTakes : BinaryPrimitives.ReadUInt16BigEndian(options[(size + 2)..]),
            Payload = transport[length..],
        };
        return true;
    }

    /// <summary>Says it.</summary>
    /// <param name="from">The station that says it.</param>
    /// <param name="only">The port that it leaves by.</param>
    /// <param name="to">Who gets it.</param>
    /// <returns>False when the turn has made all that it can; that is counted.</returns>
    public bool TrySend(
        Turn turn, InnerPort from, Membership only, MacAddress to, (Ipv4Address Address, ushort Port) source,
        (Ipv4Address Address, ushort Port) destination)
    {
        var header = TcpHeader.MinimumSize + (Has(TcpFlags.Syn) ? SizeOption : 0);
        var length = Ipv4Header.MinimumSize + header + Payload.Length;
        if (!turn.TryMake(EthernetHeader.Size + length, out var made, out var index))
        {
            from.CountUnsaid(turn.Worker, DropReason.QueueFull);
            return false;
        }
        from.AddressTo(ref made[index], to);
        var bytes = made[index].HeadBytes;
        EthernetHeader.SetType(bytes, EtherType.Ipv4);
        var ip = bytes.Slice(EthernetHeader.Size, length);
        Ipv4Header.Write(ip, length, 0, Ipv4Header.DefaultTtl, IpProtocol.Tcp, source.Address, destination.Address);
        var tcp = ip[Ipv4Header.MinimumSize..];
        BinaryPrimitives.WriteUInt16BigEndian(tcp[TcpHeader.SourcePortOffset..], source.Port);
        BinaryPrimitives.WriteUInt16BigEndian(tcp[TcpHeader.DestinationPortOffset..], destination.Port);
        BinaryPrimitives.WriteUInt32BigEndian(tcp[TcpHeader.SequenceOffset..], Sequence);
        BinaryPrimitives.WriteUInt32BigEndian(tcp[TcpHeader.AcknowledgementOffset..], Acknowledgement);
        tcp[TcpHeader.DataOffsetOffset] = (byte)(header / 4 << 4);
        tcp[TcpHeader.FlagsOffset] = (byte)Flags;
        BinaryPrimitives.WriteUInt16BigEndian(tcp[TcpHeader.WindowOffset..], Window);
        if (Has(TcpFlags.Syn))
        {
            (tcp[TcpHeader.OptionsOffset], tcp[TcpHeader.OptionsOffset + 1]) = (TcpOption.MaximumSegmentSize, SizeOption);
            BinaryPrimitives.WriteUInt16BigEndian(tcp[(TcpHeader.OptionsOffset + 2)..], (ushort)LongestPayload);
        }
        Payload.CopyTo(tcp[header..]);
        var sum = PseudoHeader.Sum(bytes, EthernetHeader.Size, isIpv6: false, IpProtocol.Tcp, tcp.Length);
        sum.Add(tcp);
        BinaryPrimitives.WriteUInt16BigEndian(tcp[TcpHeader.ChecksumOffset..], sum.Value);
        turn.SendBy(only, made, index, from);
        return true;
    }
}
