using static SoftSwitch.Config.Yaml.SlipText;

namespace SoftSwitch.Config.Yaml;

/// <summary>Slips inside of braces and brackets: entries, the commas between them, and what is not closed.</summary>
internal sealed class FlowSlips(SlipReport report)
{
    private readonly Stack<(char Bracket, Position At, int Indent)> _open = new();

    /// <summary>Where the last line ended, should an entry begin without a comma on the next one.</summary>
    private Position? _comma;

    public bool IsOpen => _open.Count > 0;

    /// <summary>A bracket is open, and this line can't be inside of it.</summary>
    public bool EndsBefore(ReadOnlySpan<char> content, int column)
    {
        var (_, at, indent) = _open.Peek();
        return IsBlockKey(content) && (column < indent || (column == indent && at.Column - 1 > indent));
    }

    /// <summary>A line that begins inside of a bracket.</summary>
    public void GoOn(int number, ReadOnlySpan<char> line, int column)
    {
        var content = line[column..];
        if (_comma is { } missing && (IsBlockKey(content) || content[0] is '{' or '"' or '\''))
            report.Slip(missing, "a comma is missing at the end of this line");
        Look(number, line, column, column);
    }

    /// <summary>The text is at its end.</summary>
    public void Finish()
    {
        if (_open.TryPeek(out var open))
            report.End(open.At, $"this '{open.Bracket}' is not closed: write '{Closing(open.Bracket)}' where it ends");
    }

    /// <summary>From a bracket, brace or quote on to the end of its line.</summary>
    public void Look(int number, ReadOnlySpan<char> line, int at, int indent)
    {
        var entry = at;
        for (var i = at; i < line.Length && !report.Ended; i++)
        {
            switch (line[i])
            {
                case '"' or '\'' when BeginsQuote(line, i):
                    var end = EndOfQuote(line, i);
                    if (end < 0)
                    {
                        report.End(new(number, i + 1), $"this quote is not closed: write {line[i]} where the text ends");
                        return;
                    }
                    i = end;
                    break;
                case '{' or '[':
                    if (IsOpen)
                        Entry(number, line, entry, i, beforeBracket: true);
                    _open.Push((line[i], new(number, i + 1), indent));
                    entry = i + 1;
                    break;
                case ',' or '}' or ']' when !IsOpen:
                    if (line[i] != ',')
                        report.End(new(number, i + 1), $"this '{line[i]}' closes nothing: take it away");
                    return;
                case ',' or '}' or ']':
                    Entry(number, line, entry, i);
                    entry = i + 1;
                    if (line[i] != ',' && !report.Ended)
                        Close(number, line, i);
                    break;
            }
        }
        if (!report.Ended && IsOpen)
            Entry(number, line, entry, line.Length);
        _comma = IsOpen && line is [.., not (',' or '{' or '[' or ':')] ? new(number, line.Length + 1) : null;
    }

    private void Close(int number, ReadOnlySpan<char> line, int i)
    {
        var (bracket, opened, _) = _open.Pop();
        if (line[i] != Closing(bracket))
            report.End(new(number, i + 1),
                $"this '{line[i]}' doesn't close the '{bracket}' at {opened}: write '{Closing(bracket)}' before it");
        else if (!IsOpen && line[(i + 1)..].TrimStart(' ') is [not ('}' or ']' or ','), ..] and var rest)
            report.Slip(new(number, line.Length - rest.Length + 1), $"nothing goes behind this '{line[i]}': a comment begins with ' #'");
    }

    /// <summary>What stands between two commas.</summary>
    private void Entry(int number, ReadOnlySpan<char> line, int from, int to, bool beforeBracket = false)
    {
        var entry = line[from..to].TrimStart(" \t");
        var at = new Position(number, to - entry.Length + 1);
        entry = entry.TrimEnd(" \t");
        var isBehindBracket = line[..from].TrimEnd(' ') is [.., '}' or ']'];
        if (entry.IsEmpty)
        {
            // Behind a bracket that was closed another begins.
            if (beforeBracket && isBehindBracket)
                report.Slip(at, $"a comma is missing before this '{line[to]}'");
            return;
        }
        if (isBehindBracket)
        {
            report.Slip(at, $"a comma is missing before '{Cut(entry)}'");
            return;
        }
        var colon = Colon(entry);
        if (colon >= entry.Length)
            return;
        if (beforeBracket && colon == entry.Length - 1 && line[to - 1] == ':' && IsWord(entry[..colon]))
            report.Slip(at, $"no space behind the colon: write '{entry} {line[to]}'");
        else if (colon >= 0)
            Value(at, entry, colon);
        // A word alone is an item of a list, or the value of a key on a line above.
        else if (_open.Peek().Bracket == '{' && entry.IndexOf(' ') is > 0 and var space && IsWord(entry[..space]))
            report.Slip(at, $"no colon behind '{entry[..space]}': write '{entry[..space]}: {Cut(entry[space..].TrimStart(" ="))}'");
    }

    private void Value(Position at, ReadOnlySpan<char> entry, int colon)
    {
        var key = entry[..colon];
        var value = entry[(colon + 1)..].TrimStart(' ');
        var start = at.Column + entry.Length - value.Length;
        if (colon + 1 < entry.Length && entry[colon + 1] is not ' ' && IsWord(key))
        {
            if (_open.Peek().Bracket == '{')
                report.Slip(at, $"no space behind the colon: write '{key}: {Cut(value)}'");
        }
        else if (value is ['@' or '`' or '%', ..])
        {
            report.Slip(new(at.Line, start), BadStart(value));
        }
        else if (SecondKey(value) is >= 0 and var second)
        {
            report.Slip(new(at.Line, start + second), value[..second].TrimEnd(' ') is [.., ';']
                ? $"a ';' where a comma belongs: write ',' before '{Cut(value[second..])}'"
                : $"a comma is missing before '{Cut(value[second..])}'");
        }
    }
}
