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
/// A burst comes from one port, so it belongs to one network, and a set of its frames is 64 bits. Frames keep their order: per output they are sent in
/// the order they came, and one port's frames are always carried by the same worker.
/// </summary>
public sealed class Dataplane(int worker) : IDisposable
{
    private readonly Turn _turn = new(worker);
    private ulong[] _bySlot = new ulong[8];
    private ushort[] _touched = new ushort[Burst.Capacity];
    private Delivery[] _deliveries = new Delivery[64];
    private ulong _flood;
    private Membership? _twin;
    private ulong _heardByTwin;
    private int _touchedCount;
    private int _deliveryCount;

    /// <summary>
    /// Decides where the frames of a burst go. Dropped frames are counted at <paramref name="input"/>.
    /// The answer is good until the next call. When its frames are transmitted, <see cref="Settle"/> is due.
    /// </summary>
    public ReadOnlySpan<Delivery> Process(Burst burst, Membership input, Instant now)
    {
        _flood = 0;
        _touchedCount = 0;
        _deliveryCount = 0;
        var bridge = input.Bridge;
        var view = bridge.View;
        ref var counters = ref input.Port.Counters(worker);
        if (view[input.Slot] != input)
        {
            Refuse(burst);
            Count(burst, ref counters);
            return [];
        }
        Reserve(view);
        _turn.Begin(burst, input, now);

        Admit(burst, bridge.Fdb);
        Learn(burst, bridge.Fdb, input, now);
        Decide(burst, bridge.Fdb, view, input, now);
        Ours(burst, view);
        Deliver(burst, view, input);
        Count(burst, ref counters);
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

    /// <summary>What was still waiting at a port when it went down is neither learnt from nor forwarded.</summary>
    private static void Refuse(Burst burst)
    {
        for (var i = 0; i < burst.Count; i++)
            burst[i].Drop = DropReason.PortDown;
    }

    private static void Admit(Burst burst, Fdb fdb)
    {
        for (var i = 0; i < burst.Count; i++)
        {
            ref var frame = ref burst[i];
            Admission.Admit(ref frame);
            fdb.Prefetch(frame.Source);
            fdb.Prefetch(frame.Destination);
        }
    }

    private static void Learn(Burst burst, Fdb fdb, Membership input, Instant now)
    {
        ulong last = 0;
        // What the host's port brings for the host itself has come in by the wire: its sender is there (see Membership.Twin).
        var (station, wire) = input is { Station: { } host, Twin: { } twin, TwinHearsUnicast: false } ? (host.Value, twin.Slot) : (0UL, input.Slot);
        for (var i = 0; i < burst.Count; i++)
        {
            ref var frame = ref burst[i];
            if (frame.Drop != DropReason.None || frame.Source == last)
                continue;
            var slot = frame.Destination == station ? wire : input.Slot;
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

    private void Decide(Burst burst, Fdb fdb, BridgeView view, Membership input, Instant now)
    {
        const ulong multicastBit = 0x0100_0000_0000;
        _twin = input.Twin is { } twin && view[twin.Slot] == twin ? twin : null;
        _heardByTwin = 0;
        var hearsUnicast = input.TwinHearsUnicast;
        var inputSlot = input.Slot;
        var heardSlot = _twin is not null && hearsUnicast ? _twin.Slot : inputSlot;
        for (var i = 0; i < burst.Count; i++)
        {
            ref var frame = ref burst[i];
            if (frame.Drop != DropReason.None)
                continue;
            var slot = (frame.Destination & multicastBit) != 0 ? (ushort)0 : fdb.Lookup(frame.Destination, now);
            // A station that is heard here and isn't the port's own was heard by what joins the twins: it is at the other's end.
            if (slot == inputSlot && _twin is not null && !hearsUnicast && frame.Destination != input.Station?.Value)
                slot = _twin.Slot;
            if (slot == inputSlot || slot == heardSlot)
                frame.Drop = DropReason.SamePort;
            else if (slot == 0 || view[slot] is null)
                Flood(i, _twin is not null && (hearsUnicast || (frame.Destination & multicastBit) != 0));
            else
                Gather(slot, i);
        }
        var others = view.Ports.Length + view.Inner.Length - 1;
        if (_flood != 0 && others < 2)
            Refuse(burst, others == 0 ? _flood : _heardByTwin);
    }

    private void Flood(int frame, bool isHeardByTwin)
    {
        _flood |= 1UL << frame;
        if (isHeardByTwin)
            _heardByTwin |= 1UL << frame;
    }

    private void Refuse(Burst burst, ulong withoutReceiver)
    {
        _flood &= ~withoutReceiver;
        _heardByTwin &= ~withoutReceiver;
        for (; withoutReceiver != 0; withoutReceiver &= withoutReceiver - 1)
            burst[BitOperations.TrailingZeroCount(withoutReceiver)].Drop = DropReason.NoReceiver;
    }

    private void Gather(ushort slot, int frame)
    {
        ref var frames = ref _bySlot[slot];
        if (frames == 0)
            _touched[_touchedCount++] = slot;
        frames |= 1UL << frame;
    }

    private void Ours(Burst burst, BridgeView view)
    {
        foreach (var inner in view.Inner)
        {
            ref var own = ref _bySlot[inner.Membership!.Slot];
            if ((own | _flood) == 0)
                continue;
            ref var counters = ref inner.Counters(worker);
            inner.Handle(_turn, own, _flood);
            for (var frames = own | _flood; frames != 0; frames &= frames - 1)
            {
                ref var frame = ref burst[BitOperations.TrailingZeroCount(frames)];
                if (frame.Drop != DropReason.None)
                    continue;
                counters.OutFrames++;
                counters.OutBytes += frame.Length;
            }
            own = 0;
        }
    }

    private void Deliver(Burst burst, BridgeView view, Membership input)
    {
        if (_flood != 0)
        {
            var receivers = view.Inner.Length;
            foreach (var port in view.Ports)
            {
                if (port == input)
                    continue;
                ref var frames = ref _bySlot[port.Slot];
                frames |= port == _twin ? _flood & ~_heardByTwin : _flood;
                if (frames != 0)
                    AddDelivery(new(port, frames, burst));
                frames = 0;
                receivers++;
            }
            input.Port.Counters(worker).Copies += (receivers - 1L) * BitOperations.PopCount(_flood) - BitOperations.PopCount(_heardByTwin);
        }
        for (var i = 0; i < _touchedCount; i++)
        {
            ref var frames = ref _bySlot[_touched[i]];
            if (frames != 0)
                AddDelivery(new(view[_touched[i]]!, frames, burst));
            frames = 0;
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

    private static void Count(Burst burst, ref PortCounters counters)
    {
        long bytes = 0;
        for (var i = 0; i < burst.Count; i++)
        {
            ref var frame = ref burst[i];
            bytes += frame.Length;
            if (frame.Drop != DropReason.None)
                counters.InDrops(frame.Drop)++;
        }
        counters.InFrames += burst.Count;
        counters.InBytes += bytes;
    }

    /// <summary>Grows the gathering places with the network, which happens when ports are added and not while they forward.</summary>
    private void Reserve(BridgeView view)
    {
        if (view.SlotCount > _bySlot.Length)
        {
            var size = (int)BitOperations.RoundUpToPowerOf2((uint)view.SlotCount);
            _bySlot = new ulong[size];
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
