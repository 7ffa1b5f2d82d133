using System.Runtime.CompilerServices;
using SoftSwitch.Forwarding.Budgets;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Bridging;

/// <summary>
/// The forwarding database of one network (IEEE 802.1Q, 8.8): which station was last heard at which port.
/// <para>
/// <b>Reading</b> takes no lock: <see cref="Lookup"/> reads one 64-bit word a station. <b>Learning</b> a station where it is already known
/// writes its stamp, once a second at most. Only a new or a moved station takes the lock.
/// </para>
/// <para>
/// <b>Limits.</b> The table holds <see cref="Capacity"/> stations, one port at most <see cref="PortCapacity"/> of them. A port at its limit
/// gives up its own oldest station for a new one; a full table takes from the port with the most, so that a port which forges addresses
/// never pushes out a station of a port that holds fewer. Should both buckets of a station be full, another station there is moved to its
/// other bucket; where that fails too, only a station of the same port gives way, else the new one is refused. Everything is counted.
/// </para>
/// Ageing is exact for lookups, and lazy for memory: <see cref="Sweep"/> takes a few buckets at a time. A
/// <see cref="SetStatic">static</see> station (IEEE 802.1Q, 8.8.1) is one whose stamp is a moment that no clock reaches: it doesn't age,
/// and nobody else can claim its address.
/// </summary>
public sealed class Fdb
{
    /// <summary>Stations of a network unless said otherwise.</summary>
    public const int DefaultCapacity = Limits.StationCapacity;

    /// <summary>The stamp of a static station: 34 years after the clock's start. No clock gets there, so the station never ages, and
    /// hearing it never makes the stamp newer.</summary>
    private const uint StaticStamp = 1u << 30;

    private readonly FdbTable _table;
    private readonly FdbOwners _owners;
    private readonly Lock _writing = new();
    private volatile uint _ageing;
    private int _sweepAt;

