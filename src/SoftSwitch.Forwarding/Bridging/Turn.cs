using System.Diagnostics.CodeAnalysis;
using SoftSwitch.Forwarding.Budgets;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Bridging;

/// <summary>
/// What step 6 works with in one turn of one worker: the burst that came in, more bursts for frames that it makes itself (answers, errors,
/// frames that have waited), and the way back to step 5. The frames that it makes are bounded by their bursts: when all are full, what
/// would be made is not, and counts as a full queue.
/// </summary>
public sealed class Turn(int worker) : IDisposable
{
    /// <summary>
    /// What several ports have waiting for a neighbor, or one has in large frames (a burst has room for eight), goes when these are
    /// transmitted; of errors, what is too much isn't said.
    /// </summary>
    private const int MostBursts = Limits.FramesOfTurnCapacity / Burst.Capacity;

    /// <summary>Frames that it can make.</summary>
    public const int MostFrames = MostBursts * Burst.Capacity;

    /// <summary>Bursts that frames are said out of: the one that came in, and the turn's own.</summary>
    internal const int Bursts = 1 + MostBursts;

    private readonly List<Said> _said = new(64);

    /// <summary>All there will be: a burst is address space, and becomes memory with the frames that are made in it.</summary>
    private readonly Burst[] _made = [.. Enumerable.Range(0, MostBursts).Select(_ => new Burst())];
    private readonly Stack<InnerPort> _called = new(16);
    private InnerPort? _unsettled;
    private Burst? _received;
    private int _madeUsed = 1;
    private int _saidTaken;

    /// <summary>The frames that came in.</summary>
    public Burst Burst { get; private set; } = null!;

    /// <summary>The port that they came in by, in the bridge that they are in.</summary>
    public Membership Member { get; private set; } = null!;

    /// <summary>The port that they came in by.</summary>
    public Port Input => Member.Port;

    public Instant Now { get; private set; }

    /// <summary>The number of the worker whose turn it is, for counters.</summary>
    public int Worker { get; } = worker;

    /// <summary>Messages in ARP of <see cref="Burst"/> that say what nobody has said before: others' caches may depend on it.</summary>
    internal FrameSet News { get; set; }

    /// <summary>The packet of <see cref="Burst"/> that is being handled.</summary>
    internal Origin Origin { get; private set; } = new();

    /// <summary>The packet that is being handled has waited for that.</summary>
    internal bool IsGoingOn { get; private set; }

    /// <summary>What a first fragment that was just translated outbound has released; and inbound.</summary>
    internal ReleasedFragments ReleasedOut { get; } = new();

    internal ReleasedFragments ReleasedIn { get; } = new();

    /// <summary>It can make one more frame.</summary>
    internal bool HasRoom => TryFindRoom(out _);

    /// <summary>Takes the next that a station has said in this turn. Each one's frames are in the order in which it has said
    /// them.</summary>
    internal bool TryTakeSaid(out Said said)
    {
        var isThere = _saidTaken < _said.Count;
        said = isThere ? _said[_saidTaken++] : default;
        return isThere;
    }

    internal void Begin(Burst burst, Membership input, Instant now)
    {
        Abandon();
        Burst = _received = burst;
        Member = input;
        Now = now;
        News = default;
        Origin.Forget();
        Clear();
    }

    /// <summary>The station wants a turn of its own (<see cref="InnerPort.Resume"/>): what it has to do is no part of this one. It gets one
    /// for each call.</summary>
    internal void Call(InnerPort station) => _called.Push(station);

    /// <summary>Takes a station that has called.</summary>
    internal bool TryTakeCalled([NotNullWhen(true)] out InnerPort? station) => _called.TryPop(out station);

    /// <summary>The station, whose turn this is, is to be told when its frames are transmitted.</summary>
    internal void NoteUnsettled(InnerPort station) => _unsettled = station;

    /// <summary>The turn's frames are transmitted.</summary>
    internal void Settle()
    {
        _unsettled?.Settle(this);
        _unsettled = null;
    }

    /// <summary>What was to be transmitted isn't any more: other workers needn't wait for it.</summary>
    internal void Abandon() => Settle();

    /// <summary>Keeps nothing of networks that may have gone, until it begins again.</summary>
    internal void Forget()
    {
        Member = null!;
        Origin.Forget();
        _said.Clear();
    }

    private void Clear()
    {
        for (; _madeUsed > 1; _madeUsed--)
            _made[_madeUsed - 1].Clear();
        _made[0].Clear();
        _said.Clear();
        _saidTaken = 0;
    }

