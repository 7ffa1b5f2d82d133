using SoftSwitch.Api.Views;

namespace SoftSwitch.Cli.Tables;

/// <summary>`show forwards` for people. The reason stands last, and only where one waits.</summary>
internal static class ForwardTable
{
    public static TextTable Of(IReadOnlyList<ForwardView> forwards)
    {
        var reasons = forwards.Any(forward => forward.Reason is not null);
        string[] columns = ["NETWORK", "FROM", "TO", "OUTSIDE", "INSIDE", "STATE"];
        var table = new TextTable(reasons ? [.. columns, "~REASON"] : columns).Dispensable("OUTSIDE");
        foreach (var forward in forwards)
        {
            Cell[] cells =
            [
                forward.Network, forward.From, forward.To, forward.Outside ?? "-", forward.Inside ?? "-",
                new(forward.State, forward.State == "active" ? CellColor.Green : CellColor.Yellow),
            ];
            table.Add(reasons ? [.. cells, forward.Reason ?? ""] : cells);
        }
        return table;
    }
}