    /// <param name="ageing">How long a silent station is remembered; whole seconds count.</param>
    /// <param name="capacity">Stations at most.</param>
    public Fdb(TimeSpan ageing, int capacity = DefaultCapacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 2);
        Ageing = ageing;
        Capacity = capacity;
        PortCapacity = capacity / (Limits.Stations.Most / Limits.StationsOfPort.Most);
        _table = new(capacity);
        _owners = new(_table.PlaceCount);
    }

    /// <summary>How long a silent station is remembered; whole seconds count. It may change while workers read.</summary>
    public TimeSpan Ageing
    {
        get => TimeSpan.FromSeconds(_ageing);
        set => _ageing = (uint)value.TotalSeconds;
    }

    public int Capacity { get; }

    /// <summary>Stations of one port at most.</summary>
    public int PortCapacity { get; }

    /// <summary>Stations in the table, those included that have aged out but were not swept yet.</summary>
    public int Count => _owners.Total;

    /// <summary>Stations that gave way to newer ones at a limit.</summary>
    public long Evicted { get; private set; }

    /// <summary>Stations that were not learnt because no place could be made.</summary>
    public long Refused { get; private set; }

    /// <summary>Stations that were heard at another port than before.</summary>
    public long Moved { get; private set; }

    /// <summary>Brings the place where a station would be into the cache.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(ulong mac) => _table.Prefetch(_table.Hash(mac));

    /// <summary>The slot that a station is behind, or 0 when it isn't known.</summary>
    /// <param name="mac">The station's address, in the low 48 bits.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ushort Lookup(ulong mac, Instant now)
    {
        var place = _table.Find(mac);
        if (place < 0)
            return 0;
        // The place may have changed hands since it was found: the word says whose it is.
        var word = Volatile.Read(ref _table.Word(place));
        return word >> 16 == mac && Age(place, now) <= _ageing ? (ushort)word : (ushort)0;
    }

    /// <summary>Notes that a station was heard behind a slot.</summary>
    /// <param name="mac">The station's address, in the low 48 bits; a unicast address.</param>
    /// <returns>False when the address belongs to a static station elsewhere: the sender is not that station.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Learn(ulong mac, ushort slot, Instant now) => Refresh(mac, slot, now) || LearnSlowly(mac, slot, now);

    /// <summary>Puts a station behind a slot for as long as the slot isn't flushed.</summary>
    public void SetStatic(MacAddress mac, ushort slot)
    {
        lock (_writing)
        {
            var place = _table.Find(mac.Value);
            if (place >= 0)
                Remove(place);
            place = MakePlace(mac.Value, slot);
            if (place < 0)
            {
                // Both of its buckets are full of others' stations, which will be heard again.
                place = _table.FirstBucket(_table.Hash(mac.Value)) * FdbTable.Ways;
                Remove(place);
                Evicted++;
            }
            Take(place, mac.Value, slot, StaticStamp);
        }
    }

    /// <summary>Notes that a station was heard where it is known already; false when it is new there.</summary>
    /// <param name="mac">The station's address, in the low 48 bits; a unicast address.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Refresh(ulong mac, ushort slot, Instant now)
    {
        var place = _table.Find(mac);
        if (place < 0 || _table.Word(place) != (mac << 16 | slot))
            return false;
        // A stamp only goes forward, and a static station's is far ahead.
        ref var stamp = ref _table.Stamp(place);
        if ((int)(now.Seconds - stamp) > 0)
            stamp = now.Seconds;
        return true;
    }

    /// <summary>Makes room for slots up to <paramref name="slot"/>. Called before a port with that slot learns.</summary>
    internal void Reserve(ushort slot)
    {
        lock (_writing)
            _owners.Reserve(slot);
    }

    /// <summary>Forgets every station behind a slot.</summary>
    public void Flush(ushort slot)
    {
        lock (_writing)
        {
            for (var place = _owners.Oldest(slot); place >= 0; place = _owners.Oldest(slot))
                Remove(place);
        }
    }

    /// <summary>Forgets the silent stations of the next <paramref name="buckets"/> buckets.</summary>
    public void Sweep(Instant now, int buckets)
    {
        lock (_writing)
        {
            for (var i = 0; i < int.Min(buckets, _table.BucketCount); i++)
            {
                for (var way = 0; way < FdbTable.Ways; way++)
                {
                    var place = _sweepAt * FdbTable.Ways + way;
                    if (_table.Word(place) != 0 && Age(place, now) > _ageing)
                        Remove(place);
                }
                _sweepAt = _sweepAt + 1 == _table.BucketCount ? 0 : _sweepAt + 1;
            }
        }
    }

    /// <summary>Buckets there are, to plan a sweep by.</summary>
    public int BucketCount => _table.BucketCount;

    /// <summary>Adds the stations to a list. Stations that move while this reads may be missed or seen twice.</summary>
    public void CopyTo(ICollection<FdbEntry> entries, Instant now)
    {
        for (var place = 0; place < _table.PlaceCount; place++)
        {
            var word = Volatile.Read(ref _table.Word(place));
            if (word != 0 && Age(place, now) is var age && age <= _ageing)
                entries.Add(new(new MacAddress(word >> 16), (ushort)word, age, IsStatic(place)));
        }
    }

    /// <summary>Seconds; 0 for a stamp from a worker whose turn began later than ours.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint Age(int place, Instant now)
    {
        var age = now.Seconds - _table.Stamp(place);
        return (int)age < 0 ? 0 : age;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool LearnSlowly(ulong mac, ushort slot, Instant now)
    {
        lock (_writing)
        {
            var place = _table.Find(mac);
            if (place >= 0)
            {
                var before = (ushort)_table.Word(place);
                if (before != slot)
                {
                    if (IsStatic(place))
                        return false;
                    if (_owners.Count(slot) >= PortCapacity)
                        Evict(slot);
                    _owners.Remove(before, place);
                    _owners.Add(slot, place);
                    Volatile.Write(ref _table.Word(place), mac << 16 | slot);
                    Moved++;
                }
                if (!IsStatic(place))
                    _table.Stamp(place) = now.Seconds;
                return true;
            }

            if (_owners.Count(slot) >= PortCapacity)
                Evict(slot);
            else if (_owners.Total >= Capacity)
                Evict(_owners.Largest());

            place = MakePlace(mac, slot);
            if (place < 0)
            {
                Refused++;
                return true;
            }
            Take(place, mac, slot, now.Seconds);
            return true;
        }
    }

    private void Take(int place, ulong mac, ushort slot, uint stamp)
    {
        _table.Stamp(place) = stamp;
        Volatile.Write(ref _table.Word(place), mac << 16 | slot);
        _owners.Add(slot, place);
    }

    private bool IsStatic(int place) => _table.Stamp(place) == StaticStamp;

    private void Evict(ushort slot)
    {
        Remove(_owners.Oldest(slot));
        Evicted++;
    }

    private void Remove(int place)
    {
        ref var word = ref _table.Word(place);
        _owners.Remove((ushort)word, place);
        Volatile.Write(ref word, 0);
    }

    private int MakePlace(ulong mac, ushort slot)
    {
        var hash = _table.Hash(mac);
        int first = _table.FirstBucket(hash), second = _table.SecondBucket(hash);
        if (_table.EmptyPlace(first) is var place and >= 0)
            return place;
        if (_table.EmptyPlace(second) is var other and >= 0)
            return other;
        for (var way = 0; way < FdbTable.Ways; way++)
        {
            if (MoveAway(first * FdbTable.Ways + way) is var moved and >= 0)
                return moved;
        }
        for (var way = 0; way < FdbTable.Ways; way++)
        {
            var candidate = first * FdbTable.Ways + way;
            if ((ushort)_table.Word(candidate) == slot && !IsStatic(candidate))
            {
                Remove(candidate);
                Evicted++;
                return candidate;
            }
        }
        return -1;
    }

    /// <summary>Moves the station in a place to its other bucket. It is written there before it is cleared here, so a reader misses it for
    /// a moment at most.</summary>
    private int MoveAway(int place)
    {
        var word = _table.Word(place);
        var hash = _table.Hash(word >> 16);
        var here = place / FdbTable.Ways;
        var there = _table.FirstBucket(hash) == here ? _table.SecondBucket(hash) : _table.FirstBucket(hash);
        var target = _table.EmptyPlace(there);
        if (target < 0)
            return -1;
        _table.Stamp(target) = _table.Stamp(place);
        Volatile.Write(ref _table.Word(target), word);
        _owners.Add((ushort)word, target);
        Remove(place);
        return place;
    }
}
