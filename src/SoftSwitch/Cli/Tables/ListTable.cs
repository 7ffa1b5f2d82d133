using System.Text.Json;

namespace SoftSwitch.Cli.Tables;

/// <summary>A list on its way to a table: which columns there are is known only when the last item has come.</summary>
internal sealed class ListTable(TableLayout layout)
{
    private readonly List<Cell?[]> _rows = [];

    public int Count => _rows.Count;

    /// <summary>A list whose items are still coming.</summary>
    public static async Task<ListTable> Of(IAsyncEnumerable<JsonElement> items, TableLayout layout)
    {
        var table = new ListTable(layout);
        await foreach (var item in items)
            table.Add(item);
        return table;
    }

    /// <param name="item">As the API tells it. Nothing of it is kept.</param>
    public void Add(JsonElement item) => _rows.Add([.. layout.Columns.Select(column => column.Shows(item))]);

    public TextTable ToText()
    {
        int[] shown = [.. Enumerable.Range(0, layout.Columns.Count).Where(IsShown)];
        var table = new TextTable([.. shown.Select(i => layout.Columns[i].Header)]).Dispensable([.. layout.Dispensable]);
        foreach (var row in _rows)
            table.Add([.. shown.Select(i => row[i] ?? layout.Columns[i].Nothing)]);
        return table;
    }

    private bool IsShown(int column) => !layout.Columns[column].IsWhereKnown || _rows.Exists(row => row[column] is not null);
}
