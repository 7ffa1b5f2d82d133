using Microsoft.Extensions.ObjectPool;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Budgets;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Stations.Neighbors;

/// <summary>
/// Packets that wait for a neighbor's address (RFC 1122, 2.3.2.2), in the order they came. What waits longer than asking takes is given up.
/// Where it is the way to a destination that they wait for, the destination stands for the neighbor. Any worker may call.
/// <code>
///   of a port, for a neighbor   more is refused                                   Limits.HeldForNeighbor
///   of a port                   then it gives up its own oldest                   Limits.HeldOfPort
///   of all                      then the port with the most gives up its oldest   Limits.Held
/// </code>
/// A port is the one that a packet came in by, so nobody's packets make those of another wait outside. A packet counts as many bytes as it
/// has, and 1,024 at least.
/// <para>
/// <b>Order.</b> A neighbor's packets are sent by one turn at a time, which has nothing else to do: from <see cref="TryBegin"/> till it has
/// transmitted them and says so (<see cref="End"/>). What others have for the neighbor waits till then, or it would overtake packets of its
/// own flow. Nobody's turn sends what another brought: whoever floods would hold it up behind his flood.
/// </para>
/// </summary>
internal sealed class HeldFrames
{
    private const int SmallestCost = 1_024;
    private const long Longest = 4_000;

    /// <summary>Turns that go to what comes while a neighbor's packets are sent. Then it is left to who brings more, or to a tick: a worker
    /// that brings more and more must not hold another for ever.</summary>
    private const int MostExtensions = 4;

    private static readonly ObjectPool<HeldFrame> s_frames =
        new DefaultObjectPool<HeldFrame>(new DefaultPooledObjectPolicy<HeldFrame>(), maximumRetained: 1_024);

    private readonly Lock _lock = new();
    private readonly HeldIndex _index = new();
    private readonly LinkedList<HeldFrame> _byAge = new();
    private readonly Queue<Ipv4Address> _due = new();
    private readonly Dictionary<Turn, Ipv4Address> _sending = [];
    private int _bytes;

    /// <summary>Packets that wait, and neighbors whose packets are being sent.</summary>
    private volatile int _count;

    /// <summary>Copies a frame and keeps it; false when there is no room.</summary>
    /// <param name="input">The place of the port that it came in by.</param>
    /// <param name="origin">The packet as it came; null: nobody is to be told about it.</param>
    /// <param name="givenUp">Packets that had to make room for it.</param>
    public bool Keep(
        Ipv4Address neighbor, in Frame frame, Membership input, Origin? origin, Instant now, out int givenUp)
    {
        givenUp = 0;
        var cost = int.Max(frame.Length, SmallestCost);
        HeldKey key = new(neighbor, input.Port);
        lock (_lock)
        {
            if (_index.BytesOf(key) + cost > Limits.HeldForNeighbor.Most)
                return false;
            for (; _index.Of(input.Port) is { } own && own.Bytes + cost > Limits.HeldOfPort.Most; givenUp++)
                GiveUp(own);
            for (; _bytes + cost > Limits.Held.Most; givenUp++)
                GiveUp(_index.Largest());
            var held = s_frames.Get();
            held.Frame.Keep(frame);
            held.Origin.Forget();
            origin?.CopyTo(held.Origin);
            (held.Key, held.Input, held.Cost, held.Since) = (key, input, cost, now.Milliseconds);
            _index.Add(held);
            _byAge.AddLast(held.ByAge);
            _bytes += cost;
            _count++;
            return true;
        }
    }

    /// <summary>Something of a port waits for a neighbor.</summary>
    public bool Waits(Ipv4Address neighbor, Port input)
    {
        if (_count == 0)
            return false;
        lock (_lock)
            return _index.BytesOf(new(neighbor, input)) > 0;
    }

    /// <summary>Something waits for a neighbor, or is being sent to it: what comes now has to wait as well. What the very turn has for it
    /// that sends is itself the next.</summary>
    public bool IsWaitedFor(Ipv4Address neighbor, Turn turn)
    {
        if (_count == 0)
            return false;
        lock (_lock)
            return _index.Of(neighbor) is { } share && share.Sender != turn;
    }

