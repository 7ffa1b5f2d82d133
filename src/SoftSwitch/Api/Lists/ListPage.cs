namespace SoftSwitch.Api.Lists;

/// <summary>A piece of a list.</summary>
/// <param name="Items">In the list's fixed order.</param>
/// <param name="Next">What to send as `cursor` to get the next piece; null when this was the last.</param>
internal sealed record ListPage<T>(IReadOnlyList<T> Items, string? Next);
