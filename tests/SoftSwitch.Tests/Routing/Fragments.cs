namespace SoftSwitch.Tests.Routing;

/// <summary>In which order the three fragments of a packet may come, and which of them a network may double.</summary>
internal static class Fragments
{
    public static readonly int[][] Orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

    /// <summary>
    /// Each order, with each fragment doubled at each later moment; and each order with all of them doubled at once, one by one or as a
    /// whole.
    /// </summary>
    public static IEnumerable<int[]> Doubled()
    {
        foreach (var order in Orders)
        {
            for (var original = 0; original < 3; original++)
            {
                for (var copy = original + 1; copy <= 3; copy++)
                    yield return [.. order[..copy], order[original], .. order[copy..]];
            }
            yield return [.. order.SelectMany(i => new[] { i, i })];
        }
    }
}
