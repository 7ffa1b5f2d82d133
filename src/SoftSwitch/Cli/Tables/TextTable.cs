using System.Globalization;
using System.Text;

namespace SoftSwitch.Cli.Tables;

/// <summary>
/// A table for people, like those of `ip -br` and `docker ps`: headers in capitals, aligned columns, no lines. Colours only where the
/// output is a terminal that wants them.
/// </summary>
/// <remarks>
/// Written in two passes over the cells, widths and then lines, so that a list of a million stations is a matter of its length. A letter is
/// one column wide: names are ASCII, and what else may come stands in the last column.
/// <para>
/// Where no width is given, rows are never wrapped or cut. In a given width a last column of sentences goes on below itself, or below its
/// row where it has little room. A table that still doesn't fit loses the columns that were named as dispensable, in their order
/// (<see cref="LeftOut"/> tells them). Last, the widest columns of text are cut.
/// </para>
/// </remarks>
internal sealed class TextTable
{
    private const int Gap = 2;

    /// <summary>A column of text is never cut to less.</summary>
    private const int Narrowest = 8;

    /// <summary>The least room for a last column of sentences; where less is left, a sentence gets lines of its own below the
    /// row.</summary>
    private const int NarrowestText = 24;

    private const int Indent = 4;
    private readonly Cell[] _headers;
    private readonly bool[] _right;
    private readonly bool[] _shown;
    private readonly bool _sentences;
    private readonly List<Cell[]> _rows = [];
    private IReadOnlyList<string> _dispensable = [];
    private int[] _widths = [];

    /// <param name="columns">Headers. One that begins with '>' belongs to a column of numbers, which is aligned to the right; the last may
    /// begin with '~': sentences.</param>
    public TextTable(params ReadOnlySpan<string> columns)
    {
        (_headers, _right, _shown) = (new Cell[columns.Length], new bool[columns.Length], new bool[columns.Length]);
        for (var i = 0; i < columns.Length; i++)
        {
            _right[i] = columns[i].StartsWith('>');
            _sentences = columns[i].StartsWith('~');
            _headers[i] = _right[i] || _sentences ? columns[i][1..] : columns[i];
        }
        Array.Fill(_shown, true);
    }

    public int Rows => _rows.Count;

    /// <summary>The headers of the columns that the last rendering had no room for.</summary>
    public IReadOnlyList<string> LeftOut => [.. _headers.Where((_, i) => !_shown[i]).Select(header => header.Text)];

    /// <summary>Names the columns that are left out where there is no room, the first one first.</summary>
    public TextTable Dispensable(params string[] headers)
    {
        _dispensable = headers;
        return this;
    }

    public TextTable Add(params ReadOnlySpan<Cell> cells)
    {
        if (cells.Length != _headers.Length)
            throw new ArgumentException($"{cells.Length} cells for {_headers.Length} columns", nameof(cells));
        _rows.Add(cells.ToArray());
        return this;
    }

    /// <summary>The table as lines without trailing blanks.</summary>
    /// <param name="colors">With colours.</param>
    /// <param name="width">The columns there are; null: as many as it takes.</param>
    public string Render(bool colors, int? width = null)
    {
        Measure();
        if (width is { } columns)
            Fit(columns);
        var text = new StringBuilder((_rows.Count + 1) * (Total() + Gap));
        Line(text, _headers, colors: false);
        foreach (var row in _rows)
            Line(text, row, colors, width ?? int.MaxValue);
        return text.ToString();
    }

    private int Last => _headers.Length - 1;

    private void Measure()
    {
        Array.Fill(_shown, true);
        _widths = Array.ConvertAll(_headers, Width);
        foreach (var row in _rows)
        {
            for (var i = 0; i < row.Length; i++)
                _widths[i] = Math.Max(_widths[i], Width(row[i]));
        }
    }

    private int Total()
    {
        var total = -Gap;
        for (var i = 0; i < _widths.Length; i++)
            total += _shown[i] && _widths[i] > 0 ? _widths[i] + Gap : 0;
        return total;
    }

