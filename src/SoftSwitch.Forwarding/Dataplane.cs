using System.Numerics;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Ports;

namespace SoftSwitch.Forwarding;

/// <summary>
/// The way of a frame, steps 3 to 7, for one worker: a burst goes in, and out comes which frames go to which port. No system call, no clock,
/// no allocation, and no lock but for the moment in which a station is new or has moved: the time comes in as <c>now</c>, and waking, receiving and transmitting (steps 1, 2 and 8) are the worker's.
/// <code>
///   3 Admit     the bytes say who and what, or a drop reason
///   4 Learn     source address → port
///   5 Decide    destination → one port, flood, or drop
///   6 Ours      frames for an inner port (a gateway, the outside): answered, or rewritten and back to 5
///   7 Deliver   gathered per output
/// </code>
/// What is decided together is a set of a burst's frames, those of one network: all of them from an access port. Frames keep their order: per output
/// they are sent in the order they came, and one port's frames are always carried by the same worker.
/// </summary>
public sealed class Dataplane(int worker) : IDisposable
{
    private readonly Turn _turn = new(worker);
    private FrameSet[] _bySlot = new FrameSet[8];
    private ushort[] _touched = new ushort[Burst.Capacity];
    private Delivery[] _deliveries = new Delivery[64];
    private FrameSet _flood;
    private FrameSet _floodForOne;
    private Membership? _wire;
    private int _touchedCount;
    private int _deliveryCount;

    /// <summary>
    /// Decides where frames of a burst go. Dropped frames are counted at <paramref name="input"/>.
    /// The answer is good until the next call. When its frames are transmitted, <see cref="Settle"/> is due.
    /// </summary>
    /// <param name="burst">What a port brought.</param>
    /// <param name="frames">Those of one network.</param>
    /// <param name="input">The port's place there.</param>
    /// <param name="now">The time.</param>
    public ReadOnlySpan<Delivery> Process(Burst burst, FrameSet frames, Membership input, Instant now)
    {
        _flood = _floodForOne = default;
        _touchedCount = 0;
        _deliveryCount = 0;
        var bridge = input.Bridge;
        var view = bridge.View;
        ref var counters = ref input.Port.Counters(worker);
        if (view[input.Slot] != input)
        {
            Refuse(burst, frames, DropReason.PortDown);
            Count(burst, frames, ref counters);
            return [];
        }
        Reserve(view);
        _turn.Begin(burst, input, now);
        _wire = input.Wire is { } wire && view[wire.Slot] == wire ? wire : null;

        Admit(burst, frames, bridge.Fdb);
        Learn(burst, frames, bridge.Fdb, input, now);
        Decide(burst, frames, bridge.Fdb, view, input, now);
        Ours(burst, view);
        Deliver(burst, view, input);
        Count(burst, frames, ref counters);
        return _deliveries.AsSpan(0, _deliveryCount);
    }

    /// <summary>
    /// Ends a turn whose deliveries are transmitted. Where packets that had waited for a neighbor were among them, what other workers
    /// brought for it since had to wait, or it would have overtaken those: it goes now. To be called until it has none.
    /// </summary>
    public ReadOnlySpan<Delivery> Settle()
    {
        _deliveryCount = 0;
        while (_turn.IsToBeSettled && _deliveryCount == 0)
        {
            _turn.Settle();
            foreach (var sent in _turn.Sent)
                AddDelivery(sent);
        }
        return _deliveries.AsSpan(0, _deliveryCount);
    }

    /// <summary>Lets an inner port do what has become due. The answer is good until the next call.</summary>
    public ReadOnlySpan<Delivery> Tick(InnerPort inner, Burst burst, Instant now)
    {
        _deliveryCount = 0;
        if (inner.Membership is not { } member)
            return [];
        _turn.Begin(burst, member, now);
        inner.Tick(_turn);
        foreach (var sent in _turn.Sent)
            AddDelivery(sent);
        return _deliveries.AsSpan(0, _deliveryCount);
    }

    private static void Admit(Burst burst, FrameSet frames, Fdb fdb)
    {
        foreach (var i in frames)
        {
            ref var frame = ref burst[i];
            Admission.Admit(ref frame);
            fdb.Prefetch(frame.Source);
            fdb.Prefetch(frame.Destination);
        }
    }

    private void Learn(Burst burst, FrameSet frames, Fdb fdb, Membership input, Instant now)
    {
        ulong last = 0;
        // What the host's port brings for the host itself has come in by the wire: its sender is there.
        var (host, wire) = _wire is not null && input.Station is { } station ? (station.Value, _wire.Slot) : (0UL, input.Slot);
        foreach (var i in frames)
        {
            ref var frame = ref burst[i];
            if (frame.Drop != DropReason.None || frame.Source == last)
                continue;
            var slot = frame.Destination == host ? wire : input.Slot;
            if (!fdb.Refresh(frame.Source, slot, now))
            {
                if (!input.NewStations.Take(now))
                {
                    frame.Drop = DropReason.StationFlood;
                    continue;
                }
                if (!fdb.Learn(frame.Source, slot, now))
                {
                    frame.Drop = DropReason.SourceTaken;
                    continue;
                }
            }
            last = frame.Source;
        }
    }

