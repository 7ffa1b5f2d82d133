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
/// <see cref="SetStatic">static</see> station (IEEE 802.1Q, 8.8.1) doesn't age, nobody else can claim its address, and no number of other
/// stations pushes it out. Whether a station that was heard may move to another port, <see cref="StationMoves"/> decides.
/// </summary>
public sealed partial class Fdb
{
    /// <summary>Stations of a network unless said otherwise.</summary>
    public const int DefaultCapacity = Limits.StationCapacity;

    /// <summary>A station that can be asked is remembered so many times as long as it counts: who brings it elsewhere is contested,
    /// though it was silent.</summary>
    private const uint AgeingsRemembered = 8;

    /// <summary>Buckets that are swept before others may learn.</summary>
    private const int SweptAtOnce = 64;

    private readonly FdbTable _table;
    private readonly FdbPlaces _places;
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
        _places = new(_table);
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
    public int Count => _places.Count;

    /// <summary>Stations that gave way to newer ones at a limit.</summary>
    public long Evicted => _places.Evicted;

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
        return word >> 16 == mac && (Age(place, now) <= _ageing || _table.IsStatic(place)) ? (ushort)word : (ushort)0;
    }

    /// <summary>Notes that a station was heard behind a slot, if it is new or known there.</summary>
    /// <param name="mac">The station's address, in the low 48 bits; a unicast address.</param>
    /// <returns>False when it is known behind another slot.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Learn(ulong mac, ushort slot, Instant now) => Refresh(mac, slot, now) || LearnSlowly(mac, slot, now);

    /// <summary>Puts a station behind a slot for as long as the slot isn't flushed, wherever it was.</summary>
    public void SetStatic(MacAddress mac, ushort slot)
    {
        lock (_writing)
        {
            var place = _table.Find(mac.Value);
            if (place >= 0 && _table.IsStatic(place) && (ushort)_table.Word(place) == slot)
                return;
            if (place >= 0)
                _places.Remove(place);
            place = _places.MakeForStatic(mac.Value);
            if (place >= 0)
                _places.Take(place, mac.Value, slot, 0, isStatic: true);
        }
    }

    /// <summary>Forgets a station that was heard.</summary>
    public void Forget(MacAddress mac)
    {
        lock (_writing)
        {
            if (_table.Find(mac.Value) is var place and >= 0 && !_table.IsStatic(place))
                _places.Remove(place);
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
        // A stamp only goes forward.
        ref var stamp = ref _table.Stamp(place);
        if ((int)(now.Seconds - stamp) > 0)
            stamp = now.Seconds;
        return true;
    }

    /// <summary>Makes room for slots up to <paramref name="slot"/>. Called before a port with that slot learns.</summary>
    internal void Reserve(ushort slot)
    {
        lock (_writing)
            _places.Reserve(slot);
    }

    /// <summary>Forgets every station behind a slot.</summary>
    public void Flush(ushort slot)
    {
        lock (_writing)
            _places.Flush(slot);
    }

    /// <summary>Forgets the silent stations of the next <paramref name="buckets"/> buckets.</summary>
    public void Sweep(Instant now, int buckets)
    {
        for (var left = int.Min(buckets, _table.BucketCount); left > 0; left -= SweptAtOnce)
        {
            // Workers that learn wait for it.
            lock (_writing)
            {
                // A table that nobody was heard for has pages that no memory stands behind yet: to read them would take it.
                if (_places.Heard == 0)
                    return;
                for (var i = int.Min(left, SweptAtOnce); i > 0; i--)
                    SweepNext(now);
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
            if (word == 0 || IsForgotten(place, now))
                continue;
            var isStatic = _table.IsStatic(place);
            entries.Add(new(new MacAddress(word >> 16), (ushort)word, isStatic ? 0 : Age(place, now), isStatic));
        }
    }

    /// <summary>Seconds; 0 for a stamp from a worker whose turn began later than ours.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint Age(int place, Instant now)
    {
        var age = now.Seconds - _table.Stamp(place);
        return (int)age < 0 ? 0 : age;
    }

    private void SweepNext(Instant now)
    {
        for (var way = 0; way < FdbTable.Ways; way++)
        {
            var place = _sweepAt * FdbTable.Ways + way;
            if (_table.Word(place) != 0 && IsForgotten(place, now)
                && (!_table.Addresses(place).Any || Age(place, now) > (ulong)_ageing * AgeingsRemembered))
                _places.Remove(place);
        }
        _sweepAt = _sweepAt + 1 == _table.BucketCount ? 0 : _sweepAt + 1;
    }

    private bool IsForgotten(int place, Instant now) => Age(place, now) > _ageing && !_table.IsStatic(place);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool LearnSlowly(ulong mac, ushort slot, Instant now)
    {
        lock (_writing)
        {
            var place = _table.Find(mac);
            if (place >= 0)
            {
                if ((ushort)_table.Word(place) == slot)
                    return true;
                if (!IsForgotten(place, now))
                    return false;
                MoveTo(place, slot, now);
                return true;
            }
            MakeRoom(slot);
            place = _places.Make(mac, slot);
            if (place < 0)
                Refused++;
            else
                _places.Take(place, mac, slot, now.Seconds);
            return true;
        }
    }

    private void MoveTo(int place, ushort slot, Instant now)
    {
        if (_places.HeardBehind(slot) >= PortCapacity)
            _places.EvictOldest(slot);
        _places.Move(place, slot);
        _table.Stamp(place) = now.Seconds;
        Moved++;
    }

    private void MakeRoom(ushort slot)
    {
        if (_places.HeardBehind(slot) >= PortCapacity)
            _places.EvictOldest(slot);
        else if (_places.Heard >= Capacity)
            _places.EvictOfLargest();
    }
}
