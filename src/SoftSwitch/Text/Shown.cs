using System.Text;

namespace SoftSwitch.Text;

/// <summary>The user's text inside a message: in quotes, on one line, never longer than a line of a terminal takes.</summary>
internal static class Shown
{
    private const int Longest = 48;

    public static string Quote(string text)
    {
        var shown = new StringBuilder("'");
        foreach (var character in text.AsSpan(0, Math.Min(text.Length, Longest)))
            shown.Append(char.IsControl(character) || char.IsSurrogate(character) || character is '\u2028' or '\u2029' ? '?' : character);
        return shown.Append(text.Length > Longest ? "…'" : "'").ToString();
    }

    /// <summary><c>a, b or c</c>.</summary>
    public static string Or(IReadOnlyList<string> words) =>
        words.Count == 1 ? words[0] : $"{string.Join(", ", words.Take(words.Count - 1))} or {words[^1]}";
}
