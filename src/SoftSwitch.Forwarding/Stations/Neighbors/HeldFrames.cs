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
/// Any worker may call.
/// <code>
///   of a port, for a neighbor   more is refused                                   Limits.HeldForNeighbor
///   of a port                   then it gives up its own oldest                   Limits.HeldOfPort
///   of all                      then the port with the most gives up its oldest   Limits.Held
/// </code>
/// A port is the one that a packet came in by, so nobody's packets make those of another wait outside. A packet counts as many bytes as it
/// has, and 1,024 at least.
/// <para>
/// <b>Order.</b> A neighbor's packets are sent by one turn at a time: from <see cref="TryBegin"/> till it has transmitted them and says
/// so (<see cref="TryEnd"/>). What another turn has for the neighbor waits till then, or it would overtake packets of its own flow.
/// </para>
/// </summary>
internal sealed class HeldFrames
{
    private const int SmallestCost = 1_024;
    private const long Longest = 4_000;

    private static readonly ObjectPool<HeldFrame> s_frames =
        new DefaultObjectPool<HeldFrame>(new DefaultPooledObjectPolicy<HeldFrame>(), maximumRetained: 1_024);

    private readonly Lock _lock = new();
    private readonly Dictionary<HeldKey, HeldShare> _byNeighbor = [];
    private readonly Dictionary<HeldKey, int> _bytesOf = [];
    private readonly Dictionary<Port, HeldShare> _byPort = [];
    private readonly LinkedList<HeldFrame> _byAge = new();
    private readonly Stack<HeldShare> _spare = new();
    private int _bytes;

    /// <summary>Packets that wait, and neighbors whose packets are being sent.</summary>
    private volatile int _count;

    /// <summary>Some packet waits or is being sent; read without the lock.</summary>
    public bool Any => _count > 0;

    /// <summary>Copies a frame and keeps it; false when there is no room.</summary>
    /// <param name="origin">The packet as it came; null: nobody is to be told about it.</param>
    /// <param name="givenUp">Packets that had to make room for it.</param>
    public bool Keep(Ipv4Address neighbor, in Frame frame, Port input, Origin? origin, Instant now, out int givenUp)
    {
        givenUp = 0;
        var cost = int.Max(frame.Length, SmallestCost);
        HeldKey key = new(neighbor, input);
        lock (_lock)
        {
            var used = _bytesOf.GetValueOrDefault(key);
            if (used + cost > Limits.HeldForNeighbor.Most)
                return false;
            for (; _byPort.TryGetValue(input, out var own) && own.Bytes + cost > Limits.HeldOfPort.Most; givenUp++)
                GiveUp(own);
            for (; _bytes + cost > Limits.Held.Most; givenUp++)
                GiveUp(Largest());
            var held = s_frames.Get();
            held.Frame.Keep(frame);
            held.Origin.Forget();
            origin?.CopyTo(held.Origin);
            (held.Key, held.Cost, held.Since) = (key, cost, now.Milliseconds);
            Add(held);
            return true;
        }
    }

    /// <summary>Something waits for a neighbor.</summary>
    public bool IsWaitedFor(Ipv4Address neighbor)
    {
        if (_count == 0)
            return false;
        lock (_lock)
            return _byNeighbor.TryGetValue(new(neighbor), out var share) && share.Frames.Count > 0;
    }

    /// <summary>A turn begins to send what waits for a neighbor, if anything does.</summary>
    /// <param name="isNew">It has to end that.</param>
    /// <returns>False while another turn does so.</returns>
    public bool TryBegin(Ipv4Address neighbor, Turn turn, out bool isNew)
    {
        isNew = false;
        if (_count == 0)
            return true;
        lock (_lock)
        {
            if (!_byNeighbor.TryGetValue(new(neighbor), out var share))
                return true;
            isNew = share.Sender is null;
            if (isNew)
            {
                share.Sender = turn;
                _count++;
            }
            return share.Sender == turn;
        }
    }

