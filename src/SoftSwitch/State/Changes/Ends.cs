namespace SoftSwitch.State.Changes;

/// <summary>Two lists of which most is the same, in the same order: as it is where one of thousands comes or goes.</summary>
internal static class Ends
{
    /// <returns>Each list without what is the same at the beginnings and at the ends of both.</returns>
    public static (IReadOnlyList<T> Before, IReadOnlyList<T> After) Without<T>(IReadOnlyList<T> before, IReadOnlyList<T> after)
        where T : class
    {
        var (first, last) = Same(before, after);
        return ([.. before.Skip(first).SkipLast(last)], [.. after.Skip(first).SkipLast(last)]);
    }

    /// <returns>How many are the same at the beginnings, and at the ends of what is left then.</returns>
    public static (int First, int Last) Same<T>(IReadOnlyList<T> before, IReadOnlyList<T> after)
        where T : class
    {
        var first = 0;
        while (first < before.Count && first < after.Count && before[first].Equals(after[first]))
            first++;
        var last = 0;
        while (last < int.Min(before.Count, after.Count) - first
            && before[before.Count - 1 - last].Equals(after[after.Count - 1 - last]))
            last++;
        return (first, last);
    }
}
