using System.Numerics;
using System.Runtime.CompilerServices;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Bridging;

/// <summary>
/// Steps 5 and 7: where the frames of a set go (IEEE 802.1D, 7.7), gathered by slot, so that each port gets its own at once and in their
/// order. What ports bring and what stations of ours say is decided alike; the one difference is that most of our stations are a group and
/// don't hear each other. Owned by one worker.
/// </summary>
internal sealed class Outputs(int worker)
{
    private const ulong MulticastBit = 0x0100_0000_0000;

    private readonly ushort[] _touched = new ushort[FrameSet.Capacity];
    private FrameSet[] _bySlot = new FrameSet[8];
    private Delivery[] _deliveries = new Delivery[64];

    /// <summary>Frames that go to everybody; and those of them that are meant for one station, which nobody has heard yet.</summary>
    private FrameSet _flood, _floodForOne;

    /// <summary>Questions for everybody that one is asked alone, beside whom only stations of ours hear them; and those of them for which
    /// that one is behind a port.</summary>
    private FrameSet _asked, _askedOfPort;
    private Membership? _uplink;
    private int _touchedCount;
    private int _deliveryCount;

    public ReadOnlySpan<Delivery> Deliveries => _deliveries.AsSpan(0, _deliveryCount);

    public void Begin() => _deliveryCount = 0;

    /// <summary>Keeps nothing of networks that may have gone.</summary>
    public void Forget()
    {
        Array.Clear(_deliveries);
        (_deliveryCount, _uplink) = (0, null);
    }

    /// <summary>Step 5. A frame that goes nowhere gets its drop reason, the others are gathered until
    /// <see cref="Deliver(Burst, Membership, BridgeView)"/>.</summary>
    /// <param name="from">The member that has brought or said them. It is up.</param>
    /// <param name="payer">The member by which came what has made a station of ours say them; else <paramref name="from"/>.</param>
    /// <param name="news">Those that tell everybody something new (<see cref="Turn.News"/>).</param>
    public void Decide(
        Burst burst, FrameSet frames, Membership from, Membership payer, BridgeView view, Instant now, FrameSet news = default)
    {
        Reserve(view);
        _flood = _floodForOne = _asked = _askedOfPort = default;
        _touchedCount = 0;
        _uplink = from.UplinkIn(view);
        var fdb = from.Bridge.Fdb;
        var (ownSlot, group) = (from.Slot, from.Group);
        foreach (var i in frames)
        {
            ref var frame = ref burst[i];
            if (frame.Drop != DropReason.None)
                continue;
            var slot = (frame.Destination & MulticastBit) != 0 ? (ushort)0 : fdb.Lookup(frame.Destination, now);
            if (slot == ownSlot)
            {
                if (_uplink is null || frame.Destination == from.Station?.Value)
                {
                    frame.Drop = DropReason.SamePort;
                    continue;
                }
                slot = _uplink.Slot;
            }
            if (slot == 0 || view[slot] is not { } output)
            {
                frame.Drop = Flood(i, frame, from, payer, now);
                if (ArpQuestion.MayBe(frame) && frame.Drop == DropReason.None && !news.Contains(i))
                    Ask(i, frame, from, view, now);
            }
            else if (group != 0 && output.Group == group && output != _uplink)
                frame.Drop = DropReason.SamePort;
            else
                Gather(slot, i);
        }
        if (Unheard(from, view) is { IsEmpty: false } unheard)
        {
            (_flood, _floodForOne) = (_flood - unheard, _floodForOne - unheard);
            foreach (var i in unheard)
                burst[i].Drop = DropReason.NoReceiver;
        }
    }

    /// <summary>Takes what was gathered for a station of ours.</summary>
    /// <param name="heard">Frames that others get too.</param>
    public FrameSet Take(Membership station, out FrameSet heard)
    {
        heard = _flood | _asked;
        ref var place = ref _bySlot[station.Slot];
        var own = place;
        place = default;
        return own;
    }

    /// <summary>Step 7, for what was gathered.</summary>
    public void Deliver(Burst burst, Membership from, BridgeView view)
    {
        if (!_flood.IsEmpty)
        {
            var copies = (Stations(from, view) - 1L) * _flood.Count;
            foreach (var port in view.Ports)
            {
                var heard = HeardBy(port, from);
                copies += heard.Count;
                ref var frames = ref _bySlot[port.Slot];
                Deliver(burst, frames | heard, from, port);
                frames = default;
            }
            from.Port.Counters(worker).Copies += copies;
        }
        if (!_asked.IsEmpty)
            from.Port.Counters(worker).Copies += (Stations(from, view) - 1L) * _asked.Count + _askedOfPort.Count;
        for (var i = 0; i < _touchedCount; i++)
        {
            ref var frames = ref _bySlot[_touched[i]];
            Deliver(burst, frames, from, view[_touched[i]]!);
            frames = default;
        }
    }

