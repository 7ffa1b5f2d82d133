using static SoftSwitch.Config.Yaml.SlipText;

namespace SoftSwitch.Config.Yaml;

/// <summary>Slips in lines outside of braces: <c>key: value</c>, <c>key:</c>, or an item of a list behind a hyphen.</summary>
internal sealed class BlockSlips(string text, SlipReport report, FlowSlips flow)
{
    private readonly SlipColumns _columns = new(report);

    public void Look(int number, ReadOnlySpan<char> line, int start)
    {
        var column = start;
        while (line[column..] is ['-', ' ', ..] or ['-'])
        {
            column++;
            while (column < line.Length && line[column] == ' ')
                column++;
            if (column == line.Length)
            {
                _columns.Indent(number, start, opens: true);
                return;
            }
        }
        var isItem = column > start;
        var content = line[column..];
        if (content is ['-', not '-', ..] && (content[1] is '{' or '[' || char.IsAsciiLetter(content[1])))
            report.Slip(new(number, column + 1), $"no space behind the hyphen: write '- {Cut(content[1..])}'");
        else if (content[0] is '{' or '[' or '"' or '\'' && !IsQuotedKey(content))
            Bracket(number, line, start, column);
        else
            Key(number, line, start, column, isItem);
    }

    private void Bracket(int number, ReadOnlySpan<char> line, int start, int column)
    {
        if (line[column] is '{' && column == start && !_columns.Opens && _columns.IsBeside(start))
            report.End(new(number, column + 1), "a second map without a hyphen: write '- ' before each item of a list");
        _columns.Indent(number, start, opens: false);
        if (!report.Ended)
            flow.Look(number, line, column, start);
    }

    private void Key(int number, ReadOnlySpan<char> line, int start, int column, bool isItem)
    {
        var content = line[column..];
        var colon = Colon(content);
        var key = colon < 0 ? content : content[..colon].TrimEnd(' ');
        if (colon >= 0 && colon + 1 < content.Length && content[colon + 1] is not (' ' or '\t') && IsWord(key))
        {
            report.Slip(new(number, column + 1), $"no space behind the colon: write '{key}: {Cut(content[(colon + 1)..])}'");
            _columns.Follow(column);
            return;
        }
        // A colon further on is another's: `dev { mode: nat }`.
        if (colon < 0 || (colon + 1 < content.Length && content[colon + 1] is not ' ') || (!IsWord(key) && content[0] is not ('"' or '\'')))
        {
            WithoutColon(number, column, content);
            return;
        }
        var value = content[(colon + 1)..].TrimStart(' ');
        if (isItem)
            _columns.Indent(number, start, opens: true);
        _columns.Indent(number, column, opens: value.IsEmpty);
        if (!report.Ended && !value.IsEmpty)
            Value(number, line, start, key, value);
    }

    private void Value(int number, ReadOnlySpan<char> line, int start, ReadOnlySpan<char> key, ReadOnlySpan<char> value)
    {
        var at = line.Length - value.Length;
        if (value[0] is '{' or '[' or '"' or '\'')
            flow.Look(number, line, at, start);
        else if (value is ['@' or '`' or '%', ..])
            report.Slip(new(number, at + 1), BadStart(value));
        else if (value.IndexOf(": ") is >= 0 and var second)
            report.Slip(new(number, at + second + 1), IsWord(value[..second])
                ? $"a second colon in one line: write '{value[..second]}: …' on a line of its own, or in braces: {Cut(key)}: "
                    + $"{{ {Cut(value)} }}"
                : $"a colon inside a value: write it in quotes: {Cut(key)}: \"{Cut(value)}\"");
    }

    private void WithoutColon(int number, int column, ReadOnlySpan<char> content)
    {
        var at = new Position(number, column + 1);
        var end = content.IndexOf(' ');
        var word = end < 0 ? content : content[..end];
        var rest = end < 0 ? default : content[end..].TrimStart(" =");
        if (!IsWord(word))
        {
            if (content[0] is '}' or ']')
                report.End(at, $"this '{content[0]}' closes nothing: take it away");
            return;
        }
        // A value may stand alone below its key.
        if (rest.IsEmpty && _columns.Opens && !IsKeyOfMore(number, column))
        {
            _columns.Opens = false;
            return;
        }
        report.Slip(at, $"no colon behind '{Cut(word)}': write '{Cut(word)}:{(rest.IsEmpty ? "" : $" {Cut(rest)}")}'");
        _columns.Follow(column);
        _columns.Opens = rest.IsEmpty;
    }

    /// <summary>The next line that has something stands deeper.</summary>
    private bool IsKeyOfMore(int number, int column)
    {
        var at = 0;
        foreach (var raw in text.AsSpan().EnumerateLines())
        {
            if (++at <= number)
                continue;
            var line = WithoutComment(raw);
            var content = line.TrimStart(' ');
            if (!content.TrimEnd(" \t").IsEmpty)
                return line.Length - content.Length > column;
        }
        return false;
    }
}
