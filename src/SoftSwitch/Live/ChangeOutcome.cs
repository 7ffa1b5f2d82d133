namespace SoftSwitch.Live;

/// <summary>What became of a change.</summary>
/// <param name="Kind">In a word.</param>
/// <param name="Lines">What has changed, or what is in the way, a line each.</param>
internal sealed record ChangeOutcome(ChangeKind Kind, IReadOnlyList<string> Lines)
{
    /// <summary>What there is to know about it besides.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>The file as it would be, where that was asked for.</summary>
    public string? Text { get; init; }

    /// <summary>It has made nothing happen, and may not.</summary>
    public bool Failed => Kind is not (ChangeKind.Applied or ChangeKind.Asked);
}
