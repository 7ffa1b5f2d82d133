using SoftSwitch.Forwarding.Budgets;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Stations.Neighbors;

/// <summary>
/// The packets of <see cref="HeldFrames"/> by neighbor and by port. What it grows to is bounded there (<see cref="Limits.Held"/>). Used
/// under the lock of those alone.
/// <para>
/// <b>Rounds.</b> The ports stand in a ring, and in each of them a ring of the neighbors that its packets wait for. Who has been looked at
/// goes to the end, and a port that has nothing left to look at leaves the ring: so each step is short, and a round may rest after any.
/// </para>
/// </summary>
internal sealed class HeldIndex
{
    private readonly Dictionary<HeldKey, HeldOfNeighbor> _byNeighbor = [];
    private readonly Dictionary<HeldKey, HeldPair> _pairs = [];
    private readonly Dictionary<Port, HeldOfPort> _byPort = [];
    private readonly Stack<HeldOfNeighbor> _spareOfNeighbors = new();
    private readonly Stack<HeldOfPort> _spareOfPorts = new();
    private readonly Stack<HeldPair> _sparePairs = new();

    /// <summary>The ports that this round has to look at still, and those that it has done with.</summary>
    private LinkedList<HeldOfPort> _ring = new(), _done = new();
    private int _round;

    /// <summary>What waits for a neighbor or is being sent to it; null: nothing.</summary>
    public HeldOfNeighbor? Of(Ipv4Address neighbor) => _byNeighbor.GetValueOrDefault(new(neighbor));

    /// <summary>What waits of a port; null: nothing.</summary>
    public HeldOfPort? Of(Port port) => _byPort.GetValueOrDefault(port);

    public int BytesOf(HeldKey key) => _pairs.TryGetValue(key, out var pair) ? pair.Bytes : 0;

    /// <summary>Asked for only when all together have too much.</summary>
    public HeldOfPort Largest()
    {
        HeldOfPort? largest = null;
        foreach (var share in _byPort.Values)
            largest = largest is null || share.Bytes > largest.Bytes ? share : largest;
        return largest!;
    }

    public void Add(HeldFrame held)
    {
        if (Of(held.Key.Neighbor) is not { } ofNeighbor)
        {
            ofNeighbor = Take(_spareOfNeighbors);
            _byNeighbor.Add(new(held.Key.Neighbor), ofNeighbor);
        }
        if (Of(held.Key.Input!) is not { } ofPort)
        {
            ofPort = Take(_spareOfPorts);
            _byPort.Add(held.Key.Input!, ofPort);
            _done.AddLast(ofPort.Place);
        }
        if (!_pairs.TryGetValue(held.Key, out var pair))
        {
            // It has just been asked for.
            pair = Take(_sparePairs);
            (pair.Key, pair.Round) = (held.Key, _round);
            _pairs.Add(held.Key, pair);
            ofPort.Pairs.AddLast(pair.Place);
        }
        ofNeighbor.Frames.AddLast(held.OfNeighbor);
        ofPort.Frames.AddLast(held.OfPort);
        ofNeighbor.Bytes += held.Cost;
        ofPort.Bytes += held.Cost;
        pair.Bytes += held.Cost;
    }

    public void Remove(HeldFrame held)
    {
        var (ofNeighbor, ofPort, pair) = (Of(held.Key.Neighbor)!, _byPort[held.Key.Input!], _pairs[held.Key]);
        ofNeighbor.Frames.Remove(held.OfNeighbor);
        ofPort.Frames.Remove(held.OfPort);
        ofNeighbor.Bytes -= held.Cost;
        ofPort.Bytes -= held.Cost;
        pair.Bytes -= held.Cost;
        if (pair.Bytes == 0)
        {
            _pairs.Remove(held.Key);
            ofPort.Pairs.Remove(pair.Place);
            pair.Key = default;
            _sparePairs.Push(pair);
        }
        if (ofPort.Frames.Count == 0)
        {
            _byPort.Remove(held.Key.Input!);
            ofPort.Place.List!.Remove(ofPort.Place);
            _spareOfPorts.Push(ofPort);
        }
        if (ofNeighbor is { Frames.Count: 0, Sender: null })
            Forget(held.Key.Neighbor, ofNeighbor);
    }

    /// <summary>Nothing waits for a neighbor any more, and nothing is being sent to it.</summary>
    public void Forget(Ipv4Address neighbor, HeldOfNeighbor share)
    {
        _byNeighbor.Remove(new(neighbor));
        (share.IsDue, share.Before, share.Extensions) = (false, 0, 0);
        _spareOfNeighbors.Push(share);
    }

    /// <summary>Everything is to be looked at again, if the last round is at its end.</summary>
    public void BeginRound()
    {
        if (_ring.Count > 0)
            return;
        (_ring, _done) = (_done, _ring);
        _round++;
    }

    public bool TryNext(out HeldKey waiting)
    {
        waiting = default;
        while (_ring.First is { Value: var port })
        {
            _ring.RemoveFirst();
            var pair = port.Pairs.First!;
            if (pair.Value.Round == _round)
            {
                _done.AddLast(port.Place);
                continue;
            }
            _ring.AddLast(port.Place);
            port.Pairs.RemoveFirst();
            port.Pairs.AddLast(pair);
            pair.Value.Round = _round;
            waiting = pair.Value.Key;
            return true;
        }
        return false;
    }

    private static T Take<T>(Stack<T> spare) where T : new() => spare.TryPop(out var one) ? one : new();
}
