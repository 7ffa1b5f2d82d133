namespace SoftSwitch.Forwarding.Bridging;

/// <summary>A probe of ours has come back.</summary>
/// <param name="Sent">The port that it has gone out by.</param>
/// <param name="Heard">The port that it has come in by, which may be the same.</param>
/// <param name="IsCut">Another switch has cut the loop.</param>
/// <param name="IsCutForUs">It keeps it cut, so that we needn't.</param>
public sealed record LoopSighting(Membership Sent, Membership Heard, bool IsCut, bool IsCutForUs);
