using SoftSwitch.Api.Views;

namespace SoftSwitch.Cli.Tables;

/// <summary>`show drops` for people: each reason with its sentence.</summary>
internal static class DropTable
{
    public static TextTable Of(IReadOnlyList<DropView> drops)
    {
        var table = new TextTable("PORT", "WAY", "REASON", ">COUNT", "~HELP");
        foreach (var drop in drops)
            table.Add(drop.Port, drop.Direction, drop.Reason, drop.Count, drop.Help);
        return table;
    }
}
