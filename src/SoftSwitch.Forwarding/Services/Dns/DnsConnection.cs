using System.Buffers;
using System.Buffers.Binary;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;
using SoftSwitch.Packets.Dns;

namespace SoftSwitch.Forwarding.Services.Dns;

/// <summary>
/// A connection of a guest's by TCP, as small as questions and answers need it (RFC 9293; RFC 7766): questions one after the other, each
/// with its length before it, taken in their order; what comes out of order is asked for again. Answers wait until the guest has
/// acknowledged them, and are said again each second. There is no congestion on a link inside this machine: a few segments are on their
/// way at once.
/// <code>
///   SYN ──► SYN, ACK ──► length, question ──► length, answer ──► … ──► FIN of the guest ──► FIN
/// </code>
/// </summary>
/// <param name="streams">All of them; under its lock.</param>
/// <param name="caller">The guest, without the connection.</param>
/// <param name="first">The number of our first byte, before which stands the SYN.</param>
/// <param name="syn">What the guest began with.</param>
internal sealed class DnsConnection(DnsStreams streams, DnsCaller caller, uint first, Segment syn)
{
    /// <summary>A question is no longer.</summary>
    private const int MostOfQuestion = 1024;

    /// <summary>Segments on their way.</summary>
    private const int MostAtOnce = 10;

    /// <summary>Bytes that wait to be acknowledged: then no more is asked.</summary>
    private const int MostUnacknowledged = 16 * 1024;

    private const int MostTries = 5, UsualMtu = 1500;

    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(10), s_again = TimeSpan.FromSeconds(1);

    private readonly byte[] _question = new byte[sizeof(ushort) + MostOfQuestion];
    private readonly int _longest = syn.LongestPayload;
    private byte[] _answers = [];
    private uint _expected = syn.Sequence + 1, _acknowledged = first - 1, _sent = first - 1, _furthest;
    private int _filled, _waiting, _tries;
    private ushort _window = syn.Window;
    private bool _isAsking, _isInAsk, _isEnding, _hasEnded;
    private Instant _heardAt, _saidAt;

    public DnsCaller Caller => caller;

    /// <summary>When it was last heard.</summary>
    public Instant HeardAt => _heardAt;

    private bool IsOpen => _acknowledged != first - 1;

    /// <summary>Bytes that are said and not acknowledged.</summary>
    private int OnTheWay => (int)(_sent - _acknowledged);

    /// <summary>The length of one is there, and nothing is being asked.</summary>
    private bool HasQuestion => !_isAsking && _filled >= sizeof(ushort) && _waiting < MostUnacknowledged;

    /// <summary>Answers the SYN.</summary>
    public void Begin(Turn turn, InnerPort station)
    {
        (_heardAt, _saidAt, _sent, _furthest) = (turn.Now, turn.Now, first, first);
        Say(turn, station, TcpFlags.Syn | TcpFlags.Ack, first - 1, []);
    }

    /// <summary>Hears what the guest says.</summary>
    public DropReason Hear(Turn turn, InnerPort station, in Segment segment)
    {
        _heardAt = turn.Now;
        if (segment.Has(TcpFlags.Rst))
        {
            if (segment.Sequence == _expected)
                streams.Remove(this);
            return DropReason.None;
        }
        if (segment.Has(TcpFlags.Syn) || !segment.Has(TcpFlags.Ack) || segment.Acknowledgement - _acknowledged > _furthest - _acknowledged)
        {
            // He has not heard us yet, or it is no part of this (RFC 5961, 4 and 5).
            Say(turn, station, IsOpen ? TcpFlags.Ack : TcpFlags.Syn | TcpFlags.Ack, IsOpen ? _sent : first - 1, []);
            return DropReason.None;
        }
        Acknowledge(segment);
        if (_hasEnded && OnTheWay == 0)
        {
            streams.Remove(this);
            return DropReason.None;
        }
        var before = _sent;
        var isNew = TakeData(segment);
        var drop = Ask(turn, station);
        if (drop != DropReason.None)
        {
            Reset(turn, station);
            return drop;
        }
        Send(turn, station);
        if (isNew && _sent == before)
            Say(turn, station, TcpFlags.Ack, _sent, []);
        return DropReason.None;
    }

    /// <summary>Says an answer.</summary>
    public void Say(Turn turn, InnerPort station, ReadOnlySpan<byte> message)
    {
        lock (streams.Lock)
        {
            if (!streams.Has(this))
                return;
            var after = _waiting + sizeof(ushort) + message.Length;
            if (after > _answers.Length)
                Array.Resize(ref _answers, after);
            BinaryPrimitives.WriteUInt16BigEndian(_answers.AsSpan(_waiting), (ushort)message.Length);
            message.CopyTo(_answers.AsSpan(_waiting + sizeof(ushort)));
            (_waiting, _isAsking, _heardAt) = (after, false, turn.Now);
            if (_isInAsk)
                return;
            if (Ask(turn, station) != DropReason.None)
                Reset(turn, station);
            else
                Send(turn, station);
        }
    }