    /// <summary>Makes a frame without a body, with zeros in it and an empty offload header.</summary>
    /// <param name="length">Bytes, at most <see cref="Burst.HeadCapacity"/>; a frame shorter than an Ethernet's shortest is padded.</param>
    /// <param name="made">The burst that it is in.</param>
    /// <param name="index">Its place there.</param>
    /// <returns>False when the turn has made all that it can.</returns>
    public bool TryMake(int length, out Burst made, out int index)
    {
        if (!TryFindRoom(out made))
        {
            index = -1;
            return false;
        }
        index = made.Count;
        length = int.Max(length, EthernetHeader.MinimumFrame);
        AddHead(made, length);
        ref var frame = ref made[index];
        frame.HeadBytes.Clear();
        frame.Offload = new() { BufferCount = 1 };
        frame.PacketOffset = EthernetHeader.Size;
        return true;
    }

    /// <summary>Makes a frame of one that was kept, admitted as it was.</summary>
    /// <param name="made">The burst that it is in.</param>
    /// <param name="index">Its place there.</param>
    /// <returns>False when the turn has made all that it can.</returns>
    internal bool TryRestore(OwnedFrame kept, out Burst made, out int index)
    {
        index = TryFindRoom(out made) ? made.Count : -1;
        return index >= 0 && kept.TryRestoreTo(made);
    }

    /// <summary>Goes on, for a while, with a packet of another port that has waited at a station before it was changed: as if it had just
    /// come.</summary>
    /// <param name="made">The burst that it was restored to.</param>
    /// <param name="member">The port that it came in by.</param>
    /// <param name="origin">The packet as it came.</param>
    /// <returns>What is to be given to <see cref="GoBack"/> then.</returns>
    internal (Burst, Membership, Origin) GoOnWith(Burst made, Membership member, Origin origin)
    {
        var before = (Burst, Member, Origin);
        (Burst, Member, Origin, IsGoingOn) = (made, member, origin, true);
        return before;
    }

    /// <summary>Has stations handle, for a while, what another one has said: as if who pays for it had brought it to their link.</summary>
    /// <returns>What is to be given to <see cref="GoBack"/> then.</returns>
    internal (Burst, Membership, Origin) GoOnWith(in Said said)
    {
        var before = (Burst, Member, Origin);
        (Burst, Member) = (said.Source, said.Payer);
        return before;
    }

    /// <summary>Ends that.</summary>
    internal void GoBack((Burst, Membership, Origin) before) => ((Burst, Member, Origin), IsGoingOn) = (before, false);

    /// <summary>
    /// Back to step 5 with a frame that an inner port says: it is decided with the others of the turn, in the bridge of
    /// <paramref name="from"/> and by the destination that stands in its head now.
    /// </summary>
    /// <param name="source"><see cref="Burst"/>, or where the frame was made.</param>
    /// <param name="index">The frame's place there.</param>
    /// <param name="from">Who says it.</param>
    /// <param name="payer">The place of the port that has brought it, if that isn't the turn's; null: it is the turn's.</param>
    public void Send(Burst source, int index, InnerPort from, Membership? payer = null) =>
        Say(source, index, from, null, payer ?? Member);

    /// <summary>The same by one port, wherever the destination is: for a question that only who is behind that port is asked.</summary>
    internal void SendBy(Membership output, Burst source, int index, InnerPort from) => Say(source, index, from, output, Member);

    public void Dispose()
    {
        foreach (var burst in _made)
            burst.Dispose();
    }

    private static unsafe void AddHead(Burst burst, int length) => burst.Add(length, null);

    private bool TryFindRoom(out Burst made)
    {
        made = _made[_madeUsed - 1];
        if (made.Room > 0)
            return true;
        if (_madeUsed == MostBursts)
            return false;
        made = _made[_madeUsed++];
        return true;
    }

    private void Say(Burst source, int index, InnerPort from, Membership? only, Membership payer)
    {
        ref var frame = ref source[index];
        frame.Destination = MacAddress.Read(frame.HeadBytes).Value;
        // What was made here never came through admission.
        if (source != _received)
            frame.PacketOffset = (ushort)EthernetHeader.PacketOffset(frame.HeadBytes, out frame.EtherType);
        // What is taken already is on its way.
        for (var i = _said.Count - 1; i >= _saidTaken; i--)
        {
            var said = _said[i];
            if (said.Station != from)
                continue;
            if (said.Source != source || said.Only != only || said.Payer != payer)
                break;
            _said[i] = said with { Frames = said.Frames | FrameSet.Of(index) };
            return;
        }
        _said.Add(new(from, source, FrameSet.Of(index), only, payer));
    }
}
