using System.Globalization;
using SoftSwitch.Text;

namespace SoftSwitch.Config.Rows;

/// <summary>The types of the configuration language that are about nothing in particular: numbers, times, words.</summary>
internal static class PlainScalars
{
    /// <summary>Seconds: 1000 years.</summary>
    private const long LongestDuration = 365_000L * 86400;

    public static ScalarType<int> Integer(int least, int most) =>
        new($"a whole number from {least} to {most}", (string text, out int value) => ParseNumber(text, least, most, out value))
        { Bounds = (least, most) };

    public static ScalarType<TimeSpan> Duration(string least, string most)
    {
        if (!ParseDuration(least, out var shortest) || !ParseDuration(most, out var longest))
            throw new ArgumentException("not a duration");
        return new($"a duration from {least} to {most}, such as 300s, 5m or 12h",
            (string text, out TimeSpan value) => ParseDuration(text, out value) && value >= shortest && value <= longest)
        { Format = value => $"{(long)value.TotalSeconds}s" };
    }

    public static ScalarType<T> OneOf<T>(WordList<T> words) where T : struct, Enum =>
        new(Shown.Or(words.All), (string text, out T value) =>
        {
            var known = words.Of(text);
            value = known ?? default;
            return known is not null;
        })
        { Words = words.All, Format = value => words[value] };

    public static ScalarType<string> Choice(params string[] words) =>
        new(Shown.Or(words), (string text, out string value) => words.Contains(value = text)) { Words = words };

    /// <summary>Decimal digits and nothing else: no sign, and no leading zero, which some readers take for octal.</summary>
    public static bool ParseNumber(ReadOnlySpan<char> text, int least, int most, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value)
        && (text.Length == 1 || text[0] != '0') && value >= least && value <= most;

    private static bool ParseDuration(string text, out TimeSpan value)
    {
        value = default;
        if (text.Length < 2 || !ParseNumber(text.AsSpan(0, text.Length - 1), 0, int.MaxValue, out var number))
            return false;
        var unit = text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86400, _ => 0 };
        // Longer than a TimeSpan may be is longer than any key takes.
        var total = Math.Min((long)number * unit, LongestDuration);
        value = TimeSpan.FromSeconds(total);
        return unit != 0;
    }
}
