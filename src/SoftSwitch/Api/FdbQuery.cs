namespace SoftSwitch.Api;

/// <summary>A piece of the FDB.</summary>
/// <param name="Network">Only this network; null: all.</param>
/// <param name="Port">Only stations behind this port; null: all.</param>
/// <param name="After">Only what comes after this key; null: from the start.</param>
/// <param name="Limit">At most this many, at least 1.</param>
internal sealed record FdbQuery(string? Network, string? Port, FdbKey? After, int Limit);
