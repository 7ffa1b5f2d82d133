namespace SoftSwitch.Live;

/// <summary>What became of a reload.</summary>
/// <param name="Kind">In a word.</param>
/// <param name="Lines">What has changed, or what is in the way, a line each.</param>
internal sealed record ReloadOutcome(ReloadKind Kind, IReadOnlyList<string> Lines);
