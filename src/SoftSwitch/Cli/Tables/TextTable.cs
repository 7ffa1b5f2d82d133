using Spectre.Console;

namespace SoftSwitch.Cli.Tables;

/// <summary>
/// A table for people, like those of `ip -br` and `docker ps`: headers in capitals, aligned columns, no lines. Rows are never
/// wrapped or cut. Colours only where the output is a terminal that wants them.
/// </summary>
internal sealed class TextTable
{
    // Wider than any row: nothing must be wrapped, the terminal may do that.
    private const int Unbounded = 100_000;
    private readonly Table _table = new Table().NoBorder().Collapse();

    /// <param name="columns">Headers; one that begins with '>' belongs to a column of numbers, which is aligned to the right.</param>
    public TextTable(params ReadOnlySpan<string> columns)
    {
        foreach (var column in columns)
        {
            var right = column.StartsWith('>');
            var header = new TableColumn(new Text(right ? column[1..] : column)) { NoWrap = true, Padding = new(0, 0, 2, 0) };
            if (right)
                header.RightAligned();
            _table.AddColumn(header);
        }
    }

    public int Rows => _table.Rows.Count;

    public TextTable Add(params ReadOnlySpan<Cell> cells)
    {
        var texts = new Text[cells.Length];
        for (var i = 0; i < cells.Length; i++)
            texts[i] = cells[i].Color is { } color ? new(cells[i].Text, new Style(color)) : new(cells[i].Text);
        _table.AddRow(texts);
        return this;
    }

    /// <summary>The table as lines without trailing blanks.</summary>
    public string Render(bool colors)
    {
        var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = colors ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = colors ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(text),
        });
        console.Profile.Width = Unbounded;
        console.Write(_table);
        var lines = text.ToString().Split('\n');
        return string.Join('\n', lines.Select(line => line.TrimEnd()));
    }
}
