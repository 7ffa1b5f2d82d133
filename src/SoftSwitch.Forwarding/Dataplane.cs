using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding;

/// <summary>
/// The way of a frame, steps 3 to 7, for one worker: a burst goes in, and out comes which frames go to which port. No system call (but
/// one look for the news of the host's routes for each burst that they lead, see <see cref="Routing.RouteCache"/>), no clock, no
/// allocation, and no lock for a frame of a station and a flow that are known: what is new, moved, held or in fragments takes one. The
/// time comes in as <c>now</c>; waking, receiving and transmitting (steps 1, 2 and 8) are the worker's.
/// <code>
///   3 Admit     the bytes say who and what, or a drop reason; a guarded port brings only what its guest may say
///   4 Learn     source address → port; who claims another's IP address goes no further
///   5 Decide    destination → one port, flood, or drop
///   6 Ours      frames for an inner port (a gateway, the outside): answered, or rewritten and back to 5, where other inner ports may
///               be the next to hear them
///   7 Deliver   gathered per output
/// </code>
/// What is decided together is a set of a burst's frames, those of one network: today all of them, as every port is in one network. Frames
/// keep their order: per output they are sent in the order they came, and one port's frames are always carried by the same worker.
/// </summary>
public sealed partial class Dataplane(int worker) : IDisposable
{
    private readonly Turn _turn = new(worker);
    private readonly Outputs _outputs = new(worker);

