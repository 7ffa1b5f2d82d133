using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using SoftSwitch.Forwarding.Memory;
using SoftSwitch.Forwarding.Ports;

namespace SoftSwitch.Forwarding.Stations.Neighbors;

/// <summary>
/// The places of a <see cref="Ipv4NeighborTable"/>: which neighbor has which, and which port has made us look for it.
/// <code>
///   index    [ number + 1 ] x 2 * Capacity, by a hash of the address; who finds his taken, takes the next
///   entries  [ NeighborEntry ] x Capacity, by number; the lowest numbers first
/// </code>
/// The hash is seeded with secrets: choosing addresses doesn't choose places, and a lookup looks at one or two. A full table takes from the
/// port with the most: first a neighbor that was never found, the oldest; then the one that was confirmed least lately. Where that is the
/// port which wants one more, it gives up none that still works, but is refused.
/// <para>
/// <b>Reading</b> takes no lock: an entry's version is odd while it is written, and is read before and after. A reader may miss an entry
/// while another is removed; who looks again under the lock finds it. All that changes something is called under the table's lock.
/// </para>
/// </summary>
internal sealed unsafe class NeighborPlaces
{
    private const int None = -1;

    private readonly NativeTable _entryMemory;
    private readonly NativeTable _indexMemory;
    private readonly NeighborEntry* _entries;
    private readonly int* _index;
    private readonly int _mask;
    private readonly int _shift;
    private readonly ulong _seed;
    private readonly ulong _multiplier;
    private readonly int _capacity;
    private readonly Stack<int> _free = [];
    private readonly Dictionary<Port, NeighborShare> _shares = [];
    private readonly Stack<NeighborShare> _spare = [];
    private NeighborLink[] _links = new NeighborLink[16];
    private NeighborShare? _largest;
    private volatile int _used;
    private int _count;

    public NeighborPlaces(int capacity)
    {
        _capacity = capacity;
        var index = (int)BitOperations.RoundUpToPowerOf2(2 * (uint)capacity);
        (_mask, _shift) = (index - 1, 64 - BitOperations.Log2((uint)index));
        _entryMemory = new((long)capacity * sizeof(NeighborEntry));
        _indexMemory = new((long)index * sizeof(int));
        _entries = (NeighborEntry*)_entryMemory.Start;
        _index = (int*)_indexMemory.Start;
        Span<ulong> secrets = stackalloc ulong[2];
        RandomNumberGenerator.Fill(MemoryMarshal.AsBytes(secrets));
        (_seed, _multiplier) = (secrets[0], secrets[1] | 1);
    }

    /// <summary>Numbers are lower than this.</summary>
    public int Used => _used;

    /// <summary>The number of a neighbor, or -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Find(uint address)
    {
        for (var at = Home(address); ; at = (at + 1) & _mask)
        {
            var number = Volatile.Read(ref _index[at]) - 1;
            if (number < 0 || _entries[number].Address == address)
                return number;
        }
    }

    /// <summary>A whole entry, as it was at one moment; an empty one when it is being written.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public NeighborEntry Read(int number)
    {
        ref var entry = ref _entries[number];
        var version = Volatile.Read(ref entry.Version);
        var copy = entry;
        Volatile.ReadBarrier();
        return (version & 1) == 0 && version == Volatile.Read(ref entry.Version) ? copy : default;
    }

    /// <summary>The entry of a neighbor; an empty one when there is none, or when it is being written.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public NeighborEntry ReadOf(uint address)
    {
        var number = Find(address);
        return number < 0 ? default : Read(number);
    }

    /// <summary>One must go before another can come.</summary>
    public bool IsFull => _count == _capacity;

    /// <summary>The place that is to be given up for one more neighbor.</summary>
    /// <param name="by">The port that wants it.</param>
    /// <param name="confirmedSince">What was confirmed since then still works.</param>
    /// <returns>Its number; -1 when the port itself has the most, and all of its own work.</returns>
    public int Least(Port by, long confirmedSince)
    {
        var largest = Largest();
        if (largest.Unknown.Oldest is var unknown and not None)
            return unknown;
        var known = largest.Known.Oldest;
        return largest.Port != by || _entries[known].Confirmed < confirmedSince ? known : None;
    }

