using System.Runtime.CompilerServices;

namespace SoftSwitch.Forwarding.Drops;

/// <summary>A counter for each <see cref="DropReason"/>, by its number.</summary>
[InlineArray(Length)]
internal struct DropCounts
{
    /// <summary>Reasons that there is room for.</summary>
    public const int Length = 64;

    private long _first;

    public readonly long Total
    {
        get
        {
            long total = 0;
            foreach (var count in this)
                total += count;
            return total;
        }
    }

    public void Add(in DropCounts other)
    {
        for (var i = 0; i < Length; i++)
            this[i] += other[i];
    }
}
