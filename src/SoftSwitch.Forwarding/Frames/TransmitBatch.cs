using System.Runtime.InteropServices;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Frames;

/// <summary>
/// Up to 64 frames on their way out by one port, each a gather list that the kernel takes as it is (offload header, head, body pieces),
/// and scratch memory for the heads that had to be written anew: a completed checksum, the headers of a segment. A batch that can't take
/// a frame more is handed to the port and used again, so the memory is bounded however many segments a super-frame has.
/// Owned by one worker.
/// </summary>
public sealed unsafe class TransmitBatch : IDisposable
{
    public const int Capacity = 64;

    private const int VectorCapacity = 1024;
    private const int ScratchCapacity = 128 * 1024;

    private readonly IoVector* _vectors;
    private readonly byte* _scratch;
    private readonly TransmitDescriptor* _descriptors;
    private int _vectorsUsed;
    private int _scratchUsed;

    public TransmitBatch()
    {
        _vectors = (IoVector*)NativeMemory.AlignedAlloc((nuint)(VectorCapacity * sizeof(IoVector)), 64);
        _scratch = (byte*)NativeMemory.AlignedAlloc(ScratchCapacity + EthernetHeader.MinimumFrame, 64);
        NativeMemory.Clear(_scratch + ScratchCapacity, EthernetHeader.MinimumFrame);
        _descriptors = (TransmitDescriptor*)NativeMemory.AlignedAlloc((nuint)(Capacity * sizeof(TransmitDescriptor)), 64);
    }

    ~TransmitBatch() => Free();

    /// <summary>Frames in the batch.</summary>
    public int Count { get; private set; }

    /// <summary>Frames that the port marked with <see cref="Refuse"/>.</summary>
    public int Refused { get; private set; }

    /// <summary>Bytes of all frames, offload headers not counted.</summary>
    public long Bytes { get; private set; }

    /// <summary>The gather list of a frame: offload header if the port has one, then the frame.</summary>
    public IoVector* Vectors(int index) => _vectors + At(index).FirstVector;

    /// <summary>Pieces in <see cref="Vectors"/>.</summary>
    public int VectorCount(int index) => At(index).VectorCount;

    /// <summary>Bytes of a frame, offload header not counted.</summary>
    public int Length(int index) => At(index).Length;

    /// <summary>Why the port didn't take a frame, or <see cref="DropReason.None"/>.</summary>
    public DropReason Drop(int index) => At(index).Drop;

    /// <summary>Called by the port for a frame that it could not hand over.</summary>
    public void Refuse(int index, DropReason reason)
    {
        ref var descriptor = ref At(index);
        if (descriptor.Drop == DropReason.None)
            Refused++;
        descriptor.Drop = reason;
    }

    /// <summary>Whether a frame fits that has <paramref name="pieces"/> pieces besides its offload header and <paramref name="scratch"/>
    /// bytes of new head.</summary>
    internal bool Fits(int pieces, int scratch) => Count < Capacity && _vectorsUsed + pieces + 1 <= VectorCapacity
        && _scratchUsed + scratch + Frame.HeadRoom + 64 <= ScratchCapacity;

    /// <summary>Begins a frame whose head is <paramref name="head"/>, with its offload header right before it.</summary>
    internal void Begin(byte* head, int headLength, int offloadHeaderLength)
    {
        ref var descriptor = ref _descriptors[Count++];
        descriptor = new() { FirstVector = _vectorsUsed, Length = headLength };
        Bytes += headLength;
        switch (offloadHeaderLength)
        {
            case Frame.HeadRoom:
                _vectors[_vectorsUsed++] = new(head - Frame.HeadRoom, Frame.HeadRoom + headLength);
                descriptor.VectorCount = 1;
                break;
            case VirtioNetHeader.LegacySize:
                _vectors[_vectorsUsed++] = new(head - Frame.HeadRoom, VirtioNetHeader.LegacySize);
                _vectors[_vectorsUsed++] = new(head, headLength);
                descriptor.VectorCount = 2;
                break;
            default:
                _vectors[_vectorsUsed++] = new(head, headLength);
                descriptor.VectorCount = 1;
                break;
        }
    }

    /// <summary>Adds a piece to the frame that was begun last.</summary>
    internal void Append(IoVector piece)
    {
        ref var descriptor = ref _descriptors[Count - 1];
        _vectors[_vectorsUsed++] = piece;
        descriptor.VectorCount++;
        descriptor.Length += piece.Length;
        Bytes += piece.Length;
    }

    /// <summary>Fills the frame that was begun last with zeros up to the shortest that a frame may be.</summary>
    internal void Pad()
    {
        var missing = EthernetHeader.MinimumFrame - _descriptors[Count - 1].Length;
        if (missing > 0)
            Append(new(_scratch + ScratchCapacity, missing)); // Zeros that nobody writes, behind the scratch.
    }

    /// <summary>Memory for a new head with room for its offload header before it, good until the batch is cleared.</summary>
    internal byte* NewHead(int length)
    {
        var head = _scratch + _scratchUsed + Frame.HeadRoom + 4;
        _scratchUsed += (Frame.HeadRoom + 4 + length + 15) & ~15;
        return head;
    }

    internal void Clear()
    {
        Count = 0;
        Refused = 0;
        Bytes = 0;
        _vectorsUsed = 0;
        _scratchUsed = 0;
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private ref TransmitDescriptor At(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count);
        // SAFETY: the index was checked, and Count never exceeds Capacity (Fits).
        return ref _descriptors[index];
    }

    private void Free()
    {
        NativeMemory.AlignedFree(_vectors);
        NativeMemory.AlignedFree(_scratch);
        NativeMemory.AlignedFree(_descriptors);
    }
}
