namespace SoftSwitch.Linux.Nftables;

/// <summary>The elements of a set of nf_tables as ranges of keys, both ends included.</summary>
internal static class ElementRanges
{
    public static IEnumerable<(byte[] First, byte[] Last, string? Chain)> Of(IReadOnlyList<ListedElement> elements)
    {
        if (!elements.Any(element => element.EndsRange))
            return elements.Select(element => (element.Key, element.Last ?? element.Key, element.Chain));
        // Of intervals the kernel lists where each begins, and where it is over.
        var sorted = elements.OrderBy(element => Convert.ToHexString(element.Key), StringComparer.Ordinal)
            .ThenBy(element => !element.EndsRange).ToList();
        return
        [
            .. sorted.Select((element, i) => (Element: element, Next: i + 1 < sorted.Count ? sorted[i + 1].Key : null))
                .Where(one => !one.Element.EndsRange)
                .Select(one => (one.Element.Key, Before(one.Next, one.Element.Key.Length), one.Element.Chain)),
        ];
    }

    /// <summary>The key in front of another; of none, the last that there is.</summary>
    private static byte[] Before(byte[]? key, int length)
    {
        byte[] before = key is null ? [.. Enumerable.Repeat(byte.MaxValue, length)] : [.. key];
        for (var i = before.Length - 1; key is not null && i >= 0 && before[i]-- == 0; i--)
        {
        }
        return before;
    }
}
