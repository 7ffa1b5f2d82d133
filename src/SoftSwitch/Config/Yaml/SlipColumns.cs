namespace SoftSwitch.Config.Yaml;

/// <summary>The columns in which the lines above begin: what a line's own is held against.</summary>
internal sealed class SlipColumns(SlipReport report)
{
    private readonly Stack<int> _columns = new();

    /// <summary>What stands deeper on the next line may belong to the last one.</summary>
    public bool Opens { get; set; } = true;

    /// <summary>A line begins where the last one that counts does.</summary>
    public bool IsBeside(int column) => _columns.TryPeek(out var last) && column == last;

    /// <summary>Holds a line's column against those above it.</summary>
    public void Indent(int number, int column, bool opens)
    {
        if (_columns.Count == 0 || (column > _columns.Peek() && Opens))
        {
            _columns.Push(column);
        }
        else if (column > _columns.Peek())
        {
            report.End(new(number, column + 1), "indented deeper than the line above, which has a value of its own: "
                + $"begin it in column {_columns.Peek() + 1}, below the others");
        }
        else
        {
            var deeper = _columns.Peek();
            while (_columns.Count > 1 && column < _columns.Peek())
                deeper = _columns.Pop();
            if (column < _columns.Peek())
                report.End(new(number, column + 1), "begins left of the first line: begin both in column 1");
            else if (column > _columns.Peek())
                report.End(new(number, column + 1), "indented like none of the lines above: "
                    + $"begin it in column {_columns.Peek() + 1} or {deeper + 1}, below those that it belongs to");
        }
        Opens = opens;
    }

    /// <summary>Keeps the column of a line that is wrong already, so that those below it aren't.</summary>
    public void Follow(int column)
    {
        while (_columns.Count > 1 && column < _columns.Peek())
            _columns.Pop();
        if (_columns.Count == 0 || column > _columns.Peek())
            _columns.Push(column);
        Opens = false;
    }
}
