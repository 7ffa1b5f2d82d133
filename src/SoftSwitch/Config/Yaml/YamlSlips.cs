using SoftSwitch.Text;

namespace SoftSwitch.Config.Yaml;

/// <summary>
/// Finds the slip of the pen behind YAML that can't be read, and tells it in the words of whoever wrote the file. A parser notices a
/// missing colon where the text no longer fits, lines below, and in the words of its own rules; this looks at the lines as they were meant.
/// </summary>
/// <remarks>
/// Theory of operation. Only run on text that the parser has refused, so it needn't accept all of YAML, only not mistake a good line for a
/// bad one: a configuration is keys with values, each on a line or in braces, and no value goes on on the next line. Each line is looked at
/// by itself (a key, a colon, a space, a value), with the columns of the lines above it. Where braces or brackets are open, entries are
/// looked at instead, up to the bracket's end. What concerns one line alone is told of every line; a bracket, a quote or an indentation
/// that is wrong makes what follows unreliable, and ends the search.
/// </remarks>
internal ref struct YamlSlips
{
    private const int Most = 20;
    private const int MostOnLine = 2;
    private readonly ReadOnlySpan<char> _text;
    private readonly MistakeList _mistakes;
    private readonly Stack<(char Bracket, Position At, int Indent)> _open = new();
    private readonly Stack<int> _columns = new();

    /// <summary>What stands deeper on the next line may belong to the last one.</summary>
    private bool _opens = true;

    /// <summary>Inside of brackets: where the last line ended, should an entry begin without a comma on the next one.</summary>
    private Position? _comma;
    private int _count;
    private int _line;
    private int _onLine;
    private bool _ended;

    private YamlSlips(string text, MistakeList mistakes)
    {
        _text = text;
        _mistakes = mistakes;
    }

    /// <summary>Reports the slips that explain why a text can't be read.</summary>
    /// <param name="text">The text.</param>
    /// <param name="until">Where the parser gave up: what comes much later isn't the reason.</param>
    /// <returns>False: none was found.</returns>
    public static bool Tell(string text, Position until, MistakeList mistakes)
    {
        var slips = new YamlSlips(text, mistakes);
        slips.Look(until.Line);
        return slips._count > 0;
    }

    private void Look(int until)
    {
        var number = 0;
        var blockText = -1;
        foreach (var raw in _text.EnumerateLines())
        {
            number++;
            if (_ended || (number > until + 1 && _count > 0))
                return;
            var line = WithoutComment(raw).TrimEnd(" \t");
            var content = line.TrimStart(" \t");
            var column = line.Length - content.Length;
            if (content.IsEmpty || content is "---" or "..." || (blockText >= 0 && column > blockText))
                continue;
            blockText = -1;
            if (line[..column].Contains('\t'))
            {
                End(new(number, line.IndexOf('\t') + 1), YamlSyntax.Tab);
                return;
            }
            if (_open.Count > 0)
            {
                var (_, at, indent) = _open.Peek();
                if (IsBlockKey(content) && (column < indent || (column == indent && at.Column - 1 > indent)))
                    break;
                if (_comma is { } missing && (IsBlockKey(content) || content[0] is '{' or '"' or '\''))
                    Slip(missing, "a comma is missing at the end of this line");
                Flow(number, line, column, column);
                continue;
            }
            Block(number, line, column);
            if (content is [.., '|'] or [.., '>'])
                blockText = column;
        }
        if (!_ended && _open.Count > 0)
        {
            var (bracket, at, _) = _open.Peek();
            End(at, $"this '{bracket}' is not closed: write '{Closing(bracket)}' where it ends");
        }
    }

    /// <summary>A line outside of braces: <c>key: value</c>, <c>key:</c>, or an item of a list behind a hyphen.</summary>
    private void Block(int number, ReadOnlySpan<char> line, int column)
    {
        var start = column;
        var isItem = false;
        while (line[column..] is ['-', ' ', ..] or ['-'])
        {
            isItem = true;
            column++;
            while (column < line.Length && line[column] == ' ')
                column++;
            if (column == line.Length)
            {
                Indent(number, start, opens: true);
                return;
            }
        }
        var content = line[column..];
        if (content is ['-', not '-', ..] && (content[1] is '{' or '[' || char.IsAsciiLetter(content[1])))
        {
            Slip(new(number, column + 1), $"no space behind the hyphen: write '- {Cut(content[1..])}'");
            return;
        }
        if (content[0] is '{' or '[' or '"' or '\'' && !IsQuotedKey(content))
        {
            if (content[0] is '{' && !isItem && !_opens && _columns.Count > 0 && start == _columns.Peek())
                End(new(number, column + 1), "a second map without a hyphen: write '- ' before each item of a list");
            Indent(number, start, opens: false);
            if (!_ended)
                Flow(number, line, column, start);
            return;
        }
        var colon = content.IndexOf(':');
        if (content[0] is '"' or '\'')
            colon = content[1..].IndexOf(content[0]) + 2;
        var key = colon < 0 ? content : content[..colon].TrimEnd(' ');
        if (colon >= 0 && colon + 1 < content.Length && content[colon + 1] is not (' ' or '\t') && IsWord(key))
        {
            Slip(new(number, column + 1), $"no space behind the colon: write '{key}: {Cut(content[(colon + 1)..])}'");
            Follow(isItem ? column : start);
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
            Indent(number, start, opens: true);
        Indent(number, isItem ? column : start, opens: value.IsEmpty);
        if (_ended || value.IsEmpty)
            return;
        var at = line.Length - value.Length;
        if (value[0] is '{' or '[' or '"' or '\'')
            Flow(number, line, at, start);
        else if (value is ['@' or '`' or '%', ..])
            Slip(new(number, at + 1), $"a value can't begin with '{value[0]}': leave it out, or write the value in quotes");
        else if (value.IndexOf(": ") is >= 0 and var second)
            Slip(new(number, at + second + 1), IsWord(value[..second])
                ? $"a second colon in one line: write '{value[..second]}: …' on a line of its own, or in braces: {Cut(key)}: {{ {Cut(value)} }}"
                : $"a colon inside a value: write it in quotes: {Cut(key)}: \"{Cut(value)}\"");
    }

    /// <summary>A line that is no key with a colon.</summary>
    private void WithoutColon(int number, int column, ReadOnlySpan<char> content)
    {
        var at = new Position(number, column + 1);
        var end = content.IndexOf(' ');
        var word = end < 0 ? content : content[..end];
        var rest = end < 0 ? default : content[end..].TrimStart(" =");
        if (!IsWord(word))
        {
            if (content[0] is '}' or ']')
                End(at, $"this '{content[0]}' closes nothing: take it away");
            return;
        }
        // A value may stand alone below its key.
        if (rest.IsEmpty && _opens && !IsKeyOfMore(number, column))
        {
            _opens = false;
            return;
        }
        Slip(at, rest.IsEmpty ? $"no colon behind '{Cut(word)}': write '{Cut(word)}:'" : $"no colon behind '{Cut(word)}': write '{Cut(word)}: {Cut(rest)}'");
        Follow(column);
        _opens = rest.IsEmpty;
    }

    /// <summary>Keeps the column of a line that is wrong already, so that those below it aren't.</summary>
    private void Follow(int column)
    {
        while (_columns.Count > 1 && column < _columns.Peek())
            _columns.Pop();
        if (_columns.Count == 0 || column > _columns.Peek())
            _columns.Push(column);
        _opens = false;
    }

    /// <summary>The next line that has something stands deeper.</summary>
    private readonly bool IsKeyOfMore(int number, int column)
    {
        var at = 0;
        foreach (var raw in _text.EnumerateLines())
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

    /// <summary>Holds a line's column against those above it.</summary>
    private void Indent(int number, int column, bool opens)
    {
        if (_columns.Count == 0 || (column > _columns.Peek() && _opens))
        {
            _columns.Push(column);
        }
        else if (column > _columns.Peek())
        {
            End(new(number, column + 1), $"indented deeper than the line above, which has a value of its own: begin it in column {_columns.Peek() + 1}, below the others");
        }
        else
        {
            var deeper = _columns.Peek();
            while (_columns.Count > 1 && column < _columns.Peek())
                deeper = _columns.Pop();
            if (column < _columns.Peek())
                End(new(number, column + 1), $"begins left of the first line: begin both in column 1");
            else if (column > _columns.Peek())
                End(new(number, column + 1), $"indented like none of the lines above: begin it in column {_columns.Peek() + 1} or {deeper + 1}, below those that it belongs to");
        }
        _opens = opens;
    }

    /// <summary>From a bracket, brace or quote on to the end of its line: entries and the commas between them.</summary>
    private void Flow(int number, ReadOnlySpan<char> line, int at, int indent)
    {
        var entry = at;
        for (var i = at; i < line.Length && !_ended; i++)
        {
            switch (line[i])
            {
                case '"' or '\'' when i == 0 || line[i - 1] is ' ' or '{' or '[' or ',' or ':':
                    var end = EndOfQuote(line, i);
                    if (end < 0)
                    {
                        End(new(number, i + 1), $"this quote is not closed: write {line[i]} where the text ends");
                        return;
                    }
                    i = end;
                    break;
                case '{' or '[':
                    if (_open.Count > 0)
                        Entry(number, line, entry, i, beforeBracket: true);
                    _open.Push((line[i], new(number, i + 1), indent));
                    entry = i + 1;
                    break;
                case ',' or '}' or ']':
                    if (_open.Count == 0)
                    {
                        if (line[i] != ',')
                            End(new(number, i + 1), $"this '{line[i]}' closes nothing: take it away");
                        return;
                    }
                    Entry(number, line, entry, i);
                    entry = i + 1;
                    if (line[i] == ',' || _ended)
                        break;
                    var (bracket, opened, _) = _open.Pop();
                    if (line[i] != Closing(bracket))
                        End(new(number, i + 1), $"this '{line[i]}' doesn't close the '{bracket}' at {opened}: write '{Closing(bracket)}' before it");
                    else if (_open.Count == 0 && line[(i + 1)..].TrimStart(' ') is [not ('}' or ']' or ','), ..] and var rest)
                        Slip(new(number, line.Length - rest.Length + 1), $"nothing goes behind this '{line[i]}': a comment begins with ' #'");
                    break;
            }
        }
        if (!_ended && _open.Count > 0)
            Entry(number, line, entry, line.Length);
        _comma = _open.Count > 0 && line is [.., not (',' or '{' or '[' or ':')] ? new(number, line.Length + 1) : null;
        _opens = false;
    }

    /// <summary>What stands between two commas.</summary>
    private void Entry(int number, ReadOnlySpan<char> line, int from, int to, bool beforeBracket = false)
    {
        var entry = line[from..to];
        var blank = entry.Length - entry.TrimStart(" \t").Length;
        entry = entry.Trim(" \t");
        if (entry.IsEmpty)
        {
            // Behind a bracket that was closed another begins.
            if (beforeBracket && from > 0 && line[..from].TrimEnd(' ') is [.., '}' or ']'])
                Slip(new(number, to + 1), $"a comma is missing before this '{line[to]}'");
            return;
        }
        var at = new Position(number, from + blank + 1);
        if (line[..from].TrimEnd(' ') is [.., '}' or ']'])
        {
            Slip(at, $"a comma is missing before '{Cut(entry)}'");
            return;
        }
        var colon = entry[0] is '"' or '\'' ? entry[1..].IndexOf(entry[0]) + 2 : entry.IndexOf(':');
        if (colon >= entry.Length)
            return;
        if (beforeBracket && colon == entry.Length - 1 && line[to - 1] == ':' && IsWord(entry[..colon]))
        {
            Slip(at, $"no space behind the colon: write '{entry} {line[to]}'");
            return;
        }
        if (colon < 0)
        {
            // A word alone is an item of a list, or the value of a key on a line above.
            if (_open.Peek().Bracket == '{' && entry.IndexOf(' ') is > 0 and var space && IsWord(entry[..space]))
                Slip(at, $"no colon behind '{entry[..space]}': write '{entry[..space]}: {Cut(entry[space..].TrimStart(" ="))}'");
            return;
        }
        var key = entry[..colon];
        var value = entry[(colon + 1)..].TrimStart(' ');
        if (colon + 1 < entry.Length && entry[colon + 1] is not ' ' && IsWord(key))
        {
            if (_open.Peek().Bracket == '{')
                Slip(at, $"no space behind the colon: write '{key}: {Cut(value)}'");
        }
        else if (value is ['@' or '`' or '%', ..])
        {
            Slip(new(number, from + blank + entry.Length - value.Length + 1), $"a value can't begin with '{value[0]}': leave it out, or write the value in quotes");
        }
        else if (SecondKey(value) is >= 0 and var second)
        {
            var place = from + blank + entry.Length - value.Length + second;
            Slip(new(number, place + 1), value[..second].TrimEnd(' ') is [.. , ';']
                ? $"a ';' where a comma belongs: write ',' before '{Cut(value[second..])}'"
                : $"a comma is missing before '{Cut(value[second..])}'");
        }
    }

    /// <summary>Where in a value another key begins, behind a blank; below 0: nowhere.</summary>
    private static int SecondKey(ReadOnlySpan<char> value)
    {
        for (var i = 1; i < value.Length; i++)
        {
            if (value[i - 1] != ' ' || !char.IsAsciiLetter(value[i]))
                continue;
            var colon = value[i..].IndexOf(':');
            if (colon > 0 && IsWord(value.Slice(i, colon)))
                return i;
        }
        return -1;
    }

    private static int EndOfQuote(ReadOnlySpan<char> line, int at)
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

    private static bool IsQuotedKey(ReadOnlySpan<char> content) =>
        content[0] is '"' or '\'' && EndOfQuote(content, 0) is > 0 and var end && content[(end + 1)..].TrimStart(' ') is [':', ..];

    private static bool IsBlockKey(ReadOnlySpan<char> content) => content.IndexOf(':') is > 0 and var colon && IsWord(content[..colon]) && !content.Contains('}');

    private static bool IsWord(ReadOnlySpan<char> text)
    {
        foreach (var letter in text)
        {
            if (!char.IsAsciiLetterOrDigit(letter) && letter is not ('-' or '_'))
                return false;
        }
        return text.Length is > 0 and <= 32 && char.IsAsciiLetterOrDigit(text[0]);
    }

    private static char Closing(char bracket) => bracket == '{' ? '}' : ']';

    /// <summary>A comment begins with '#' at the start of a line or behind a blank, and never inside of quotes.</summary>
    private static ReadOnlySpan<char> WithoutComment(ReadOnlySpan<char> line)
    {
        var quote = '\0';
        for (var i = 0; i < line.Length; i++)
        {
            if (quote != '\0')
                quote = line[i] == quote ? '\0' : quote;
            else if (line[i] is '"' or '\'' && (i == 0 || line[i - 1] is ' ' or '{' or '[' or ',' or ':'))
                quote = line[i];
            else if (line[i] == '#' && (i == 0 || line[i - 1] is ' ' or '\t'))
                return line[..i];
        }
        return line;
    }

    /// <summary>What a message can hold of a text.</summary>
    private static string Cut(ReadOnlySpan<char> text) => Shown.Quote(text.Trim(' ').ToString())[1..^1];

    private void Slip(Position at, string message)
    {
        _onLine = at.Line == _line ? _onLine + 1 : 1;
        _line = at.Line;
        if (_onLine > MostOnLine)
            return;
        _mistakes.Add(at, $"not YAML: {message}");
        _ended |= ++_count >= Most;
    }

    private void End(Position at, string message)
    {
        _count++;
        _ended = true;
        _mistakes.Add(at, message.StartsWith("not YAML", StringComparison.Ordinal) ? message : $"not YAML: {message}");
    }
}
