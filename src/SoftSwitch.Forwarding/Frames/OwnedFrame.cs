using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Frames;

/// <summary>A whole frame in a pooled buffer of its own, for frames that live longer than a turn.</summary>
public sealed class OwnedFrame
{
    private const int MaximumLength = Burst.HeadCapacity + Burst.BodyCapacity;

    private byte[] _bytes = GC.AllocateUninitializedArray<byte>(Burst.HeadCapacity);
    private int _length;

    public VirtioNetHeader Offload { get; set; }

    public ReadOnlySpan<byte> Bytes => Contents;

    /// <summary>The frame's bytes, to be rewritten.</summary>
    public Span<byte> Contents => _bytes.AsSpan(0, _length);

    public void Clear() => _length = 0;

    /// <exception cref="ArgumentOutOfRangeException">The frame becomes longer than the largest that a port can have.</exception>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        var length = _length + bytes.Length;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, MaximumLength, nameof(bytes));
        if (length > _bytes.Length)
            Array.Resize(ref _bytes, MaximumLength);
        bytes.CopyTo(_bytes.AsSpan(_length));
        _length = length;
    }
}
