using System.Runtime.InteropServices;

namespace SoftSwitch.Forwarding.Frames;

/// <summary>A piece of memory, laid out as the kernel's <c>struct iovec</c> (linux/uio.h), so that a gathered frame goes to it as it
/// is.</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct IoVector(byte* start, int length)
{
    public byte* Start = start;
    private readonly nuint _length = (nuint)length;

    /// <summary>Bytes.</summary>
    public readonly int Length => (int)_length;

    public readonly ReadOnlySpan<byte> Bytes => new(Start, Length);
}
