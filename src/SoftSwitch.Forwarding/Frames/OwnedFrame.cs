using System.Buffers;
using Microsoft.Extensions.ObjectPool;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Frames;

/// <summary>
/// A whole frame in a pooled buffer of its own, for frames that live longer than a turn. The buffer grows with what it holds, in blocks of
/// a head's size, so that limits can count what is really kept.
/// </summary>
public sealed class OwnedFrame
{
    private const int MaximumLength = Burst.HeadCapacity + Burst.BodyCapacity;

    /// <summary>The pool that frames come from and go back to.</summary>
    internal static ObjectPool<OwnedFrame> Pool { get; } =
        new DefaultObjectPool<OwnedFrame>(new DefaultPooledObjectPolicy<OwnedFrame>(), 4096);

    private Frame _descriptor;
    private readonly byte[] _usual = GC.AllocateUninitializedArray<byte>(Burst.HeadCapacity);
    private byte[] _bytes;
    private int _length;

    public OwnedFrame() => _bytes = _usual;

    /// <summary>Blocks of a head's size that its buffer takes.</summary>
    internal int Blocks => _bytes.Length / Burst.HeadCapacity;

    public VirtioNetHeader Offload { get; set; }

    public ReadOnlySpan<byte> Bytes => Contents;

    /// <summary>The frame's bytes, to be rewritten.</summary>
    public Span<byte> Contents => _bytes.AsSpan(0, _length);

    public void Clear() => _length = 0;

    /// <summary>Empties it, and gives back what its buffer has grown beyond the usual: else the pool would keep all memory that was ever
    /// needed.</summary>
    public void Shrink()
    {
        _bytes = _usual;
        Clear();
    }

    /// <summary>Copies a frame, with what admission found out about it.</summary>
    public void Keep(in Frame frame)
    {
        Clear();
        Reserve(frame.Length);
        Append(frame.HeadBytes);
        foreach (var piece in frame.BodyPieces)
            Append(piece.Bytes);
        Offload = frame.Offload;
        _descriptor = frame;
    }

    /// <summary>Keeps its bytes where they are until the handle is disposed of.</summary>
    internal MemoryHandle Pin() => _bytes.AsMemory(0, _length).Pin();

    /// <summary>Adds the frame to a burst, as a port does that receives it.</summary>
    /// <returns>False when the burst is full.</returns>
    public unsafe bool TryAddTo(Burst burst)
    {
        if (burst.Room == 0)
            return false;
        byte* head = burst.HeadOf(0), body = burst.BodyOf(0);
        var headLength = int.Min(_length, Burst.HeadCapacity);
        Bytes[..headLength].CopyTo(new Span<byte>(head, headLength));
        Bytes[headLength..].CopyTo(new Span<byte>(body, Burst.BodyCapacity));
        burst.Add(_length, body).Offload = Offload;
        return true;
    }

    /// <summary>Adds a frame that was kept to a burst, admitted as it was.</summary>
    /// <returns>False when the burst is full.</returns>
    public bool TryRestoreTo(Burst burst)
    {
        if (!TryAddTo(burst))
            return false;
        ref var frame = ref burst[burst.Count - 1];
        frame.PacketOffset = _descriptor.PacketOffset;
        frame.EtherType = _descriptor.EtherType;
        frame.PayloadOffset = _descriptor.PayloadOffset;
        frame.AllowFragments(_descriptor.MayFragment, _descriptor.LongestFragment);
        return true;
    }

    /// <exception cref="ArgumentOutOfRangeException">The frame becomes longer than the largest that a port can have.</exception>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        var length = _length + bytes.Length;
        Reserve(length);
        bytes.CopyTo(_bytes.AsSpan(_length));
        _length = length;
    }

    private void Reserve(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, MaximumLength);
        if (length > _bytes.Length)
            Array.Resize(ref _bytes, (length + Burst.HeadCapacity - 1) / Burst.HeadCapacity * Burst.HeadCapacity);
    }
}
