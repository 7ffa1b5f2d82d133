using SoftSwitch.Text;

namespace SoftSwitch.Config.Yaml;

/// <summary>Words, quotes and comments of a line that need not be YAML.</summary>
internal static class SlipText
{
    /// <summary>What a key can be.</summary>
    public static bool IsWord(ReadOnlySpan<char> text)
    {
        foreach (var letter in text)
        {
            if (!char.IsAsciiLetterOrDigit(letter) && letter is not ('-' or '_'))
                return false;
        }
        return text.Length is > 0 and <= 32 && char.IsAsciiLetterOrDigit(text[0]);
    }

    public static bool IsQuotedKey(ReadOnlySpan<char> content) =>
        content[0] is '"' or '\'' && EndOfQuote(content, 0) is > 0 and var end && content[(end + 1)..].TrimStart(' ') is [':', ..];

    public static bool IsBlockKey(ReadOnlySpan<char> content) =>
        content.IndexOf(':') is > 0 and var colon && IsWord(content[..colon]) && !content.Contains('}');

    /// <summary>The colon behind a key, should there be one; behind the end: a quote that isn't closed.</summary>
    public static int Colon(ReadOnlySpan<char> content) =>
        content[0] is '"' or '\'' ? content[1..].IndexOf(content[0]) + 2 : content.IndexOf(':');

    /// <summary>Where a quote ends; below 0: not in this line.</summary>
    public static int EndOfQuote(ReadOnlySpan<char> line, int at)
    {
        for (var i = at + 1; i < line.Length; i++)
        {
            if (line[i] == '\\' && line[at] == '"')
                i++;
            else if (line[i] == line[at])
                return i;
        }
        return -1;
    }

    /// <summary>A quote that begins a text, and is no letter inside of one.</summary>
    public static bool BeginsQuote(ReadOnlySpan<char> line, int at) =>
        line[at] is '"' or '\'' && (at == 0 || line[at - 1] is ' ' or '{' or '[' or ',' or ':');

    /// <summary>A comment begins with '#' at the start of a line or behind a blank, and never inside of quotes.</summary>
    public static ReadOnlySpan<char> WithoutComment(ReadOnlySpan<char> line)
    {
        var quote = '\0';
        for (var i = 0; i < line.Length; i++)
        {
            if (quote != '\0')
                quote = line[i] == quote ? '\0' : quote;
            else if (BeginsQuote(line, i))
                quote = line[i];
            else if (line[i] == '#' && (i == 0 || line[i - 1] is ' ' or '\t'))
                return line[..i];
        }
        return line;
    }

    /// <summary>Where in a value another key begins, behind a blank; below 0: nowhere.</summary>
    public static int SecondKey(ReadOnlySpan<char> value)
    {
        for (var i = 1; i < value.Length; i++)
        {
            var isStart = value[i - 1] == ' ' && char.IsAsciiLetter(value[i]);
            if (isStart && value[i..].IndexOf(':') is > 0 and var colon && IsWord(value.Slice(i, colon)))
                return i;
        }
        return -1;
    }

    public static char Closing(char bracket) => bracket == '{' ? '}' : ']';

    /// <summary>Of a value with a character first that YAML keeps for itself.</summary>
    public static string BadStart(ReadOnlySpan<char> value) =>
        $"a value can't begin with '{value[0]}': leave it out, or write the value in quotes";

    /// <summary>What a message can hold of a text.</summary>
    public static string Cut(ReadOnlySpan<char> text) => Shown.Quote(text.Trim(' ').ToString())[1..^1];
}
