namespace SoftSwitch.Api.Lists;

/// <summary>A filter of a list, and what it compares.</summary>
/// <param name="Filter">The filter.</param>
/// <param name="Of">What of an item must be what was asked for; null in a list of pieces, which filters itself.</param>
internal sealed record ItemFilter<T>(ListFilter Filter, Func<T, string>? Of = null);