    /// <summary>What the latest call has answered.</summary>
    public ReadOnlySpan<Delivery> Deliveries => _outputs.Deliveries;

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
        var view = input.Bridge.View;
        _outputs.Begin();
        _turn.Begin(burst, input, now);
        if (view.Has(input))
        {
            var claims = Admit(burst, frames, input);
            input.Guard?.Judge(_turn, frames);
            input.Gate?.FromHost(burst, frames);
            Learn(burst, frames, input, view, now);
            if (!claims.IsEmpty)
                AddressGuard.Judge(_turn, claims, view);
            _outputs.Decide(burst, frames, input, input, view, now, _turn.News);
            Ours(burst, view, null);
            _outputs.Deliver(burst, input, view);
        }
        else
        {
            // What was still waiting at a port when it went down is neither learnt from nor forwarded. A port that is part of a loop may
            // be down for that: whether it still is shows here.
            foreach (var i in frames)
                input.Bridge.Loops.Hears(burst[i].HeadBytes, input);
            Refuse(burst, frames);
        }
        Count(burst, frames, ref input.Port.Counters(worker));
        DeliverSaid();
        return _outputs.Deliveries;
    }

    /// <summary>
    /// Ends a turn whose deliveries are transmitted. If packets that had waited for a neighbor were among them, packets that others have
    /// brought for that neighbor since had to wait, so as not to overtake them: for these the station calls.
    /// </summary>
    public void Settle() => _turn.Settle();

    /// <summary>Takes an inner port that has called for a turn of its own (<see cref="Resume"/>), as after any other call here one or
    /// several may have: what it has to do is no part of a turn that may be long.</summary>
    public bool TryTakeCalled([NotNullWhen(true)] out InnerPort? inner) => _turn.TryTakeCalled(out inner);

    /// <summary>Lets an inner port do what has become due. The answer is good until the next call.</summary>
    public ReadOnlySpan<Delivery> Tick(InnerPort inner, Burst burst, Instant now)
    {
        if (!TryBegin(inner, burst, now))
            return [];
        inner.Tick(_turn);
        DeliverSaid();
        return _outputs.Deliveries;
    }

    /// <summary>Lets an inner port do what it has called for. The answer is good until the next call.</summary>
    public ReadOnlySpan<Delivery> Resume(InnerPort inner, Burst burst, Instant now)
    {
        if (!TryBegin(inner, burst, now))
            return [];
        inner.Resume(_turn);
        DeliverSaid();
        return _outputs.Deliveries;
    }

    /// <summary>Says frames of the switch's own, each by one port. They count as copies.</summary>
    /// <param name="probes">No more than a turn can make (<see cref="Turn.MostFrames"/>).</param>
    /// <param name="burst">An empty one.</param>
    /// <param name="now">The time.</param>
    public ReadOnlySpan<Delivery> Probe(ReadOnlySpan<SentProbe> probes, Burst burst, Instant now)
    {
        _outputs.Begin();
        foreach (var probe in probes)
        {
            if (_outputs.Deliveries.IsEmpty)
                _turn.Begin(burst, probe.Output, now);
            if (!_turn.TryMake(probe.Frame.Length, out var made, out var index))
                break;
            probe.Frame.CopyTo(made[index].HeadBytes);
            _outputs.Deliver(made, FrameSet.Of(index), probe.Output, probe.Output);
            probe.Output.Port.Counters(worker).Copies++;
        }
        return _outputs.Deliveries;
    }

    /// <summary>Forgets what was gathered: after a failure in the middle of a turn, the next begins with nothing.</summary>
    public void Abandon()
    {
        _outputs.Abandon();
        _turn.Abandon();
    }

    /// <summary>Between two turns: keeps nothing of networks that may have gone.</summary>
    public void Forget()
    {
        _outputs.Forget();
        _turn.Forget();
    }

    public void Dispose() => _turn.Dispose();

    /// <returns>False: it has no place in a network yet.</returns>
    private bool TryBegin(InnerPort inner, Burst burst, Instant now)
    {
        _outputs.Begin();
        if (inner.Membership is not { } member)
            return false;
        _turn.Begin(burst, member, now);
        return true;
    }

    /// <returns>The frames that may claim an address.</returns>
    private static FrameSet Admit(Burst burst, FrameSet frames, Membership input)
    {
        var (fdb, forwardsControl, isBound) = (input.Bridge.Fdb, input.Bridge.ForwardsControl, AddressGuard.GuardsPackets(input));
        FrameSet claims = default;
        foreach (var i in frames)
        {
            ref var frame = ref burst[i];
            Admission.Admit(ref frame, forwardsControl);
            fdb.Prefetch(frame.Source);
            fdb.Prefetch(frame.Destination);
            if (AddressGuard.MayClaim(frame, isBound))
                claims |= FrameSet.Of(i);
        }
        return claims;
    }

    private void Learn(Burst burst, FrameSet frames, Membership input, BridgeView view, Instant now)
    {
        var fdb = input.Bridge.Fdb;
        ulong last = 0;
        // What the host's port brings for the host itself has come in by the NIC: its sender is behind the uplink.
        var (host, sender) = (0UL, input.Slot);
        if (input.Station is { } station && input.UplinkIn(view) is { } uplink)
            (host, sender) = (station.Value, uplink.Slot);
        foreach (var i in frames)
        {
            ref var frame = ref burst[i];
            if (frame.Drop != DropReason.None)
                continue;
            // A station and its slot, as in the database: of one sender, not all need be behind the same.
            var slot = frame.Destination == host ? sender : input.Slot;
            var place = frame.Source << 16 | slot;
            // What is not IPv4 may say by what its sender can be asked.
            if (frame.EtherType != EtherType.Ipv4 && frame.IsDiscovery)
                frame.Drop = Meet(input, ref frame, slot, view, now);
            else if (place == last)
                continue;
            else if (fdb.Refresh(frame.Source, slot, now))
                last = place;
            else
                frame.Drop = Meet(input, ref frame, slot, view, now);
        }
    }

    /// <summary>A station is new here, has moved, or speaks ARP or its like in IPv6, which says by what it can be asked. This is rare, and
    /// out of the way of the rest. A probe of ours comes by here, too: it is nobody's station, and nothing that a port does to stations
    /// hides it.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private DropReason Meet(Membership input, ref Frame frame, ushort slot, BridgeView view, Instant now)
    {
        var (bridge, station) = (input.Bridge, frame.Source);
        if (frame.Destination == LoopProbe.Destination && bridge.Loops.Hears(frame.HeadBytes, input))
            return DropReason.LoopProbe;
        if (!bridge.Fdb.Refresh(station, slot, now))
        {
            if (bridge.IsBoundElsewhere(station, input))
            {
                // It stays, but a loop brings back the frames of such a station as well.
                bridge.Loops.Suspect(now);
                return input.Pretences.Refuse(new MacAddress(station));
            }
            bridge.Recall(station, input, now);
            var isNew = bridge.Fdb.Find(station, now).Slot == 0;
            if (isNew && !input.NewStations.Take(now))
                return DropReason.StationFlood;
            if (!(isNew && bridge.Fdb.Learn(station, slot, now))
                && Contest(input, frame, slot, view, now) is var reason and not DropReason.None)
                return reason == DropReason.SourceElsewhere && VirtualRouter.IsAnnounced(frame) ? DropReason.None : reason;
        }
        if (!frame.IsInVlan && frame.IsDiscovery)
            Note(bridge.Fdb, station, slot, frame.HeadBytes[frame.PacketOffset..], frame.EtherType);
        return DropReason.None;
    }

    /// <summary>Notes the address that a station says to be its own.</summary>
    private static void Note(Fdb fdb, ulong station, ushort slot, ReadOnlySpan<byte> packet, ushort type)
    {
        if (type == EtherType.Arp)
        {
            if (ArpMessage.TryRead(packet, out var message) && message.SenderMac.Value == station)
                fdb.Note(station, slot, message.SenderAddress);
        }
        else if (NeighborDiscovery.TryReadSender(packet, out var address))
        {
            fdb.Note(station, slot, address);
        }
    }

    /// <summary>A station is heard here that is known elsewhere: it moves or stays, and may be asked.</summary>
    private DropReason Contest(Membership input, in Frame frame, ushort slot, BridgeView view, Instant now)
    {
        input.Bridge.Loops.Suspect(now);
        var asker = input.Bridge.Asker is { Membership: { } member } one && view.Has(member) ? one : null;
        var isAnswer = asker is not null && frame.Destination == asker.Mac.Value;
        var reason = input.Bridge.Moves.Decide(input, frame.Source, slot, view, asker is not null, isAnswer, now, out var question);
        asker?.Ask(_turn, question);
        return reason;
    }

    private static void Refuse(Burst burst, FrameSet frames)
    {
        foreach (var i in frames)
            burst[i].Drop = DropReason.PortDown;
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
}
