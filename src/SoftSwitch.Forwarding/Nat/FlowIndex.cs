using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using SoftSwitch.Forwarding.Memory;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>
/// From what a packet says to the flows that it may belong to: buckets of one cache line, eight entries each, and for every flow and
/// direction two buckets where its entry may be.
/// <code>
///   entry (64 bits):  [ tag: half of the hash, 32 | flow's number + 1, 32 ]      0: empty
/// </code>
/// An entry is one word: a reader without a lock sees it whole or not at all. Half of the places are empty at most, so both buckets of a
/// new entry are hardly ever full. The hash is seeded with secrets: who chooses addresses and ports can't choose buckets.
/// <para>Readers: any thread. Writers: one at a time.</para>
/// </summary>
internal sealed unsafe class FlowIndex : IDisposable
{
    private const int Ways = 8;
    private const int BucketSize = 64;

    /// <summary>
    /// From here on an entry goes where there is more room. With half of all places taken, one entry in 25 is then found at second glance,
    /// and of two million none is refused (simulated; where the first bucket is filled to the brim, 500 are).
    /// </summary>
    private const int SpillAt = 6;

    private readonly NativeTable _table;
    private readonly ulong* _entries;
    private readonly ulong _mask;
    private readonly ulong _first;
    private readonly ulong _second;
    private readonly ulong _third;

    /// <param name="entries">Entries that will be in it at most.</param>
    public FlowIndex(int entries, Secrets secrets)
    {
        var buckets = BitOperations.RoundUpToPowerOf2((ulong)long.Max(entries * 2L / Ways, 16));
        _mask = buckets - 1;
        _table = new((long)buckets * BucketSize);
        _entries = (ulong*)_table.Start;
        _first = secrets.Next();
        _second = secrets.Next();
        _third = secrets.Next() | 1;
    }

    /// <summary>Bytes of memory.</summary>
    public long Size => _table.Size;

    /// <summary>So many entries come soon.</summary>
    public void Expect(int entries) => _table.Expect(entries);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Hash(ulong addresses, ulong ports)
    {
        var high = Math.BigMul(addresses ^ _first, ports ^ _second, out var low);
        var hash = (high ^ low) * _third;
        return hash ^ hash >> 29;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong FirstBucket(ulong hash) => hash & _mask;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong SecondBucket(ulong hash) => (hash * 0xC2B2_AE3D_27D4_EB4F >> 20) & _mask;

    /// <summary>Brings the bucket where a hash's entry is most likely into the cache.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(ulong hash)
    {
        if (Sse.IsSupported)
            Sse.Prefetch0(_entries + FirstBucket(hash) * Ways);
    }

    /// <summary>The places in a bucket whose entry has the hash's tag, one bit each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Matches(ulong bucket, ulong hash)
    {
        // SAFETY: a bucket is 64 bytes at a multiple of 64. Each 64-bit lane of an aligned load is seen whole on every CPU that .NET runs
        // on here.
        var entries = _entries + bucket * Ways;
        var tag = Vector256.Create(hash >> 32);
        var low = Vector256.Equals(Vector256.LoadAligned(entries) >>> 32, tag).ExtractMostSignificantBits();
        var high = Vector256.Equals(Vector256.LoadAligned(entries + 4) >>> 32, tag).ExtractMostSignificantBits();
        return low | high << 4;
    }

    /// <summary>The number of the flow in a place, or -1 when it has become empty.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Number(ulong bucket, int place) => (int)(uint)Volatile.Read(ref _entries[bucket * Ways + (uint)place]) - 1;

    /// <summary>Adds an entry; false when both of its buckets are full.</summary>
    public bool Add(ulong hash, int number)
    {
        var entry = hash >> 32 << 32 | (uint)(number + 1);
        ulong first = FirstBucket(hash), second = SecondBucket(hash);
        var isSpilling = Count(first) >= SpillAt && Count(second) < Count(first);
        return Replace(isSpilling ? second : first, 0, entry) || Replace(isSpilling ? first : second, 0, entry);
    }

    public void Remove(ulong hash, int number)
    {
        var entry = hash >> 32 << 32 | (uint)(number + 1);
        if (!Replace(FirstBucket(hash), entry, 0))
            Replace(SecondBucket(hash), entry, 0);
    }

    public void Dispose() => _table.Dispose();

    private int Count(ulong bucket)
    {
        var count = 0;
        for (var place = 0; place < Ways; place++)
            count += _entries[bucket * Ways + (uint)place] != 0 ? 1 : 0;
        return count;
    }

    // SAFETY: bucket numbers are masked to the table's size.
    private bool Replace(ulong bucket, ulong from, ulong to)
    {
        var entries = _entries + bucket * Ways;
        for (var place = 0; place < Ways; place++)
        {
            if (entries[place] != from)
                continue;
            Volatile.Write(ref entries[place], to);
            return true;
        }
        return false;
    }
}
