using System.Text;
using SoftSwitch.Config;
using SoftSwitch.Config.Keys;
using SoftSwitch.Config.Rows;
using SoftSwitch.Kinds;
using SoftSwitch.Text;

namespace SoftSwitch.Tests.Docs;

/// <summary>The language as tables for people: a table for each place where keys stand.</summary>
internal static class KeyTable
{
    public static string Write()
    {
        var text = new StringBuilder(
            """
            # The keys of the file

            Made from the program's own table of keys: `SOFTSWITCH_WRITE_DOCS=1 dotnet test tests/SoftSwitch.Tests`. The same for editors:
            [softswitch.schema.json](softswitch.schema.json), named in a file's first line as `# yaml-language-server: $schema=PATH`.

            Names of networks and ports are `[a-z0-9-]`, at most 15 characters, the first no hyphen.

            """);
        Table(text, "At the top", SwitchKeys.All, SwitchKeys.Blank);
        Table(text, "A network: `networks: NAME:`", NetworkKeys.All, NetworkKeys.Blank("NAME", null), "mode");
        Inner(text, "networks: NAME:", NetworkKeys.All, NetworkKeys.Blank("NAME", null));
        Table(text, "A port: `ports: NAME:`", PortKeys.All.Where(IsOfBuiltKind).Select(WithBuiltKinds),
            PortKinds.Find("tap")!.Blank(""), "kind");
        text.Append("\n| kind | who is at the other end | keys beside those of all |\n|---|---|---|\n");
        foreach (var kind in PortKinds.All.Where(kind => kind.IsBuilt))
        {
            var keys = kind.Keys.Select(key => key.Need is null ? $"`{key.Name}`" : $"`{key.Name}` (needed)");
            text.Append($"| `{kind.Word}` | {kind.Says} | {string.Join(", ", keys)} |\n");
        }
        var unbuilt = PortKinds.All.Where(kind => !kind.IsBuilt).Select(kind => $"`{kind.Word}`").ToList();
        return text.Append($"\nNot available yet: {string.Join(", ", unbuilt)}.\n").ToString();
    }

    private static void Inner(StringBuilder text, string path, IEnumerable<Row> rows, object blank)
    {
        foreach (var row in rows.Where(row => row.Rows.Count > 0 && row.IsBuilt))
        {
            var title = row.Shape == RowShape.Maps ? $"Each of `{path} {row.Name}:`" : $"`{path} {row.Name}:`";
            Table(text, title, row.Rows, row.Inside(blank));
        }
    }

    private static void Table(StringBuilder text, string title, IEnumerable<Row> rows, object? blank, string? choice = null)
    {
        text.Append($"\n## {title}\n\n| key | {(choice is null ? "" : $"{choice} | ")}value | left out | what it says |\n");
        text.Append($"|---|{(choice is null ? "" : "---|")}---|---|---|\n");
        foreach (var row in rows)
        {
            text.Append($"| `{row.Name}` | ");
            if (choice is not null)
                text.Append(row.Where.Count == 0 ? "all | " : string.Join(", ", row.Where.Select(word => $"`{word}`")) + " | ");
            text.Append($"{Value(row)} | {Default(row, blank)} | {row.Says} |\n");
        }
    }

    private static string Value(Row row) => row.Shape switch
    {
        RowShape.Scalar when row.Type!.Words.Count > 0 => Shown.Or([.. row.Type.Words.Select(word => $"`{word}`")]),
        RowShape.Scalar => row.Type!.Expected,
        RowShape.Scalars => $"a list, each {row.Type!.Expected}",
        RowShape.Map => "a map: below",
        RowShape.MapOrOff => row.IsBuilt ? "`off`, or a map: below" : "`off`",
        RowShape.Maps => "a list of maps: below",
        RowShape.Names => "a map of names: below",
        RowShape.Pairs => $"a map of {row.NamesOfPairs}, each with {row.Type!.Expected}",
        _ => throw new NotSupportedException($"{row.Shape}"),
    };

    private static string Default(Row row, object? blank) => row switch
    {
        { Need: not null } => "needed",
        { Otherwise: { } words } => words,
        { Shape: RowShape.Map } => "as below",
        { Shape: RowShape.MapOrOff, IsBuilt: false } => "`off`",
        _ => blank is not null && row.Default(blank) is { } text ? $"`{text}`" : "none",
    };

    private static bool IsOfBuiltKind(Row row) => row.Where.Count == 0 || WithBuiltKinds(row).Where.Count > 0;

    private static Row WithBuiltKinds(Row row) => row with { Where = [.. row.Where.Intersect(PortKinds.BuiltWords)] };
}
