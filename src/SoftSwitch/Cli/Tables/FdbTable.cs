using SoftSwitch.Api.Views;

namespace SoftSwitch.Cli.Tables;

/// <summary>`show fdb` for people.</summary>
internal static class FdbTable
{
    public static TextTable Of(IReadOnlyList<FdbEntryView> entries)
    {
        var table = new TextTable("NETWORK", "MAC", "PORT", ">AGE", "KIND").Dispensable("KIND", "AGE");
        foreach (var entry in entries)
            table.Add(entry.Network, entry.Mac, entry.Port, Units.Seconds(entry.Age), entry.Kind);
        return table;
    }
}
