namespace SoftSwitch.Api.Lists;

/// <summary>
/// Lists in pieces. The cursor of the next piece is the key of the last item of this one, so a list that changes between two
/// requests never shows an item twice and never leaves out one that was there all the time.
/// </summary>
internal static class Paging
{
    /// <summary>Orders by key (ordinal) and cuts out the page that <paramref name="query"/> asks for. Keys are unique.</summary>
    public static ListPage<T> Page<T>(IEnumerable<T> items, Func<T, string> key, ListQuery query)
    {
        var after = query.Cursor;
        var rest = items
            .Where(item => after is null || string.CompareOrdinal(key(item), after) > 0)
            .OrderBy(key, StringComparer.Ordinal)
            .Take(query.Limit + 1)
            .ToList();
        return Cut(rest, key, query.Limit);
    }

    /// <summary>A page out of up to <paramref name="limit"/> + 1 items in order: the one too many says that there is a next page.</summary>
    public static ListPage<T> Cut<T>(IReadOnlyList<T> items, Func<T, string> key, int limit) => items.Count <= limit
        ? new(items, null)
        : new([.. items.Take(limit)], key(items[limit - 1]));
}
