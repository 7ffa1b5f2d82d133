using SoftSwitch.Api.Views;

namespace SoftSwitch.Cli.Tables;

/// <summary>`show neighbors` for people.</summary>
internal static class NeighborTable
{
    public static TextTable Of(IReadOnlyList<NeighborView> neighbors)
    {
        var table = new TextTable("NETWORK", "ADDRESS", "MAC", "PORT", "STATE", ">AGE").Dispensable("AGE");
        foreach (var neighbor in neighbors)
            table.Add(neighbor.Network, neighbor.Address, neighbor.Mac ?? "-", neighbor.Port ?? "-", neighbor.State, Units.Seconds(neighbor.Age));
        return table;
    }
}