    /// <summary>What waits for a neighbor need not any more.</summary>
    /// <returns>True: it needs a turn of its own. False: nothing waits, or there will be one without that.</returns>
    public bool TryCall(Ipv4Address neighbor)
    {
        if (_count == 0)
            return false;
        lock (_lock)
            return _index.Of(neighbor) is { Sender: null, IsDue: false, Frames.Count: > 0 } share && Call(neighbor, share);
    }

    /// <summary>A turn begins with what waits for the next neighbor in line.</summary>
    /// <returns>False: nobody stands in line.</returns>
    public bool TryBegin(Turn turn, out Ipv4Address neighbor)
    {
        lock (_lock)
        {
            while (_due.TryDequeue(out neighbor))
            {
                if (_index.Of(neighbor) is not { IsDue: true } share)
                    continue;
                share.IsDue = false;
                if (share.Before <= 0)
                    share.Before = share.Frames.Count;
                share.Sender = turn;
                _sending[turn] = neighbor;
                _count++;
                return true;
            }
            return false;
        }
    }

    /// <summary>A turn has transmitted what it took for its neighbor.</summary>
    /// <param name="leavesRest">What still waits can't be sent yet.</param>
    /// <returns>True: there is more, which needs another turn.</returns>
    public bool End(Turn turn, bool leavesRest = false)
    {
        lock (_lock)
        {
            if (!_sending.Remove(turn, out var neighbor))
                return false;
            var share = _index.Of(neighbor)!;
            share.Sender = null;
            _count--;
            if (share.Frames.Count == 0)
            {
                _index.Forget(neighbor, share);
                return false;
            }
            if (!leavesRest && (share.Before > 0 || ++share.Extensions <= MostExtensions))
                return Call(neighbor, share);
            (share.Before, share.Extensions) = (0, 0);
            return false;
        }
    }

    /// <summary>Takes the oldest packet that waits for a neighbor; give it back with <see cref="Return"/>.</summary>
    public bool TryTake(Ipv4Address neighbor, out HeldFrame held)
    {
        lock (_lock)
        {
            var share = _index.Of(neighbor);
            held = share?.Frames.First?.Value!;
            if (held is null)
                return false;
            share!.Before--;
            Remove(held);
            return true;
        }
    }

    /// <summary>Takes a packet that has waited too long; give it back with <see cref="Return"/>.</summary>
    public bool TryTakeExpired(Instant now, out HeldFrame held)
    {
        held = null!;
        if (_count == 0)
            return false;
        lock (_lock)
        {
            if (_byAge.First?.Value is not { } oldest || now.Milliseconds - oldest.Since < Longest)
                return false;
            held = oldest;
            Remove(held);
            return true;
        }
    }

    public static void Return(HeldFrame held)
    {
        held.Origin.Forget();
        (held.Key, held.Input) = (default, null);
        held.Frame.Shrink();
        s_frames.Return(held);
    }

    /// <summary>Everything that waits is to be looked at again, if the last round is at its end.</summary>
    public void BeginRound()
    {
        lock (_lock)
            _index.BeginRound();
    }

    /// <summary>The next in this round: a port, and a neighbor that packets of its wait for. One of each port, then the next of each: who
    /// waits for most comes last.</summary>
    public bool TryNext(out HeldKey waiting)
    {
        waiting = default;
        if (_count == 0)
            return false;
        lock (_lock)
            return _index.TryNext(out waiting);
    }

    private bool Call(Ipv4Address neighbor, HeldOfNeighbor share)
    {
        share.IsDue = true;
        _due.Enqueue(neighbor);
        return true;
    }

    private void GiveUp(HeldShare share)
    {
        var oldest = share.Frames.First!.Value;
        Remove(oldest);
        Return(oldest);
    }

    private void Remove(HeldFrame held)
    {
        _index.Remove(held);
        _byAge.Remove(held.ByAge);
        _bytes -= held.Cost;
        _count--;
    }
}
