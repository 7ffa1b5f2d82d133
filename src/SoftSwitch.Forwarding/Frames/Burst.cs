using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SoftSwitch.Forwarding.Memory;

namespace SoftSwitch.Forwarding.Frames;

/// <summary>
/// Up to 64 frames that one port received in one turn, and the memory for them. A port fills it, the dataplane reads and rewrites the
/// heads, and at the end of the turn <see cref="Clear"/> gives everything back at once: nothing in a burst outlives its turn.
/// <para>
/// The memory is native and fixed. 64 heads lie a stride apart that is not a power of two, so that their first lines don't compete for the
/// same cache set. A few large bodies are shared out as large frames come: when they are gone the burst is full, which also bounds what
/// one port can bring in one turn to about half a megabyte, or four with BIG TCP. Heads and bodies are address space: only what frames have
/// been written to is memory, and ordinary super-frames use a body's first 64 KB. Some of its frames are a <see cref="FrameSet"/>.
/// </para>
/// Owned by one worker.
/// </summary>
public sealed unsafe class Burst : IDisposable
{
    public const int Capacity = FrameSet.Capacity;

    /// <summary>Bytes of a head: any frame of an Ethernet with an MTU of 1500 fits whole.</summary>
    public const int HeadCapacity = 2048;

    /// <summary>Bytes of a body: with the head, the largest frame that a kernel makes (GSO_MAX_SIZE, linux/netdevice.h, BIG TCP; 64 KB
    /// before that).</summary>
    public const int BodyCapacity = 512 * 1024;

    /// <summary>Bodies in a burst.</summary>
    public const int BodyCount = 8;

    /// <summary>
    /// Pieces of a body that a port lends: a kernel's super-frame has fewer than 50 (MAX_SKB_FRAGS, linux/skbuff_ref.h), and a batch takes
    /// so many.
    /// </summary>
    public const int MaximumPieces = 64;

    private const int HeadLead = 64;

    /// <summary>Bytes by which a frame can grow in front.</summary>
    internal const int RoomInFront = HeadLead - Frame.HeadRoom;
    private const int HeadStride = HeadLead + HeadCapacity + 64;

    private readonly NativeTable _headMemory = new(Capacity * HeadStride);
    private readonly byte* _heads;
    private readonly byte* _bodies;
    private readonly Frame* _frames;
    private readonly IoVector* _pieces;
    private int _bodiesUsed;

    public Burst()
    {
        _heads = (byte*)_headMemory.Start;
        _bodies = (byte*)NativeMemory.AlignedAlloc(BodyCount * BodyCapacity, 4096);
        _frames = (Frame*)NativeMemory.AlignedAlloc((nuint)(Capacity * sizeof(Frame)), 64);
        _pieces = (IoVector*)NativeMemory.AlignedAlloc((nuint)(Capacity * sizeof(IoVector)), 64);
        NativeMemory.Clear(_frames, (nuint)(Capacity * sizeof(Frame)));
    }

    ~Burst() => Free();

    /// <summary>Frames in the burst.</summary>
    public int Count { get; private set; }

    /// <summary>Frames that still fit, 0 when large frames have used up the bodies.</summary>
    public int Room => _bodiesUsed == BodyCount ? 0 : Capacity - Count;

    /// <summary>Bodies that are still free; a receiver that can't know sizes beforehand asks for no more frames than this at
    /// once.</summary>
    public int FreeBodies => BodyCount - _bodiesUsed;

    public FrameSet All => FrameSet.First(Count);

    public ref Frame this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count);
            // SAFETY: the index was checked; frames are allocated for Capacity entries, and Count never exceeds it.
            return ref _frames[index];
        }
    }

    /// <summary>The head that the frame <paramref name="ahead"/> places from now will have; <see cref="Frame.HeadRoom"/> bytes before it
    /// are writable.</summary>
    public byte* HeadOf(int ahead)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)(Count + ahead), (uint)Capacity);
        return _heads + (Count + ahead) * HeadStride + HeadLead;
    }

    /// <summary>The body that is <paramref name="ahead"/> places further than the next one.</summary>
    public byte* BodyOf(int ahead)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)(_bodiesUsed + ahead), (uint)BodyCount);
        return _bodies + (_bodiesUsed + ahead) * BodyCapacity;
    }

    /// <summary>
    /// Adds the frame that was received into <see cref="HeadOf"/>(0) and, where it is longer than a head, into <paramref name="body"/>,
    /// which is one of <see cref="BodyOf"/>: all of an ordinary frame is in the head.
    /// </summary>
    public ref Frame Add(int length, byte* body)
    {
        ref var frame = ref Begin(int.Min(length, HeadCapacity));
        if (length > HeadCapacity)
        {
            var piece = _pieces + (Count - 1);
            *piece = new(body, length - HeadCapacity);
            frame.Body = piece;
            frame.BodyCount = 1;
            frame.BodyLength = piece->Length;
            if (body >= _bodies && body < _bodies + BodyCount * BodyCapacity)
                _bodiesUsed = int.Max(_bodiesUsed, (int)((body - _bodies) / BodyCapacity) + 1);
        }
        return ref frame;
    }

    /// <summary>
    /// Adds a frame of which the port has copied the first bytes into <see cref="HeadOf"/>(0), and lends the rest where it lies, until it
    /// is told that the turn has ended (<see cref="Ports.Port.Release"/>).
    /// </summary>
    /// <param name="headLength">
    /// Bytes that were copied, at least those of the shortest frame of an Ethernet; <see cref="Frame.Pull"/> brings more.
    /// </param>
    /// <param name="body">The pieces of the rest; the list is lent too, and written to.</param>
    /// <param name="pieces">How many, at most <see cref="MaximumPieces"/>: a port that has more copies them into a
    /// <see cref="BodyOf"/>.</param>
    public ref Frame Add(int headLength, IoVector* body, int pieces)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(headLength, Packets.EthernetHeader.MinimumFrame);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(headLength, HeadCapacity);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)pieces, (uint)MaximumPieces);
        ref var frame = ref Begin(headLength);
        frame.Body = body;
        frame.BodyCount = pieces;
        for (var i = 0; i < pieces; i++)
            frame.BodyLength += body[i].Length;
        return ref frame;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref Frame Begin(int headLength)
    {
        ref var frame = ref _frames[Count];
        frame.Head = _heads + Count * HeadStride + HeadLead;
        frame.HeadLength = headLength;
        frame.Body = null;
        frame.BodyLength = 0;
        frame.BodyCount = 0;
        frame.Drop = Drops.DropReason.None;
        frame.MayFragment = false;
        Count++;
        return ref frame;
    }

    /// <summary>Adds a frame that the port has lost while receiving it, so that it is counted like every other.</summary>
    public void AddLost(Drops.DropReason reason)
    {
        ref var frame = ref Add(0, null);
        frame.Offload = default;
        frame.Drop = reason;
    }

    /// <summary>Gives all frames and bodies back.</summary>
    public void Clear()
    {
        Count = 0;
        _bodiesUsed = 0;
    }

    public void Dispose()
    {
        _headMemory.Dispose();
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        NativeMemory.AlignedFree(_bodies);
        NativeMemory.AlignedFree(_frames);
        NativeMemory.AlignedFree(_pieces);
    }
}