    private void Decide(Burst burst, FrameSet frames, Fdb fdb, BridgeView view, Membership input, Instant now)
    {
        const ulong multicastBit = 0x0100_0000_0000;
        var (inputSlot, group) = (input.Slot, input.Group);
        foreach (var i in frames)
        {
            ref var frame = ref burst[i];
            if (frame.Drop != DropReason.None)
                continue;
            var isForOne = (frame.Destination & multicastBit) == 0;
            var slot = isForOne ? fdb.Lookup(frame.Destination, now) : (ushort)0;
            if (slot == inputSlot && _wire is not null && frame.Destination != input.Station?.Value)
                slot = _wire.Slot;
            if (slot == inputSlot)
                frame.Drop = DropReason.SamePort;
            else if (slot == 0 || view[slot] is not { } output)
                Flood(i, isForOne);
            else if (group != 0 && output.Group == group && output != _wire)
                frame.Drop = DropReason.SamePort;
            else
                Gather(slot, i);
        }
        if (Unheard(view, input) is { IsEmpty: false } unheard)
        {
            (_flood, _floodForOne) = (_flood - unheard, _floodForOne - unheard);
            Refuse(burst, unheard, DropReason.NoReceiver);
        }
    }

    private void Flood(int frame, bool isForOne)
    {
        _flood |= FrameSet.Of(frame);
        if (isForOne)
            _floodForOne |= FrameSet.Of(frame);
    }

    /// <summary>What of the flood one port hears.</summary>
    private FrameSet HeardBy(Membership port, Membership input) =>
        port == input ? default : input.Group == 0 || port.Group != input.Group ? _flood : port == _wire ? _floodForOne : default;

    /// <summary>What of the flood nobody hears.</summary>
    private FrameSet Unheard(BridgeView view, Membership input)
    {
        var unheard = view.Inner.IsEmpty ? _flood : default;
        var ports = view.Ports;
        for (var i = 0; i < ports.Length && !unheard.IsEmpty; i++)
            unheard -= HeardBy(ports[i], input);
        return unheard;
    }

    private static void Refuse(Burst burst, FrameSet frames, DropReason reason)
    {
        foreach (var i in frames)
            burst[i].Drop = reason;
    }

    private void Gather(ushort slot, int frame)
    {
        ref var frames = ref _bySlot[slot];
        if (frames.IsEmpty)
            _touched[_touchedCount++] = slot;
        frames |= FrameSet.Of(frame);
    }

    private void Ours(Burst burst, BridgeView view)
    {
        foreach (var inner in view.Inner)
        {
            ref var own = ref _bySlot[inner.Membership!.Slot];
            if ((own | _flood).IsEmpty)
                continue;
            ref var counters = ref inner.Counters(worker);
            inner.Handle(_turn, own, _flood);
            foreach (var i in own | _flood)
            {
                ref var frame = ref burst[i];
                if (frame.Drop != DropReason.None)
                    continue;
                counters.OutFrames++;
                counters.OutBytes += frame.Length;
            }
            own = default;
        }
    }

    private void Deliver(Burst burst, BridgeView view, Membership input)
    {
        if (!_flood.IsEmpty)
        {
            var copies = (view.Inner.Length - 1L) * _flood.Count;
            foreach (var port in view.Ports)
            {
                var heard = HeardBy(port, input);
                copies += heard.Count;
                ref var frames = ref _bySlot[port.Slot];
                frames |= heard;
                if (!frames.IsEmpty)
                    AddDelivery(new(port, frames, burst));
                frames = default;
            }
            input.Port.Counters(worker).Copies += copies;
        }
        for (var i = 0; i < _touchedCount; i++)
        {
            ref var frames = ref _bySlot[_touched[i]];
            if (!frames.IsEmpty)
                AddDelivery(new(view[_touched[i]]!, frames, burst));
            frames = default;
        }
        foreach (var sent in _turn.Sent)
            AddDelivery(sent);
    }

    private void AddDelivery(Delivery delivery)
    {
        if (_deliveryCount == _deliveries.Length)
            Array.Resize(ref _deliveries, _deliveryCount * 2);
        _deliveries[_deliveryCount++] = delivery;
    }

    private static void Count(Burst burst, FrameSet frames, ref PortCounters counters)
    {
        long bytes = 0;
        foreach (var i in frames)
        {
            ref var frame = ref burst[i];
            bytes += frame.Length;
            if (frame.Drop != DropReason.None)
                counters.InDrops(frame.Drop)++;
        }
        counters.InFrames += frames.Count;
        counters.InBytes += bytes;
    }

    /// <summary>Grows the gathering places with the network, which happens when ports are added and not while they forward.</summary>
    private void Reserve(BridgeView view)
    {
        if (view.SlotCount > _bySlot.Length)
        {
            var size = (int)BitOperations.RoundUpToPowerOf2((uint)view.SlotCount);
            _bySlot = new FrameSet[size];
            // A flood goes to each port, and what a station says to all as well.
            _deliveries = new Delivery[int.Max(2 * size, _deliveries.Length)];
            _turn.Reserve(size);
        }
    }

    /// <summary>Forgets what was gathered: after a failure in the middle of a turn, the next begins with nothing.</summary>
    public void Abandon()
    {
        Array.Clear(_bySlot);
        _turn.Abandon();
    }

    public void Dispose() => _turn.Dispose();
}
