using System.Numerics;
using System.Runtime.CompilerServices;

namespace SoftSwitch.Forwarding.Frames;

/// <summary>
/// Some frames of one burst, a bit for each: what came together goes different ways without being copied. A burst has as many places as a
/// set has bits; if bursts should ever be larger, nothing but this type need know it.
/// </summary>
/// <param name="Bits">The lowest is the first frame's.</param>
public readonly record struct FrameSet(ulong Bits)
{
    /// <summary>Frames that a set can have, and so a burst.</summary>
    public const int Capacity = 64;

    public bool IsEmpty => Bits == 0;

    public int Count => BitOperations.PopCount(Bits);

    /// <summary>One frame.</summary>
    public static FrameSet Of(int index) => new(1UL << index);

    /// <summary>So many frames from the first on.</summary>
    public static FrameSet First(int count) => new(count == Capacity ? ulong.MaxValue : (1UL << count) - 1);

    public static FrameSet operator |(FrameSet one, FrameSet other) => new(one.Bits | other.Bits);

    public static FrameSet operator -(FrameSet all, FrameSet without) => new(all.Bits & ~without.Bits);

    public bool Contains(int index) => (Bits >> index & 1) != 0;

    /// <summary>Their places in the burst, in the order in which they came.</summary>
    public Enumerator GetEnumerator() => new(Bits);

    public struct Enumerator(ulong left)
    {
        public int Current { get; private set; }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool MoveNext()
        {
            if (left == 0)
                return false;
            Current = BitOperations.TrailingZeroCount(left);
            left &= left - 1;
            return true;
        }
    }
}
