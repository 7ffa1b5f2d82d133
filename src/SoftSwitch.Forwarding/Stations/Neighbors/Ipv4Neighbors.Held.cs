using System.Collections.Concurrent;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Stations.Neighbors;

/// <summary>
/// Packets that wait until a neighbor has answered. One turn sends a neighbor's, and what others bring for it waits until those are
/// transmitted, see <see cref="HeldFrames"/>.
/// </summary>
public sealed partial class Ipv4Neighbors
{
    private readonly HeldFrames _held = new();

    /// <summary>The neighbors whose packets each turn is sending.</summary>
    private readonly ConcurrentDictionary<Turn, List<(Ipv4Address Neighbor, MacAddress Mac)>> _sending = [];

    /// <summary>The turn's frames are transmitted, what waited for neighbors among them: sends what has come for those meanwhile.</summary>
    /// <param name="leavesRest">What waits now is left to the next packet to that neighbor or to <see cref="Tick"/>.</param>
    /// <returns>True when that was all: other turns send to those neighbors themselves again.</returns>
    internal bool TrySettle(Turn turn, bool leavesRest)
    {
        var sending = SentBy(turn);
        for (var i = sending.Count - 1; i >= 0; i--)
        {
            var (neighbor, mac) = sending[i];
            if (_held.TryEnd(neighbor, leavesRest))
                sending.RemoveAt(i);
            else
                Release(turn, neighbor, mac);
        }
        return sending.Count == 0;
    }

    private void TickHeld(Turn turn)
    {
        foreach (var (neighbor, input) in _held.Waiting())
        {
            switch (Table.Resolve(neighbor, input!, turn.Now, out var mac))
            {
                case Resolution.HoldAndAsk:
                    // Where this port may not ask any more, the next one that waits for the neighbor may.
                    Ask(turn, input!, neighbor, mac);
                    break;
                case Resolution.Unreachable:
                    GiveUp(turn, neighbor);
                    break;
                case Resolution.Send or Resolution.SendAndAsk:
                    Release(turn, neighbor, mac);
                    break;
            }
        }
        while (_held.TryTakeExpired(turn.Now, out var held))
        {
            // Its neighbor isn't dead: it wasn't asked often enough, or more waits for it than turns could send.
            _station.CountUnsaid(turn.Worker, DropReason.NeighborQueueFull);
            HeldFrames.Return(held);
        }
    }

    private DropReason Keep(Turn turn, Burst source, in Frame frame, Ipv4Address neighbor)
    {
        var isKept = _held.Keep(neighbor, frame, turn.Input, source == turn.Burst ? turn.Origin : null, turn.Now, out var givenUp);
        if (givenUp > 0)
            _station.CountUnsaid(turn.Worker, DropReason.NeighborQueueFull, givenUp);
        return isKept ? DropReason.None : DropReason.NeighborQueueFull;
    }

    /// <summary>Sends what waits for a neighbor that has answered.</summary>
    /// <returns>
    /// False when something still waits: the turn can't make more frames, or another turn is sending them. It goes as soon as those are
    /// transmitted (<see cref="TrySettle"/>).
    /// </returns>
    private bool Release(Turn turn, Ipv4Address neighbor, MacAddress mac)
    {
        if (!_held.TryBegin(neighbor, turn, out var isNew))
            return false;
        if (isNew)
        {
            SentBy(turn).Add((neighbor, mac));
            turn.NoteUnsettled(_station);
        }
        while (turn.HasRoom)
        {
            if (!_held.TryTake(neighbor, out var held))
                return true;
            Send(turn, held, mac);
            HeldFrames.Return(held);
        }
        return !_held.IsWaitedFor(neighbor);
    }

    private void Send(Turn turn, HeldFrame held, MacAddress mac)
    {
        if (!turn.TryRestore(held.Frame, out var made, out var index))
        {
            _station.CountUnsaid(turn.Worker, DropReason.QueueFull);
            return;
        }
        ref var frame = ref made[index];
        if (IsTooLong(turn, frame, mac, out var mtu))
        {
            // Only now it is known by which port it would leave.
            frame.Drop = DropReason.FragmentationNeeded;
            held.Origin.ReportTooLong(turn, held.Frame.Contents, mtu);
        }
        else
        {
            _station.AddressTo(ref frame, mac);
        }
        turn.Send(made, index, _station);
    }

    private List<(Ipv4Address Neighbor, MacAddress Mac)> SentBy(Turn turn) => _sending.GetOrAdd(turn, static _ => new(16));

    /// <summary>A neighbor hasn't answered.</summary>
    private void GiveUp(Turn turn, Ipv4Address neighbor)
    {
        while (_held.TryTake(neighbor, out var held))
            GiveUp(turn, held);
    }

    private void GiveUp(Turn turn, HeldFrame held)
    {
        _station.CountUnsaid(turn.Worker, DropReason.NeighborUnreachable);
        held.Origin.ReportLost(turn, held.Frame.Contents);
        HeldFrames.Return(held);
    }
}
