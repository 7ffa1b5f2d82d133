using System.Globalization;
using System.Text;

namespace SoftSwitch.Cli.Tables;

/// <summary>
/// A table for people, like those of `ip -br` and `docker ps`: headers in capitals, aligned columns, no lines. Rows are never
/// wrapped or cut. Colours only where the output is a terminal that wants them.
/// </summary>
/// <remarks>
/// Written in two passes over the cells, widths and then lines, so that a list of a million stations is a matter of its length.
/// A letter is one column wide: names are ASCII, and what else may come stands in the last column.
/// </remarks>
internal sealed class TextTable
{
    private const int Gap = 2;
    private readonly Cell[] _headers;
    private readonly bool[] _right;
    private readonly List<Cell[]> _rows = [];

    /// <param name="columns">Headers; one that begins with '>' belongs to a column of numbers, which is aligned to the right.</param>
    public TextTable(params ReadOnlySpan<string> columns)
    {
        (_headers, _right) = (new Cell[columns.Length], new bool[columns.Length]);
        for (var i = 0; i < columns.Length; i++)
        {
            _right[i] = columns[i].StartsWith('>');
            _headers[i] = _right[i] ? columns[i][1..] : columns[i];
        }
    }

    public int Rows => _rows.Count;

    public TextTable Add(params ReadOnlySpan<Cell> cells)
    {
        if (cells.Length != _headers.Length)
            throw new ArgumentException($"{cells.Length} cells for {_headers.Length} columns", nameof(cells));
        _rows.Add(cells.ToArray());
        return this;
    }

    /// <summary>The table as lines without trailing blanks.</summary>
    public string Render(bool colors)
    {
        var widths = Array.ConvertAll(_headers, Width);
        foreach (var row in _rows)
        {
            for (var i = 0; i < row.Length; i++)
                widths[i] = Math.Max(widths[i], Width(row[i]));
        }
        var text = new StringBuilder((_rows.Count + 1) * (widths.Sum() + Gap * widths.Length));
        Line(text, _headers, widths, colors: false);
        foreach (var row in _rows)
            Line(text, row, widths, colors);
        return text.ToString();
    }

    private void Line(StringBuilder text, Cell[] cells, int[] widths, bool colors)
    {
        var blanks = 0;
        for (var i = 0; i < cells.Length; i++)
        {
            var fill = widths[i] - Width(cells[i]);
            blanks += _right[i] ? fill : 0;
            // Blanks are owed until something follows them, so that a line never ends with one.
            if (cells[i].Text.Length > 0)
            {
                text.Append(' ', blanks);
                blanks = 0;
                Write(text, cells[i], colors);
            }
            blanks += (_right[i] ? 0 : fill) + Gap;
        }
        text.Append('\n');
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
