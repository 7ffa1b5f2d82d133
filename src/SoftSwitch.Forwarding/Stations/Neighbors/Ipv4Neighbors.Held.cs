using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Stations.Neighbors;

/// <summary>
/// Packets that wait until a neighbor has answered, or is known not to. They get turns of their own, each for one neighbor, and what others
/// bring for it waits until those are transmitted, see <see cref="HeldFrames"/>. What sending them uses up is that of the port which has
/// brought them.
/// </summary>
public sealed partial class Ipv4Neighbors
{
    /// <summary>Of what waits for a neighbor, as much goes in one turn as is made in less than its slice: a frame takes a microsecond, and
    /// of large ones their bytes count.</summary>
    private const int MostReleased = 64, MostBytesReleased = 512 * 1024;

    private readonly HeldFrames _held = new();

    /// <summary>What the turn has sent of what waited is transmitted, or lost.</summary>
    internal void Settle(Turn turn)
    {
        if (_held.End(turn))
            turn.Call(_station);
    }

    /// <summary>A turn that was called for: for what waits for a neighbor, or to go on with what is due.</summary>
    internal void Resume(Turn turn)
    {
        if (!_held.TryBegin(turn, out var neighbor))
            GoOn(turn);
        else if (Table.MacOf(neighbor) is { Value: not 0 } mac)
            Release(turn, neighbor, mac);
        else if (Table.HasFailed(neighbor, turn.Now))
            GiveUp(turn, neighbor);
        else
            _held.End(turn, leavesRest: true);
    }

    /// <summary>What waits for a neighbor need not any more: it gets a turn.</summary>
    private void Call(Turn turn, Ipv4Address neighbor)
    {
        if (_held.TryCall(neighbor))
            turn.Call(_station);
    }

    private DropReason Keep(Turn turn, Burst source, in Frame frame, Ipv4Address neighbor)
    {
        var isKept = _held.Keep(neighbor, frame, turn.Member, source == turn.Burst ? turn.Origin : null, turn.Now, out var givenUp);
        if (givenUp > 0)
            _station.CountUnsaid(turn.Worker, DropReason.NeighborQueueFull, givenUp);
        return isKept ? DropReason.None : DropReason.NeighborQueueFull;
    }

    /// <summary>Asks again for neighbors that something waits for, as the ports that have brought it may, and calls for turns where that
    /// has an end.</summary>
    /// <returns>How many of so many it could still have looked at.</returns>
    private int TickHeld(Turn turn, int most)
    {
        for (; most > 0 && turn.HasRoom && _held.TryNext(out var waiting); most--)
        {
            var (neighbor, input) = waiting;
            var resolution = Table.Resolve(neighbor, input!, turn.Now, out var mac);
            // Where this port may not ask any more, the next one that waits for the neighbor may.
            if (resolution is Resolution.HoldAndAsk or Resolution.SendAndAsk)
                Ask(turn, input!, neighbor, mac);
            if (resolution is Resolution.Unreachable or Resolution.Send or Resolution.SendAndAsk)
                Call(turn, neighbor);
        }
        for (; most > 0 && _held.TryTakeExpired(turn.Now, out var held); most--)
        {
            // Its neighbor isn't dead: it wasn't asked often enough, or more waits for it than turns could send.
            _station.CountUnsaid(turn.Worker, DropReason.NeighborQueueFull);
            HeldFrames.Return(held);
        }
        return most;
    }

    /// <summary>Sends what waits for a neighbor that has answered.</summary>
    private void Release(Turn turn, Ipv4Address neighbor, MacAddress mac)
    {
        turn.NoteUnsettled(_station);
        var bytes = 0;
        for (var left = MostReleased; left > 0 && bytes < MostBytesReleased && turn.HasRoom; left--)
        {
            if (!_held.TryTake(neighbor, out var held))
                return;
            bytes += held.Cost;
            Send(turn, held, neighbor, mac);
            HeldFrames.Return(held);
        }
    }

    private void Send(Turn turn, HeldFrame held, Ipv4Address neighbor, MacAddress mac)
    {
        if (!turn.TryRestore(held.Frame, out var made, out var index))
        {
            _station.CountUnsaid(turn.Worker, DropReason.QueueFull);
            return;
        }
        ref var frame = ref made[index];
        if (!_station.LeadsTo(neighbor, DestinationOf(frame), turn.Now))
        {
            if (held.Origin.TakeAgain(turn, made, index, held.Input) is var drop and not DropReason.None)
                _station.CountUnsaid(turn.Worker, drop);
            return;
        }
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
        turn.Send(made, index, _station, held.Input);
    }

    private static Ipv4Address DestinationOf(in Frame frame) =>
        Ipv4Address.Read(frame.HeadBytes[(frame.PacketOffset + Ipv4Header.DestinationOffset)..]);

    /// <summary>A neighbor hasn't answered.</summary>
    private void GiveUp(Turn turn, Ipv4Address neighbor)
    {
        turn.NoteUnsettled(_station);
        for (var left = MostReleased; left > 0 && _held.TryTake(neighbor, out var held); left--)
        {
            _station.CountUnsaid(turn.Worker, DropReason.NeighborUnreachable);
            held.Origin.ReportLost(turn, held.Frame.Contents);
            HeldFrames.Return(held);
        }
    }
}
