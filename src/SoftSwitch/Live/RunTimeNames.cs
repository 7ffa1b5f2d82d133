using System.Globalization;
using SoftSwitch.Bounds;
using SoftSwitch.Config.Rows;
using SoftSwitch.Text;

namespace SoftSwitch.Live;

/// <summary>Several names in a word: <c>vm[1-50]</c> is vm1 to vm50, <c>vm[01-10]</c> has vm01 first, <c>web,db</c> is both.</summary>
internal static class RunTimeNames
{
    /// <param name="text">As the user says them.</param>
    /// <param name="mistake">What is wrong; null: nothing.</param>
    /// <returns>Each once, in order; with a mistake, those before it.</returns>
    public static IReadOnlyList<string> Expand(string text, out string? mistake)
    {
        var names = new OrderedDictionary<string, bool>();
        foreach (var word in text.Split(','))
        {
            foreach (var name in Of(word))
            {
                mistake = !Scalars.Name.Parse(name, out _) ? $"{Shown.Quote(name)} is not {Expected(name)}"
                    : !names.TryAdd(name, true) ? $"{name} is named twice: name it once"
                    : names.Count > ProgramLimits.NamesOfChange.Most
                        ? $"more than {ProgramLimits.NamesOfChange.Most} names in one request: ask for some of them first" : null;
                if (mistake is not null)
                    return [.. names.Keys];
            }
        }
        mistake = null;
        return [.. names.Keys];
    }

    private static string Expected(string name) =>
        name.Contains('[', StringComparison.Ordinal) ? "a range of names: write the lower number first, such as vm[1-50]"
        : name.Contains('.', StringComparison.Ordinal) ? $"yours to change: it is made for network {Shown.Quote(name.Split('.')[0])}, "
            + $"and changes with that: softswitch network set {name.Split('.')[0]}"
        : Scalars.Name.Expected;

    /// <summary>A word that isn't a range is what it is.</summary>
    private static IEnumerable<string> Of(string word)
    {
        var (open, close) = (word.IndexOf('['), word.IndexOf(']'));
        if (open < 0 || close < open || word[(open + 1)..close].Split('-') is not [var first, var last]
            || !int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var from)
            || !int.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out var to) || from > to)
        {
            yield return word;
            yield break;
        }
        // One more than there may be: more are refused, not made.
        for (var number = (long)from; number <= to && number - from <= ProgramLimits.NamesOfChange.Most; number++)
            yield return word[..open] + number.ToString(CultureInfo.InvariantCulture).PadLeft(first.StartsWith('0') ? first.Length : 0, '0')
                + word[(close + 1)..];
    }
}
