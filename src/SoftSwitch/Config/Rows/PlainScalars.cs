using System.Globalization;
using SoftSwitch.Text;

namespace SoftSwitch.Config.Rows;

/// <summary>The types of the configuration language that are about nothing in particular: numbers, words.</summary>
internal static class PlainScalars
{
    public static ScalarType<int> Integer(int least, int most) =>
        new($"a whole number from {least} to {most}", (string text, out int value) => ParseNumber(text, least, most, out value))
        { Bounds = (least, most) };

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

    public static ScalarType<bool> OnOff { get; } =
        new("on or off", (string text, out bool value) => (value = text == "on") || text == "off")
        { Words = ["on", "off"], Format = value => value ? "on" : "off" };

    /// <summary>Decimal digits and nothing else: no sign, and no leading zero, which some readers take for octal.</summary>
    public static bool ParseNumber(ReadOnlySpan<char> text, int least, int most, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value)
        && (text.Length == 1 || text[0] != '0') && value >= least && value <= most;
}
