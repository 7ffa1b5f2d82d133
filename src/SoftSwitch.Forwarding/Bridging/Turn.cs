using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Ports;
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
    /// 512 frames: all that one port may have waiting for a neighbor (208), and the errors about them. What several ports have, or one
    /// has in large frames (a burst has room for eight), goes when these are transmitted; of errors, what is too much isn't said.
    /// </summary>
    private const int MostBursts = Port.SentSources - 1;

    /// <summary>Times that a turn goes on for what came meanwhile: a worker that brings more and more doesn't hold another for ever.</summary>
    private const int MostSettlings = 4;

    private const ulong MulticastBit = 0x0100_0000_0000;

    private readonly List<Delivery> _sent = new(64);

    /// <summary>All there will be: a burst is address space, and becomes memory with the frames that are made in it.</summary>
    private readonly Burst[] _made = [.. Enumerable.Range(0, MostBursts).Select(_ => new Burst())];
    private readonly List<InnerPort> _unsettled = new(16);
    private int _settlings;
    private int _madeUsed = 1;

    /// <summary>The frames that came in.</summary>
    public Burst Burst { get; private set; } = null!;

    /// <summary>The port that they came in by, in the bridge that they are in.</summary>
    public Membership Member { get; private set; } = null!;

    /// <summary>The port that they came in by.</summary>
    public Port Input => Member.Port;

    public Instant Now { get; private set; }

    /// <summary>The number of the worker whose turn it is, for counters.</summary>
    public int Worker { get; } = worker;

    /// <summary>The packet of <see cref="Burst"/> that is being handled.</summary>
    internal Origin Origin { get; } = new();

    /// <summary>It can make one more frame.</summary>
    internal bool HasRoom => TryFindRoom(out _);

    /// <summary>Where frames were sent in this turn.</summary>
    internal List<Delivery> Sent => _sent;

    /// <summary>A station goes on when the frames are transmitted: <see cref="Settle"/> is due then.</summary>
    internal bool IsToBeSettled => _unsettled.Count > 0;

    internal void Begin(Burst burst, Membership input, Instant now)
    {
        Abandon();
        Burst = burst;
        Member = input;
        Now = now;
        Origin.Forget();
        _settlings = 0;
        Clear();
    }

    /// <summary>Makes room for a flood in a network with so many ports.</summary>
    internal void Reserve(int ports) => _sent.EnsureCapacity(2 * ports);

    /// <summary>Something has to wait until the turn's frames are transmitted, and the station says it then.</summary>
    internal void NoteUnsettled(InnerPort station)
    {
        if (!_unsettled.Contains(station))
            _unsettled.Add(station);
    }

    /// <summary>The turn's frames are transmitted: lets stations say what had to wait for that.</summary>
    internal void Settle()
    {
        Clear();
        _settlings++;
        for (var i = _unsettled.Count - 1; i >= 0; i--)
        {
            if (_unsettled[i].TrySettle(this, leavesRest: _settlings == MostSettlings))
                _unsettled.RemoveAt(i);
        }
    }

    /// <summary>What was to be transmitted isn't any more: other workers needn't wait for it.</summary>
    internal void Abandon()
    {
        foreach (var station in _unsettled)
            station.TrySettle(this, leavesRest: true);
        _unsettled.Clear();
    }

    private void Clear()
    {
        for (; _madeUsed > 1; _madeUsed--)
            _made[_madeUsed - 1].Clear();
        _made[0].Clear();
        _sent.Clear();
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

    /// <summary>Makes a frame of a copy that nobody has admitted yet.</summary>
    /// <param name="made">The burst that it is in.</param>
    /// <param name="index">Its place there.</param>
    /// <returns>False when the turn has made all that it can.</returns>
    internal bool TryAdd(OwnedFrame copy, out Burst made, out int index)
    {
        index = TryFindRoom(out made) ? made.Count : -1;
        return index >= 0 && copy.TryAddTo(made);
    }

    /// <summary>
    /// Step 5 for a frame that an inner port says: decided in the bridge of <paramref name="from"/> by the destination that stands in its head now.
    /// </summary>
    /// <param name="source"><see cref="Burst"/>, or where the frame was made.</param>
    /// <param name="index">The frame's place there.</param>
    /// <param name="from">Who says it.</param>
    public void Send(Burst source, int index, InnerPort from)
    {
        ref var frame = ref source[index];
        frame.Destination = MacAddress.Read(frame.HeadBytes).Value;
        ref var counters = ref from.Counters(Worker);
        counters.InFrames++;
        counters.InBytes += frame.Length;
        if (from.Membership is not { Bridge: var bridge } member || bridge.View is not { } view || view[member.Slot] != member)
        {
            counters.InDrops(DropReason.PortDown)++;
            return;
        }
        var slot = (frame.Destination & MulticastBit) != 0 ? (ushort)0 : bridge.Fdb.Lookup(frame.Destination, Now);
        if (slot != 0 && view[slot] is { } receiver)
        {
            // One inner port never answers another in the same turn: what they would say to each other has no end.
            if (receiver.Port is InnerPort)
                counters.InDrops(DropReason.SamePort)++;
            else
                Add(receiver, source, index);
            return;
        }
        if (view.Ports.Length == 0)
        {
            counters.InDrops(DropReason.NoReceiver)++;
            return;
        }
        counters.Copies += view.Ports.Length - 1;
        foreach (var output in view.Ports)
            Add(output, source, index);
    }

    /// <summary>The same by one port, wherever the destination is: for a question that only who is behind that port is asked.</summary>
    internal void SendBy(Membership output, Burst source, int index, InnerPort from)
    {
        ref var counters = ref from.Counters(Worker);
        counters.InFrames++;
        counters.InBytes += source[index].Length;
        if (from.Membership is { Bridge: var bridge } member && bridge.View is { } view && view[member.Slot] == member
            && output.Bridge == bridge && view[output.Slot] == output)
            Add(output, source, index);
        else
            counters.InDrops(DropReason.PortDown)++;
    }

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

    /// <summary>
    /// Adds a frame to the port's delivery out of a burst, or begins one. The port remembers where that is in the list, so that a flood to
    /// all ports finds each at once, however many there are. What it remembers of another turn is no delivery of its own in this one.
    /// </summary>
    private void Add(Membership output, Burst source, int index)
    {
        ref var place = ref output.Port.SentPlace(Worker, source == Burst ? 0 : 1 + Array.IndexOf(_made, source));
        if (place < _sent.Count && _sent[place] is var delivery && delivery.Output == output && delivery.Source == source)
        {
            _sent[place] = delivery with { Frames = delivery.Frames | FrameSet.Of(index) };
            return;
        }
        place = _sent.Count;
        _sent.Add(new(output, FrameSet.Of(index), source));
    }
}
