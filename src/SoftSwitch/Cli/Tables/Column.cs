using System.Text.Json;

namespace SoftSwitch.Cli.Tables;

/// <summary>A column of a list: its header, and what it shows of an item as the API tells it.</summary>
/// <param name="Header">In capitals. One that begins with '>' belongs to numbers; with '~', in the last column, to sentences (<see
/// cref="TextTable"/>).</param>
/// <param name="Shows">What stands in it; null: nothing is known.</param>
internal sealed record Column(string Header, Func<JsonElement, Cell?> Shows)
{
    /// <summary>Of several texts.</summary>
    private const int MostNamed = 3;

    /// <summary>The column is there only where an item has something to show in it.</summary>
    public bool IsWhereKnown { get; private init; }

    /// <summary>What stands where nothing is known.</summary>
    public string Nothing => Header.StartsWith('~') ? "" : "-";

    /// <param name="header">In capitals.</param>
    /// <param name="member">The member it shows, such as nat.flows; the header in lower case when left out.</param>
    public static Column Text(string header, string? member = null) => From(header, member, json => json.GetString() ?? "");

    /// <summary>Several texts: some of them, and how many more there are; nothing where there is none.</summary>
    public static Column Texts(string header, string? member = null) => From(header, member, json =>
    {
        var count = json.GetArrayLength();
        var named = string.Join(", ", json.EnumerateArray().Take(MostNamed).Select(text => text.GetString()));
        return count == 0 ? (Cell?)null : new Cell(count > MostNamed ? $"{named} and {count - MostNamed} more" : named);
    });

    public static Column Sentences(string header, string? member = null) => From(header, member, json => json.GetString() ?? "", '~');

    public static Column Number(string header, string? member = null) => From(header, member, json => json.GetInt64(), '>');

    public static Column Bytes(string header, string? member = null) => From(header, member, json => Units.Bytes(json.GetInt64()), '>');

    public static Column Seconds(string header, string? member = null) => From(header, member, json => Units.Seconds(json.GetInt64()), '>');

    /// <summary>The same, but left out where no item has anything to show in it.</summary>
    public Column WhereKnown() => this with { IsWhereKnown = true };

    /// <summary>The same in a colour that its text decides.</summary>
    public Column Colored(Func<string, CellColor> color) => this with
    {
        Shows = item => Shows(item) is { } cell ? cell with { Color = color(cell.Text) } : (Cell?)null,
    };

    /// <summary>A member of an item, or of what is in it; null: it has none, or it is null.</summary>
    /// <param name="path">Names with dots between them.</param>
    public static JsonElement? Member(JsonElement item, string path)
    {
        foreach (var name in path.Split('.'))
        {
            if (!item.TryGetProperty(name, out item) || item.ValueKind == JsonValueKind.Null)
                return null;
        }
        return item;
    }

    private static Column From(string header, string? member, Func<JsonElement, Cell?> cell, char? alignment = null)
    {
        var path = member ?? header.ToLowerInvariant();
        return new($"{alignment}{header}", item => Member(item, path) is { } json ? cell(json) : (Cell?)null);
    }
}
