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
    private const int Indent = 4;
    private readonly TableColumns _columns;
    private readonly List<Cell[]> _rows = [];

    /// <param name="columns">Headers. One that begins with '>' belongs to a column of numbers, which is aligned to the right; the last may
    /// begin with '~': sentences.</param>
    public TextTable(params ReadOnlySpan<string> columns) => _columns = new(columns);

    public int Rows => _rows.Count;

    /// <summary>The headers of the columns that the last rendering had no room for.</summary>
    public IReadOnlyList<string> LeftOut => _columns.LeftOut;

    /// <summary>Names the columns that are left out where there is no room, the first one first.</summary>
    public TextTable Dispensable(params string[] headers)
    {
        _columns.Dispensable = headers;
        return this;
    }

    public TextTable Add(params ReadOnlySpan<Cell> cells)
    {
        if (cells.Length != _columns.Headers.Length)
            throw new ArgumentException($"{cells.Length} cells for {_columns.Headers.Length} columns", nameof(cells));
        _rows.Add(cells.ToArray());
        return this;
    }

    /// <summary>The table as lines without trailing blanks.</summary>
    /// <param name="colors">With colours.</param>
    /// <param name="width">The columns there are; null: as many as it takes.</param>
    public string Render(bool colors, int? width = null)
    {
        _columns.Measure(_rows);
        if (width is { } columns)
            _columns.Fit(columns);
        var text = new StringBuilder((_rows.Count + 1) * (_columns.Total + TableColumns.Gap));
        Line(text, _columns.Headers, colors: false);
        foreach (var row in _rows)
            Line(text, row, colors, width ?? int.MaxValue);
        return text.ToString();
    }

    private void Line(StringBuilder text, Cell[] cells, bool colors, int width = int.MaxValue)
    {
        var blanks = 0;
        string? rest = null;
        for (var i = 0; i < cells.Length; i++)
        {
            if (!_columns.IsShown(i))
                continue;
            var cell = cells[i];
            if (i == _columns.Last && _columns.Width(i) == 0)
            {
                // Its header stands nowhere, and it below the row.
                rest = ReferenceEquals(cells, _columns.Headers) ? null : cell.Text;
                continue;
            }
            if (cell.Text.Length > _columns.Width(i))
            {
                var goesOn = i == _columns.Last && _columns.HasSentences;
                var length = goesOn ? Break(cell.Text, _columns.Width(i)) : _columns.Width(i) - 1;
                rest = goesOn ? cell.Text[length..].TrimStart() : null;
                cell = cell with { Text = rest is null ? cell.Text[..length] + "…" : cell.Text[..length].TrimEnd() };
            }
            var fill = _columns.Width(i) - cell.Text.Length;
            blanks += _columns.IsRight(i) ? fill : 0;
            // Blanks are owed until something follows them, so that a line never ends with one.
            if (cell.Text.Length > 0)
            {
                text.Append(' ', blanks);
                blanks = 0;
                Write(text, cell, colors);
            }
            blanks += (_columns.IsRight(i) ? 0 : fill) + TableColumns.Gap;
        }
        text.Append('\n');
        var indent = _columns.Width(_columns.Last) == 0 ? Indent : _columns.Total - _columns.Width(_columns.Last);
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
}