    /// <summary>A turn has transmitted what it took for a neighbor.</summary>
    /// <param name="leavesRest">It ends also when something waits.</param>
    /// <returns>False when more has come, for which it goes on.</returns>
    public bool TryEnd(Ipv4Address neighbor, bool leavesRest)
    {
        lock (_lock)
        {
            HeldKey key = new(neighbor);
            var share = _byNeighbor[key];
            if (share.Frames.Count > 0 && !leavesRest)
                return false;
            share.Sender = null;
            _count--;
            if (share.Frames.Count == 0)
            {
                _byNeighbor.Remove(key);
                _spare.Push(share);
            }
            return true;
        }
    }

    /// <summary>Takes the oldest packet that waits for a neighbor; give it back with <see cref="Return"/>.</summary>
    public bool TryTake(Ipv4Address neighbor, out HeldFrame held)
    {
        held = null!;
        if (_count == 0)
            return false;
        lock (_lock)
        {
            if (!_byNeighbor.TryGetValue(new(neighbor), out var share) || share.Frames.First is not { } oldest)
                return false;
            held = oldest.Value;
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
        held.Key = default;
        held.Frame.Shrink();
        s_frames.Return(held);
    }

    /// <summary>The neighbors that something waits for, each with every port whose packets do.</summary>
    public IReadOnlyList<HeldKey> Waiting()
    {
        if (_count == 0)
            return [];
        lock (_lock)
            return Rounds.Of(_bytesOf.Keys, key => key.Input!);
    }

    private void Add(HeldFrame held)
    {
        var (ofNeighbor, ofPort) = (ShareOf(_byNeighbor, new(held.Key.Neighbor)), ShareOf(_byPort, held.Key.Input!));
        ofNeighbor.Frames.AddLast(held.OfNeighbor);
        ofPort.Frames.AddLast(held.OfPort);
        _byAge.AddLast(held.ByAge);
        ofNeighbor.Bytes += held.Cost;
        ofPort.Bytes += held.Cost;
        _bytesOf[held.Key] = _bytesOf.GetValueOrDefault(held.Key) + held.Cost;
        _bytes += held.Cost;
        _count++;
    }

    private void Remove(HeldFrame held)
    {
        Remove(_byNeighbor, new(held.Key.Neighbor), held.OfNeighbor);
        Remove(_byPort, held.Key.Input!, held.OfPort);
        _byAge.Remove(held.ByAge);
        var left = _bytesOf[held.Key] - held.Cost;
        if (left == 0)
            _bytesOf.Remove(held.Key);
        else
            _bytesOf[held.Key] = left;
        _bytes -= held.Cost;
        _count--;
    }

    /// <summary>Asked for only when all together have too much.</summary>
    private HeldShare Largest()
    {
        HeldShare? largest = null;
        foreach (var share in _byPort.Values)
            largest = largest is null || share.Bytes > largest.Bytes ? share : largest;
        return largest!;
    }

    private void GiveUp(HeldShare share)
    {
        var oldest = share.Frames.First!.Value;
        Remove(oldest);
        Return(oldest);
    }

    private HeldShare ShareOf<TKey>(Dictionary<TKey, HeldShare> shares, TKey key) where TKey : notnull
    {
        if (shares.TryGetValue(key, out var share))
            return share;
        share = _spare.TryPop(out var spare) ? spare : new();
        shares.Add(key, share);
        return share;
    }

    private void Remove<TKey>(Dictionary<TKey, HeldShare> shares, TKey key, LinkedListNode<HeldFrame> node) where TKey : notnull
    {
        var share = shares[key];
        share.Frames.Remove(node);
        share.Bytes -= node.Value.Cost;
        if (share.Frames.Count > 0 || share.Sender is not null)
            return;
        shares.Remove(key);
        _spare.Push(share);
    }
}
