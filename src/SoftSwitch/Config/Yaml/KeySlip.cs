using SoftSwitch.Text;

namespace SoftSwitch.Config.Yaml;

/// <summary>A key and its value that YAML takes for one text, because the space behind the colon is missing, or the colon itself:
/// <c>mode:nat</c>, <c>mode nat</c>.</summary>
internal static class KeySlip
{
    /// <summary>The key that was meant; null: the text is something else.</summary>
    public static string? KeyOf(string text)
    {
        var end = text.AsSpan().IndexOfAny(": =");
        return end > 0 && end < text.Length - 1 && char.IsAsciiLetter(text[0]) && text.AsSpan(0, end).IndexOfAnyExcept(s_letters) < 0
            ? text[..end]
            : null;
    }

    /// <summary>The message about a text that <see cref="KeyOf"/> knows.</summary>
    public static string Tell(string text)
    {
        var key = KeyOf(text)!;
        var value = text[key.Length..].TrimStart(':', ' ', '=');
        var missing = text[key.Length] == ':' ? "no space behind the colon" : $"no colon behind {Shown.Quote(key)}";
        return $"{missing}: write {Shown.Quote($"{key}: {value}")}";
    }

    private static readonly System.Buffers.SearchValues<char> s_letters =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");
}
