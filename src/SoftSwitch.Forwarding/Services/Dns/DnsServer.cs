using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Budgets;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Services.Dhcp;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;
using SoftSwitch.Packets.Dns;

namespace SoftSwitch.Forwarding.Services.Dns;

/// <summary>
/// A server of DNS (RFC 1035) at a station of ours, for its network's guests alone: a question belongs to the port that it came in by, and
/// the answer leaves by that port.
/// <code>
///   question ──► can't be read, or isn't served ───────────► says so
///            ──► a name or an address of our own ──────────► LocalNames
///            ──► known from before ────────────────────────► DnsCache
///            ──► else it waits ── QuestionsAreWanted ──► others are asked (TakeWanted … Answer) ──► a turn of ours: all who wait are told
/// </code>
/// Others are asked once for all who want to know the same, elsewhere: a worker never waits.
/// <para>Any worker may call, and the control plane. What is known and who waits is under one lock, which is held for some look-ups; an
/// answer is written without it.</para>
/// </summary>
/// <param name="scope">What it knows of itself.</param>
/// <param name="leases">What was given by DHCP; null: nothing is.</param>
public sealed partial class DnsServer(DnsScope scope, LeaseTable? leases) : Service
{
    private readonly Lock _lock = new();
    private readonly DnsCache _cache = new();
    private readonly WaitingQuestions _waiting = new();
    private readonly ConcurrentQueue<DnsWaiters> _answered = new();
    private volatile DnsScope _scope = scope;
    private volatile LeaseTable? _leases = leases;
    private volatile IDnsObserver? _observer;
    private int _isWanted;
    private uint _sweptAt;

    /// <summary>Called on a worker's thread, in a turn of the station's own, when there is something that <see cref="TakeWanted"/> takes.
    /// Must not wait.</summary>
    public Action? QuestionsAreWanted { get; set; }

    /// <summary>What it knows of itself.</summary>
    public DnsScope Scope
    {
        get => _scope;
        set => _scope = value;
    }

    /// <summary>What was given by DHCP; null: nothing is.</summary>
    public LeaseTable? Leases
    {
        get => _leases;
        set => _leases = value;
    }

    /// <summary>Sees all answers; null: nobody does.</summary>
    public IDnsObserver? Observer
    {
        get => _observer;
        set => _observer = value;
    }

    /// <summary>Somebody is to be told what is known now: the station is to be given a turn.</summary>
    public bool HasAnswers => !_answered.IsEmpty;

    /// <summary>Where it is found at a station.</summary>
    public ServiceRow Row => new(IpProtocol.Udp, DnsHeader.Port, this, Limits.DnsQuestions);

    /// <summary>Takes what others are to be asked for next, as far as its port has a place. It is given back with <see cref="Answer"/> or
    /// <see cref="Fail"/>, and then the place.</summary>
    /// <returns>Null: nothing for now.</returns>
    public DnsWaiters? TakeWanted(UpstreamPlaces places, Instant now)
    {
        while (true)
        {
            DnsWaiters? wanted;
            bool isLate;
            lock (_lock)
                wanted = _waiting.TakeWanted(places, now, out isLate);
            if (!isLate || wanted is null)
                return wanted;
            // That its port asks for too much says nothing about the name: others ask for it as before.
            Finish(wanted, OfNobody(wanted, now), isKept: false);
        }
    }

    /// <summary>Somebody has answered, and not with an error. Those who wait are told in a turn of the station's, which is to be given it.
    /// </summary>
    /// <param name="message">The whole answer, whose question is the one that was asked.</param>
    /// <returns>False: it can't be read, somebody else is to be asked.</returns>
    public bool Answer(DnsWaiters question, ReadOnlySpan<byte> message, Instant now)
    {
        var room = ArrayPool<byte>.Shared.Rent(2 * DnsHeader.MaximumSize);
        var answer = DnsSieve.Read(message, question.Question, question.WantsSecurity, room, now);
        ArrayPool<byte>.Shared.Return(room);
        if (answer is null)
            return false;
        Finish(question, answer);
        return true;
    }

    /// <summary>Nobody has answered. What was known before counts for a little longer, or nothing is known.</summary>
    public void Fail(DnsWaiters question, Instant now) => Finish(question, OfNobody(question, now));

    // The room is as long as a frame, and is written before it is read.
    [SkipLocalsInit]
    public override DropReason Take(in Request request)
    {
        if (request.IsForAll)
            return DropReason.NotRouted;
        Span<byte> room = stackalloc byte[DnsExtension.PassesEverywhere];
        return Take(request.Turn, request.Station,
            new(request.Input, request.Sender, (request.Packet.Source, request.SourcePort)), request.Payload, room);
    }

    /// <summary>Takes a question, however it came.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="message">The question.</param>
    /// <param name="room">For the answer, where it is known.</param>
    [SkipLocalsInit]
    internal DropReason Take(Turn turn, InnerPort station, DnsCaller caller, ReadOnlySpan<byte> message, Span<byte> room)
    {
        if (message.Length < DnsHeader.Size || new DnsReader(message).IsResponse || caller.From.Port == 0)
            return DropReason.PacketMalformed;
        Span<byte> names = stackalloc byte[DnsKey.MostBytes + DnsName.MaximumSize];
        var code = DnsQuery.Read(message, names, out var query);
        var call = new DnsCall(turn, station, caller, query, room);
        if (code != DnsCode.NoError)
            return Refuse(call, code);
        if (query.Extension is { Version: > 0 })
            return RefuseVersion(call);
        if (TryAnswerLocally(call))
            return DropReason.None;
        if (query.Question.Type == DnsType.Any)
            return SayLittle(call);
        return AnswerFromOthers(call);
    }

    public override void Tick(Turn turn, InnerPort station)
    {
        // One worker at a time ticks.
        if (turn.Now.Seconds - _sweptAt < SecondsBetweenSweeps)
            return;
        _sweptAt = turn.Now.Seconds;
        lock (_lock)
            _cache.Sweep(turn.Now);
    }

    /// <summary>Has others asked, and tells those who have waited.</summary>
    internal override void Resume(Turn turn, InnerPort station)
    {
        if (Interlocked.Exchange(ref _isWanted, 0) != 0)
            QuestionsAreWanted?.Invoke();
        while (turn.HasRoom && _answered.TryDequeue(out var answered))
        {
            if (Tell(turn, station, answered))
                continue;
            // The rest has the next turn.
            _answered.Enqueue(answered);
        }
        if (!_answered.IsEmpty)
            turn.Call(station);
    }

    private const uint SecondsBetweenSweeps = 60;

    /// <summary>What is told where nobody answers.</summary>
    private DnsAnswer OfNobody(DnsWaiters question, Instant now)
    {
        DnsAnswer? before;
        lock (_lock)
            before = _cache.Find(question.Key.Bytes, now);
        return before?.Again(now) ?? DnsAnswer.Failure(question.Name, question.Type, now);
    }

    private void Finish(DnsWaiters question, DnsAnswer answer, bool isKept = true)
    {
        lock (_lock)
        {
            if (isKept)
                _cache.Add(question.Key, answer, question.By);
            _waiting.Remove(question);
        }
        // Nobody joins those who wait any more.
        question.Answer = answer;
        _answered.Enqueue(question);
    }
}