    /// <summary>Makes a place for a neighbor that has none; there is one left.</summary>
    /// <param name="by">The port that it counts for.</param>
    /// <returns>Its number.</returns>
    public int Add(uint address, Port by)
    {
        if (!_free.TryPop(out var number))
            number = _used;
        if (number == _links.Length)
            Array.Resize(ref _links, 2 * number);
        Write(number, new() { Address = address });
        _used = int.Max(_used, number + 1);
        if (!_shares.TryGetValue(by, out var share))
        {
            share = _spare.TryPop(out var spare) ? spare : new();
            share.Port = by;
            _shares.Add(by, share);
        }
        share.Count++;
        if (share.Count > (_largest?.Count ?? 0))
            _largest = share;
        _count++;
        Append(number, share, isKnown: false);
        var at = Home(address);
        while (_index[at] != 0)
            at = (at + 1) & _mask;
        Volatile.Write(ref _index[at], number + 1);
        return number;
    }

    /// <summary>The port that a neighbor counts for.</summary>
    public Port? PortOf(int number) => _links[number].Share?.Port;

    /// <summary>Changes an entry, but for its address.</summary>
    public void Set(int number, in NeighborEntry entry)
    {
        var (isKnown, isConfirmed) = (entry.Mac != 0, entry.Confirmed != _entries[number].Confirmed);
        Write(number, entry);
        if (!isConfirmed && isKnown == _links[number].IsKnown)
            return;
        var share = Unlink(number);
        Append(number, share, isKnown);
    }

    public void Remove(int number)
    {
        RemoveFromIndex(_entries[number].Address);
        Write(number, default);
        var share = Unlink(number);
        _links[number] = default;
        _free.Push(number);
        _count--;
        if (--share.Count > 0)
            return;
        _shares.Remove(share.Port!);
        share.Port = null;
        _spare.Push(share);
        if (_largest == share)
            _largest = null;
    }

    private NeighborShare Largest()
    {
        // Who has half of all has the most.
        if (_largest is not null && 2 * _largest.Count >= _count)
            return _largest;
        foreach (var share in _shares.Values)
            _largest = _largest is null || share.Count > _largest.Count ? share : _largest;
        return _largest!;
    }

    private void Append(int number, NeighborShare share, bool isKnown)
    {
        var (oldest, newest) = isKnown ? share.Known : share.Unknown;
        _links[number] = new() { Share = share, IsKnown = isKnown, Older = newest, Newer = None };
        if (newest != None)
            _links[newest].Newer = number;
        SetEnds(share, isKnown, (oldest == None ? number : oldest, number));
    }

    private NeighborShare Unlink(int number)
    {
        var link = _links[number];
        var (oldest, newest) = link.IsKnown ? link.Share!.Known : link.Share!.Unknown;
        if (link.Older != None)
            _links[link.Older].Newer = link.Newer;
        if (link.Newer != None)
            _links[link.Newer].Older = link.Older;
        SetEnds(link.Share, link.IsKnown, (oldest == number ? link.Newer : oldest, newest == number ? link.Older : newest));
        return link.Share;
    }

    private static void SetEnds(NeighborShare share, bool isKnown, (int Oldest, int Newest) ends)
    {
        if (isKnown)
            share.Known = ends;
        else
            share.Unknown = ends;
    }

    /// <summary>Those behind it that would not be found any more move up. Each is written in its new place before it leaves its
    /// old one.</summary>
    private void RemoveFromIndex(uint address)
    {
        var hole = Home(address);
        while (_entries[_index[hole] - 1].Address != address)
            hole = (hole + 1) & _mask;
        for (var next = (hole + 1) & _mask; _index[next] != 0; next = (next + 1) & _mask)
        {
            var home = Home(_entries[_index[next] - 1].Address);
            if (((next - home) & _mask) < ((next - hole) & _mask))
                continue;
            Volatile.Write(ref _index[hole], _index[next]);
            hole = next;
        }
        Volatile.Write(ref _index[hole], 0);
    }

    private void Write(int number, NeighborEntry value)
    {
        ref var entry = ref _entries[number];
        var version = entry.Version;
        Volatile.Write(ref entry.Version, version + 1);
        Volatile.WriteBarrier();
        value.Version = version + 1;
        entry = value;
        Volatile.Write(ref entry.Version, version + 2);
    }

    // SAFETY: shifted to the size of the index, a power of two.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Home(uint address) => (int)((address ^ _seed) * _multiplier >> _shift);
}
