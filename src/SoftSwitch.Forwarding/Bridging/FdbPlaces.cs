namespace SoftSwitch.Forwarding.Bridging;

/// <summary>
/// Who gets which place of an <see cref="FdbTable"/>, and who gives one up. Stations that were heard are counted for their slots, and the
/// oldest of a slot goes when it is at its limit. Static stations stand beside that: they count for nobody, and nobody's new station takes
/// their place. Used under the Fdb's lock alone.
/// </summary>
internal sealed class FdbPlaces(FdbTable table)
{
    private const ushort Anybody = 0;
    private const int MostSteps = 3;

    private readonly FdbOwners _owners = new(table.PlaceCount);

    /// <summary>Static stations, with their slots. There is one for a port that has a station for certain.</summary>
    private readonly Dictionary<ulong, ushort> _statics = [];

    /// <summary>Places taken.</summary>
    public int Count => _owners.Total + _statics.Count;

    /// <summary>Places taken by stations that were heard.</summary>
    public int Heard => _owners.Total;

    /// <summary>Stations that gave way to others.</summary>
    public long Evicted { get; private set; }

    public void Reserve(ushort slot) => _owners.Reserve(slot);

    /// <summary>Stations that were heard behind a slot.</summary>
    public int HeardBehind(ushort slot) => _owners.Count(slot);

    /// <summary>Puts a station into an empty place.</summary>
    public void Take(int place, ulong mac, ushort slot, uint stamp, bool isStatic = false)
    {
        table.Stamp(place) = stamp;
        table.Addresses(place) = default;
        table.SetStatic(place, isStatic);
        Volatile.Write(ref table.Word(place), mac << 16 | slot);
        if (isStatic)
            _statics.Add(mac, slot);
        else
            _owners.Add(slot, place);
    }

    public void Remove(int place)
    {
        ref var word = ref table.Word(place);
        if (table.IsStatic(place))
        {
            _statics.Remove(word >> 16);
            table.SetStatic(place, false);
        }
        else
        {
            _owners.Remove((ushort)word, place);
        }
        Volatile.Write(ref word, 0);
    }

    /// <summary>Puts a station that was heard behind another slot, where it stands.</summary>
    public void Move(int place, ushort to)
    {
        ref var word = ref table.Word(place);
        _owners.Remove((ushort)word, place);
        _owners.Add(to, place);
        Volatile.Write(ref word, word >> 16 << 16 | to);
    }

    /// <summary>Removes the oldest station that was heard behind a slot.</summary>
    public void EvictOldest(ushort slot)
    {
        Remove(_owners.Oldest(slot));
        Evicted++;
    }

    /// <summary>The same for the slot with the most.</summary>
    public void EvictOfLargest() => EvictOldest(_owners.Largest());

    /// <summary>Removes every station behind a slot.</summary>
    public void Flush(ushort slot)
    {
        for (var place = _owners.Oldest(slot); place >= 0; place = _owners.Oldest(slot))
            Remove(place);
        foreach (var (mac, _) in _statics.Where(station => station.Value == slot).ToArray())
            Remove(table.Find(mac));
    }

    /// <summary>An empty place for a station that was heard, or -1: both of its buckets are full of others', and none of them has a place
    /// elsewhere.</summary>
    public int Make(ulong mac, ushort slot)
    {
        var hash = table.Hash(mac);
        var first = table.FirstBucket(hash);
        if (FindRoom(first, table.SecondBucket(hash)) is var place and >= 0)
            return place;
        return EvictFrom(first, slot);
    }

    /// <summary>An empty place for a static station, or -1: so many static ones stand in its buckets, and where these could go instead,
    /// that the seed would have to be a very unlucky one.</summary>
    public int MakeForStatic(ulong mac)
    {
        var hash = table.Hash(mac);
        int first = table.FirstBucket(hash), second = table.SecondBucket(hash);
        if (FindRoom(first, second) is var room and >= 0)
            return room;
        for (var steps = 0; steps <= MostSteps; steps++)
        {
            if (Clear(first, steps) is var place and >= 0)
                return place;
            if (Clear(second, steps) is var other and >= 0)
                return other;
        }
        return -1;
    }

    /// <summary>An empty place in a bucket: there is one, a station that was heard gives way (it will be heard again), or a static one
    /// moves to its other bucket, which is cleared for it first; else -1.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="steps">Static stations that may move for it, one for the other.</param>
    private int Clear(int bucket, int steps)
    {
        if (table.EmptyPlace(bucket) is var place and >= 0)
            return place;
        if (EvictFrom(bucket, Anybody) is var freed and >= 0)
            return freed;
        for (var way = 0; steps > 0 && way < FdbTable.Ways; way++)
        {
            var mine = bucket * FdbTable.Ways + way;
            var there = OtherBucket(mine);
            var word = table.Word(mine);
            if (there == bucket || Clear(there, steps - 1) is not (var target and >= 0))
                continue;
            // Clearing the other may have taken it along.
            if (table.Word(mine) == word)
                MoveTo(mine, target);
            if (table.Word(mine) == 0)
                return mine;
        }
        return -1;
    }

    private int FindRoom(int first, int second)
    {
        if (table.EmptyPlace(first) is var place and >= 0)
            return place;
        if (table.EmptyPlace(second) is var other and >= 0)
            return other;
        foreach (var bucket in (ReadOnlySpan<int>)[first, second])
        {
            for (var way = 0; way < FdbTable.Ways; way++)
            {
                if (MoveAway(bucket * FdbTable.Ways + way) is var moved and >= 0)
                    return moved;
            }
        }
        return -1;
    }

    /// <summary>Removes one of a bucket's stations that was heard behind a slot.</summary>
    private int EvictFrom(int bucket, ushort slot)
    {
        for (var way = 0; way < FdbTable.Ways; way++)
        {
            var place = bucket * FdbTable.Ways + way;
            if (table.IsStatic(place) || (slot != Anybody && (ushort)table.Word(place) != slot))
                continue;
            Remove(place);
            Evicted++;
            return place;
        }
        return -1;
    }

    private int OtherBucket(int place)
    {
        var hash = table.Hash(table.Word(place) >> 16);
        var here = place / FdbTable.Ways;
        return table.FirstBucket(hash) == here ? table.SecondBucket(hash) : table.FirstBucket(hash);
    }

    /// <summary>Moves the station in a place to its other bucket, if there is an empty place.</summary>
    private int MoveAway(int place)
    {
        if (table.EmptyPlace(OtherBucket(place)) is not (var target and >= 0))
            return -1;
        MoveTo(place, target);
        return place;
    }

    /// <summary>Moves a station to an empty place. It is written there before it is cleared here, so a reader misses it for a moment at
    /// most.</summary>
    private void MoveTo(int place, int target)
    {
        var word = table.Word(place);
        var isStatic = table.IsStatic(place);
        table.Stamp(target) = table.Stamp(place);
        table.Addresses(target) = table.Addresses(place);
        table.SetStatic(target, isStatic);
        Volatile.Write(ref table.Word(target), word);
        if (isStatic)
        {
            table.SetStatic(place, false);
            Volatile.Write(ref table.Word(place), 0);
        }
        else
        {
            _owners.Add((ushort)word, target);
            Remove(place);
        }
    }
}
