namespace SoftSwitch.Text;

/// <summary>Finds the word that was probably meant: the fewest letters changed, added, left out, or swapped with a neighbor.</summary>
internal static class NearestWord
{
    private const int LongestWord = 32;

    /// <summary>The most words that are compared: a file may name thousands of networks and miss each of them thousands of times.</summary>
    private const int MostWords = 200;

    /// <summary>How many words a message lists.</summary>
    private const int MostListed = 10;

    /// <summary>The end of a message about a word that there isn't: the one that was probably meant, or those there are.</summary>
    /// <param name="none">What to say where there are none.</param>
    public static string Cure(string text, IReadOnlyList<string> words, string none = "there is none") =>
        words.Count == 0 ? none
        : To(text, words) is { } nearest ? $"did you mean '{nearest}'?"
        : Known(words, none);

    /// <summary>Those there are.</summary>
    /// <param name="none">What to say where there are none.</param>
    public static string Known(IReadOnlyList<string> words, string none) => words.Count == 0 ? none : $"there is {Some(words)}";

    /// <summary>Words with commas between them; of many the first.</summary>
    public static string Some(IReadOnlyList<string> words) =>
        string.Join(", ", words.Take(MostListed)) + (words.Count > MostListed ? $" and {words.Count - MostListed} more" : "");

    /// <summary>What to put behind a message that says enough where nothing comes near: a question, or nothing.</summary>
    public static string Question(string text, IEnumerable<string> words) =>
        To(text, words) is { } nearest ? $": did you mean '{nearest}'?" : "";

    /// <summary>Null where nothing comes near.</summary>
    public static string? To(string text, IEnumerable<string> words)
    {
        if (text.Length is 0 or > LongestWord)
            return null;
        string? nearest = null;
        var least = Math.Max(1, text.Length / 3) + 1;
        foreach (var word in words.Take(MostWords))
        {
            if (Math.Abs(word.Length - text.Length) >= least)
                continue;
            var distance = Distance(text.ToLowerInvariant(), word);
            if (distance < least)
                (nearest, least) = (word, distance);
        }
        return nearest;
    }

    /// <summary>Optimal string alignment; both texts are short, so the whole table is kept.</summary>
    private static int Distance(string a, string b)
    {
        var table = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
            table[i, 0] = i;
        for (var j = 0; j <= b.Length; j++)
            table[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var change = table[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                table[i, j] = Math.Min(change, 1 + Math.Min(table[i - 1, j], table[i, j - 1]));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    table[i, j] = Math.Min(table[i, j], table[i - 2, j - 2] + 1);
            }
        }
        return table[a.Length, b.Length];
    }
}
