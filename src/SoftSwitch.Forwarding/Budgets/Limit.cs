using SoftSwitch.Forwarding.Drops;

namespace SoftSwitch.Forwarding.Budgets;

/// <summary>
/// A row of <see cref="Limits"/>: what somebody can use up, how much of it there is, and for whom that counts.
/// </summary>
/// <param name="What">What is bounded, as the documentation says it.</param>
/// <param name="Of">Whose they are: each has that many.</param>
/// <param name="Most">How many there are at once.</param>
/// <param name="Then">Who gives way when there are no more.</param>
/// <param name="Reason">What the frame that finds none is counted as; none: it goes on without.</param>
public sealed record Limit(string What, Holder Of, int Most, AtLimit Then, DropReason Reason = DropReason.None)
{
    /// <summary>How many come back in <see cref="Seconds"/>; 0: what is taken is had until it is given back.</summary>
    public int More { get; init; }

    public int Seconds { get; init; } = 1;
}