    /// <summary>Step 7 for frames whose port is known.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Deliver(Burst burst, FrameSet frames, Membership from, Membership output)
    {
        if (output.Gate is { } gate)
            frames = Passing(gate, burst, frames, from);
        if (frames.IsEmpty)
            return;
        if (_deliveryCount == _deliveries.Length)
            Array.Resize(ref _deliveries, _deliveryCount * 2);
        _deliveries[_deliveryCount++] = new(output, frames, burst);
    }

    /// <summary>Forgets what was gathered.</summary>
    public void Abandon() => Array.Clear(_bySlot);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Gather(ushort slot, int frame)
    {
        ref var frames = ref _bySlot[slot];
        if (frames.IsEmpty)
            _touched[_touchedCount++] = slot;
        frames |= FrameSet.Of(frame);
    }

    private DropReason Flood(int index, in Frame frame, Membership from, Membership payer, Instant now)
    {
        var isForOne = (frame.Destination & MulticastBit) == 0;
        // One that was met is recognised there (Dataplane.Meet); one whose source somebody has made a station of this port isn't met.
        if (frame.Destination == LoopProbe.Destination && from.Bridge.Loops.Hears(frame.HeadBytes, from))
            return DropReason.LoopProbe;
        // Nobody else can be that station, so nobody else hears what is for it.
        if (isForOne && from.Bridge.IsGuarded(frame.Destination))
            return DropReason.PortDown;
        // A super-frame of more segments than that takes all there is. What a station of ours says to all has allowances of its own. What
        // it says to one whom nobody hears any more is a packet that somebody had it forward: he floods, by way of us.
        if ((from == payer || isForOne) && payer.Floods is { } floods && !floods.Take(now, int.Min(frame.Segments, payer.FloodLimit)))
        {
            from.Bridge.Loops.Suspect(now);
            if (!frame.IsDiscovery || !payer.Discoveries.Take(now))
                return DropReason.FloodLimit;
        }
        _flood |= FrameSet.Of(index);
        if (isForOne)
            _floodForOne |= FrameSet.Of(index);
        return DropReason.None;
    }

    /// <summary>A question that would go to everybody goes to one, where that is enough.</summary>
    private void Ask(int index, in Frame frame, Membership from, BridgeView view, Instant now)
    {
        if (!ArpQuestion.TryFindAsked(frame, from, view, now, out var slot))
            return;
        var question = FrameSet.Of(index);
        _flood -= question;
        _asked |= question;
        if (slot == 0)
            return;
        _askedOfPort |= question;
        Gather(slot, index);
    }

    /// <summary>Stations of ours that hear a flood.</summary>
    private static int Stations(Membership from, BridgeView view) =>
        from.Group == Membership.Ours ? 0 : from.Port is InnerPort ? view.Inner.Length - 1 : view.Inner.Length;

    /// <summary>What of the flood one port hears.</summary>
    private FrameSet HeardBy(Membership port, Membership from) =>
        port == from ? default : from.Group != 0 && port.Group == from.Group ? port == _uplink ? _floodForOne : default
        : port.Gate is { IsForHostAlone: true } || port.Guard is { Mac: not null } ? _flood - _floodForOne : _flood;

    /// <summary>Those of the frames that the host may hear. The others are counted where they came in: they may go to others as
    /// well.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private FrameSet Passing(HostGate gate, Burst burst, FrameSet frames, Membership from)
    {
        ref var counters = ref from.Port.Counters(worker);
        var isOurs = from.Port is InnerPort;
        foreach (var i in frames)
        {
            if (gate.ToHost(ref burst[i], isOurs) is var reason and not DropReason.None)
            {
                counters.InDrops(reason)++;
                frames -= FrameSet.Of(i);
            }
        }
        return frames;
    }

    /// <summary>What of the flood nobody hears.</summary>
    private FrameSet Unheard(Membership from, BridgeView view)
    {
        if (_flood.IsEmpty || Stations(from, view) > 0)
            return default;
        var unheard = _flood;
        var ports = view.Ports;
        for (var i = 0; i < ports.Length && !unheard.IsEmpty; i++)
            unheard -= HeardBy(ports[i], from);
        return unheard;
    }

    /// <summary>Grows the gathering places with the network, which happens when ports are added and not while they forward.</summary>
    private void Reserve(BridgeView view)
    {
        if (view.SlotCount <= _bySlot.Length)
            return;
        var size = (int)BitOperations.RoundUpToPowerOf2((uint)view.SlotCount);
        _bySlot = new FrameSet[size];
        // A flood goes to each port, out of every burst of a turn.
        Array.Resize(ref _deliveries, int.Max(Turn.Bursts * size, _deliveries.Length));
    }
}