    /// <summary>Says again what wasn't acknowledged, or ends what has been silent.</summary>
    public void Tick(Turn turn, InnerPort station)
    {
        if ((_heardAt + s_idle).Milliseconds <= turn.Now.Milliseconds || _tries > MostTries || !caller.Input.IsAttached)
            Reset(turn, station);
        else if (OnTheWay > 0 && (_saidAt + s_again).Milliseconds <= turn.Now.Milliseconds)
        {
            _tries++;
            if (!IsOpen)
            {
                Say(turn, station, TcpFlags.Syn | TcpFlags.Ack, first - 1, []);
                return;
            }
            (_sent, _hasEnded) = (_acknowledged, false);
            Send(turn, station);
        }
    }

    /// <summary>Ends it at once.</summary>
    public void Reset(Turn turn, InnerPort station)
    {
        Say(turn, station, TcpFlags.Rst | TcpFlags.Ack, _sent, []);
        streams.Remove(this);
    }

    private void Acknowledge(in Segment segment)
    {
        var isFirst = !IsOpen;
        var count = (int)(segment.Acknowledgement - _acknowledged);
        (_acknowledged, _window) = (segment.Acknowledgement, segment.Window);
        // He may have heard what is about to be said again.
        if (OnTheWay < 0)
            _sent = _acknowledged;
        if (count == 0)
            return;
        _tries = 0;
        // The SYN and the FIN have a number, and are no bytes of an answer.
        count = int.Min(isFirst ? count - 1 : count, _waiting);
        _answers.AsSpan(count, _waiting - count).CopyTo(_answers);
        _waiting -= count;
        if (_waiting == 0)
            _answers = [];
    }

    /// <returns>It is to be acknowledged.</returns>
    private bool TakeData(in Segment segment)
    {
        if (segment.Payload.IsEmpty && !segment.Has(TcpFlags.Fin))
            return false;
        if (segment.Sequence != _expected || _isEnding)
            return true;
        var taken = int.Min(segment.Payload.Length, _question.Length - _filled);
        segment.Payload[..taken].CopyTo(_question.AsSpan(_filled));
        _filled += taken;
        _expected += (uint)taken;
        if (segment.Has(TcpFlags.Fin) && taken == segment.Payload.Length)
            (_isEnding, _expected) = (true, _expected + 1);
        return true;
    }

    /// <summary>Asks what has come whole, one after the other. An answer that is known comes meanwhile.</summary>
    /// <returns>Why it goes no further.</returns>
    private DropReason Ask(Turn turn, InnerPort station)
    {
        if (!HasQuestion)
            return DropReason.None;
        var room = ArrayPool<byte>.Shared.Rent(DnsHeader.MaximumSize + MostOfQuestion);
        var (drop, message) = (DropReason.None, room.AsMemory(DnsHeader.MaximumSize, MostOfQuestion));
        for (_isInAsk = true; HasQuestion && drop == DropReason.None;)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(_question);
            var whole = sizeof(ushort) + length;
            if (length > MostOfQuestion)
            {
                drop = DropReason.PacketMalformed;
                break;
            }
            if (_filled < whole)
                break;
            _question.AsSpan(sizeof(ushort), length).CopyTo(message.Span);
            _question.AsSpan(whole, _filled - whole).CopyTo(_question);
            (_filled, _isAsking) = (_filled - whole, true);
            drop = streams.Server.Take(turn, station, caller with { Connection = this }, message.Span[..length], room);
        }
        _isInAsk = false;
        ArrayPool<byte>.Shared.Return(room);
        return drop;
    }

    /// <summary>Says what waits, as far as the guest takes it, and that it was all when the guest has said so.</summary>
    private void Send(Turn turn, InnerPort station)
    {
        var most = int.Min(_longest, int.Min(station.SmallestMtu, UsualMtu) - Ipv4Header.MinimumSize - TcpHeader.MinimumSize);
        if (most <= 0 || !IsOpen || _hasEnded)
            return;
        var end = int.Min(_waiting, int.Min(_window, MostAtOnce * most));
        while (OnTheWay < end)
        {
            var length = int.Min(most, end - OnTheWay);
            if (!Say(turn, station, TcpFlags.Ack | TcpFlags.Psh, _sent, _answers.AsSpan(OnTheWay, length)))
                return;
            Advance((uint)length, turn.Now);
        }
        if (!_isEnding || _isAsking || OnTheWay < _waiting || !Say(turn, station, TcpFlags.Fin | TcpFlags.Ack, _sent, []))
            return;
        Advance(1, turn.Now);
        _hasEnded = true;
    }

    private void Advance(uint bytes, Instant now)
    {
        (_sent, _saidAt) = (_sent + bytes, now);
        if ((int)(_sent - _furthest) > 0)
            _furthest = _sent;
    }

    private bool Say(Turn turn, InnerPort station, TcpFlags flags, uint sequence, ReadOnlySpan<byte> payload) => new Segment
    {
        Sequence = sequence,
        Acknowledgement = _expected,
        Flags = flags,
        Window = (ushort)(_question.Length - _filled),
        LongestPayload = MostOfQuestion,
        Payload = payload,
    }.TrySend(turn, station, caller.Input, caller.Mac, (streams.Server.Scope.Server, DnsHeader.Port), caller.From);
}