    private void Fit(int width)
    {
        // Sentences need little room to be there; how much they get is seen when the others have theirs.
        var wanted = _widths[Last];
        if (_sentences)
        {
            _widths[Last] = Math.Min(wanted, NarrowestText);
            _widths[Last] = Total() <= width ? _widths[Last] : 0;
        }
        foreach (var header in _dispensable)
        {
            if (Total() <= width)
                break;
            if (Array.FindIndex(_headers, one => one.Text == header) is >= 0 and var column)
                _shown[column] = false;
        }
        while (Total() > width && Widest(_sentences ? Last : _headers.Length) is { } column)
            _widths[column]--;
        if (_sentences && _widths[Last] > 0)
            _widths[Last] = Math.Clamp(width - Total() + _widths[Last], 1, wanted);
    }

    /// <summary>The widest of the columns of text before <paramref name="end"/> that can become narrower; null: none can.</summary>
    private int? Widest(int end)
    {
        int? widest = null;
        for (var i = 0; i < end; i++)
        {
            if (_shown[i] && !_right[i] && _widths[i] > Math.Max(Narrowest, Width(_headers[i]))
                && (widest is null || _widths[i] > _widths[widest.Value]))
                widest = i;
        }
        return widest;
    }

    private void Line(StringBuilder text, Cell[] cells, bool colors, int width = int.MaxValue)
    {
        var blanks = 0;
        string? rest = null;
        for (var i = 0; i < cells.Length; i++)
        {
            if (!_shown[i])
                continue;
            var cell = cells[i];
            if (i == Last && _widths[i] == 0)
            {
                // Its header stands nowhere, and it below the row.
                rest = ReferenceEquals(cells, _headers) ? null : cell.Text;
                continue;
            }
            if (Width(cell) > _widths[i])
            {
                var goesOn = i == Last && _sentences;
                var length = goesOn ? Break(cell.Text, _widths[i]) : _widths[i] - 1;
                rest = goesOn ? cell.Text[length..].TrimStart() : null;
                cell = cell with { Text = rest is null ? cell.Text[..length] + "…" : cell.Text[..length].TrimEnd() };
            }
            var fill = _widths[i] - Width(cell);
            blanks += _right[i] ? fill : 0;
            // Blanks are owed until something follows them, so that a line never ends with one.
            if (cell.Text.Length > 0)
            {
                text.Append(' ', blanks);
                blanks = 0;
                Write(text, cell, colors);
            }
            blanks += (_right[i] ? 0 : fill) + Gap;
        }
        text.Append('\n');
        var indent = _widths[Last] == 0 ? Indent : Total() - _widths[Last];
        while (rest is { Length: > 0 })
        {
            var length = Break(rest, Math.Max(1, width - indent));
            text.Append(' ', indent);
            Write(text, rest[..length].TrimEnd(), colors: false);
            text.Append('\n');
            rest = rest[length..].TrimStart();
        }
    }

    /// <summary>How much of a text goes on a line: to the last blank that fits, or as much as fits.</summary>
    private static int Break(string text, int width)
    {
        if (text.Length <= width)
            return text.Length;
        var blank = text.LastIndexOf(' ', width);
        return blank > 0 ? blank : width;
    }

    /// <summary>A control character would write outside its cell: it becomes a question mark.</summary>
    private static void Write(StringBuilder text, Cell cell, bool colors)
    {
        var color = colors ? cell.Color : null;
        if (color is { } shown)
            text.Append(CultureInfo.InvariantCulture, $"\e[{(int)shown}m");
        if (cell.Text.Any(char.IsControl))
            text.Append(string.Concat(cell.Text.Select(letter => char.IsControl(letter) ? '?' : letter)));
        else
            text.Append(cell.Text);
        if (color is not null)
            text.Append("\e[0m");
    }

    private static int Width(Cell cell) => cell.Text.Length;
}
