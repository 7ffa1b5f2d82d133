namespace SoftSwitch.Api.Lists;

/// <summary>A filter of a list, and what it compares.</summary>
/// <param name="Filter">The filter.</param>
/// <param name="Of">The value of an item that must be the one that was asked for; null in a list in pieces, which filters itself.</param>
internal sealed record ItemFilter<T>(ListFilter Filter, Func<T, string>? Of = null);
