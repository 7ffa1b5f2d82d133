using System.Buffers;

namespace SoftSwitch.Config.Yaml;

/// <summary>
/// Finds letters that a word processor or a web page left in a file: they look like those of YAML and aren't, such as curly quotes and
/// no-break spaces. In comments and in quotes they are allowed.
/// </summary>
internal static class YamlLetters
{
    private const int Most = 20;

    private static readonly SearchValues<char> s_quotes =
        SearchValues.Create("\u2018\u2019\u201A\u201B\u201C\u201D\u201E\u201F\u00AB\u00BB\u2032\u2033");

    private static readonly SearchValues<char> s_spaces =
        SearchValues.Create("\u00A0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200A\u200B\u202F\u205F\u2060\u3000\uFEFF");

    /// <returns>False: there are such letters, and they are reported.</returns>
    public static bool Check(string text, MistakeList mistakes)
    {
        // Most files have none, and one look at the whole says so.
        if (!text.AsSpan().ContainsAny(s_quotes) && !text.AsSpan().ContainsAny(s_spaces))
            return true;
        var (number, found) = (0, 0);
        foreach (var raw in text.AsSpan().EnumerateLines())
        {
            number++;
            var quote = '\0';
            for (var i = 0; i < raw.Length && found < Most; i++)
            {
                if (quote != '\0')
                    quote = raw[i] == quote ? '\0' : quote;
                else if (raw[i] is '"' or '\'')
                    quote = raw[i];
                else if (raw[i] == '#' && (i == 0 || raw[i - 1] is ' ' or '\t'))
                    break;
                else if (s_quotes.Contains(raw[i]))
                    Add(new(number, i + 1), $"{raw[i]} is no quote of YAML: write \" in its place");
                else if (s_spaces.Contains(raw[i]) && (i == 0 || !s_spaces.Contains(raw[i - 1])))
                    Add(new(number, i + 1), $"a space that is none (U+{(int)raw[i]:X4}): write an ordinary one in its place, or nothing");
            }
        }
        return found == 0;

        void Add(Position at, string message)
        {
            found++;
            mistakes.Add(at, message);
        }
    }
}
