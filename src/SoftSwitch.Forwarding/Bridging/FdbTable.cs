using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;

namespace SoftSwitch.Forwarding.Bridging;

/// <summary>
/// The memory of an <see cref="Fdb"/>: buckets of one cache line, five stations each, and for every station two buckets where it may be.
/// <code>
///   bucket (64 bytes):  [ mac 48 | slot 16 ] x 5     [ last heard, seconds ] x 5     [ a bit for each static station, 32 ]
/// </code>
/// A station is one 64-bit word, so a reader without a lock sees it whole or not at all; 0 is an empty place, as no station has address 0.
/// A lookup costs one cache miss, rarely two, and <see cref="Prefetch"/> hides them behind the rest of the burst. The hash is seeded with
/// secrets, so choosing addresses doesn't choose buckets.
/// <para>
/// Readers: any thread. Writers: one at a time, under the Fdb's lock; but the worker that hears a station writes its stamp, and may do so
/// when the place has changed hands already: nothing but an age may depend on a stamp. Beside the buckets stand the addresses by which
/// stations can be asked; of frames, only ARP and neighbor discovery need them.
/// </para>
/// </summary>
internal sealed unsafe class FdbTable
{
    public const int Ways = 5;
    private const int BucketSize = 64;
    private const int StampsOffset = Ways * sizeof(ulong);
    private const int StaticsOffset = StampsOffset + Ways * sizeof(uint);

    private readonly void* _memory;
    private readonly byte* _buckets;
    private readonly KnownAddresses* _addresses;
    private readonly int _shift;
    private readonly ulong _seed;
    private readonly ulong _multiplier;

    /// <param name="stations">Stations that the table will hold at most; it has at least twice as many places.</param>
    public FdbTable(int stations)
    {
        var buckets = (long)BitOperations.RoundUpToPowerOf2((ulong)long.Max(stations * 2L / Ways + 1, 16));
        BucketCount = (int)buckets;
        _shift = 64 - BitOperations.Log2((ulong)buckets);
        // Zeroed pages come from the kernel as they are touched: an empty table costs no memory.
        _memory = NativeMemory.AllocZeroed((nuint)((buckets + 1) * BucketSize));
        _buckets = (byte*)(((nuint)_memory + BucketSize - 1) & ~(nuint)(BucketSize - 1));
        _addresses = (KnownAddresses*)NativeMemory.AllocZeroed((nuint)(buckets * Ways), (nuint)sizeof(KnownAddresses));
        Span<ulong> secrets = stackalloc ulong[2];
        RandomNumberGenerator.Fill(MemoryMarshal.AsBytes(secrets));
        _seed = secrets[0];
        _multiplier = secrets[1] | 1;
    }

    ~FdbTable()
    {
        NativeMemory.Free(_memory);
        NativeMemory.Free(_addresses);
    }

    public int BucketCount { get; }

    /// <summary>Places for stations: a place's number is its bucket's times <see cref="Ways"/> plus its own in there.</summary>
    public int PlaceCount => BucketCount * Ways;

    /// <summary>Mixed so that both buckets, taken from different ends, depend on every bit of the address.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Hash(ulong mac)
    {
        var hash = (mac ^ _seed) * _multiplier;
        hash ^= hash >> 32;
        return hash * 0x9E37_79B9_7F4A_7C15;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int FirstBucket(ulong hash) => (int)(hash >> _shift);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int SecondBucket(ulong hash) => (int)((hash << 24 | hash >> 40) * 0xC2B2_AE3D_27D4_EB4F >> _shift);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(ulong hash)
    {
        if (Sse.IsSupported)
            Sse.Prefetch0(Bucket(FirstBucket(hash)));
    }

    /// <summary>The place of a station, or -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Find(ulong mac)
    {
        var hash = Hash(mac);
        var bucket = FirstBucket(hash);
        var way = FindIn(bucket, mac);
        if (way < 0)
        {
            bucket = SecondBucket(hash);
            way = FindIn(bucket, mac);
        }
        return way < 0 ? -1 : bucket * Ways + way;
    }

    /// <summary>The station's word in a place: address above, slot in the low 16 bits; 0 when empty.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref ulong Word(int place)
    {
        var (bucket, way) = Math.DivRem((uint)place, Ways);
        return ref ((ulong*)Bucket((int)bucket))[way];
    }

    /// <summary>When the station in a place was last heard, in seconds.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref uint Stamp(int place)
    {
        var (bucket, way) = Math.DivRem((uint)place, Ways);
        return ref ((uint*)(Bucket((int)bucket) + StampsOffset))[way];
    }

    /// <summary>The station in a place was set, not heard.</summary>
    public bool IsStatic(int place)
    {
        var (bucket, way) = Math.DivRem((uint)place, Ways);
        return (Statics(bucket) & 1u << (int)way) != 0;
    }

    public void SetStatic(int place, bool isStatic)
    {
        var (bucket, way) = Math.DivRem((uint)place, Ways);
        ref var statics = ref Statics(bucket);
        statics = isStatic ? statics | 1u << (int)way : statics & ~(1u << (int)way);
    }

    /// <summary>By what the station in a place can be asked.</summary>
    public ref KnownAddresses Addresses(int place) => ref _addresses[place];

    /// <summary>An empty place in a bucket, or -1.</summary>
    public int EmptyPlace(int bucket)
    {
        var way = FindWord(bucket, 0);
        return way < 0 ? -1 : bucket * Ways + way;
    }

    /// <summary>All five are compared before anything is decided: where in its bucket a station stands is chance, which no branch
    /// predicts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int FindIn(int bucket, ulong mac)
    {
        // SAFETY: a bucket is 64 bytes at a multiple of 64. Each 64-bit lane of an aligned load is seen whole on every CPU that .NET runs
        // on here.
        var words = (ulong*)Bucket(bucket);
        var wanted = Vector128.Create(mac);
        var first = Vector128.Equals(Vector128.LoadAligned(words) >>> 16, wanted).ExtractMostSignificantBits();
        var second = Vector128.Equals(Vector128.LoadAligned(words + 2) >>> 16, wanted).ExtractMostSignificantBits();
        var fifth = Volatile.Read(ref words[4]) >> 16 == mac ? 1u << 4 : 0;
        var found = first | second << 2 | fifth;
        return found == 0 ? -1 : BitOperations.TrailingZeroCount(found);
    }

    private int FindWord(int bucket, ulong word)
    {
        var words = (ulong*)Bucket(bucket);
        for (var way = 0; way < Ways; way++)
        {
            if (words[way] == word)
                return way;
        }
        return -1;
    }

    private ref uint Statics(uint bucket) => ref *(uint*)(Bucket((int)bucket) + StaticsOffset);

    // SAFETY: bucket numbers come from a hash shifted to the table's size, or from a place within PlaceCount.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte* Bucket(int bucket) => _buckets + (nint)bucket * BucketSize;
}
