using System.Globalization;
using System.Text;
using SoftSwitch.Cli.Tables;
using SoftSwitch.Model;

namespace SoftSwitch.Lab;

/// <summary>What a lab prints: what is built, who reached whom, how fast.</summary>
internal static class LabReport
{
    /// <summary>More than these a matrix would be wider than any terminal.</summary>
    private const int MatrixStations = 24;

    private const int NameColumns = 72;

    /// <summary>The networks as small trees.</summary>
    public static string Picture(LabPlan plan)
    {
        var text = new StringBuilder();
        var nameWidth = plan.Stations.Select(station => station.Name.Length).DefaultIfEmpty().Max();
        foreach (var network in plan.Model.Networks)
        {
            text.Append(CultureInfo.InvariantCulture, $"{network.Name} ({network.Mode.Word()})\n");
            var members = plan.Stations.Where(station => station.Network.Name == network.Name).ToList();
            foreach (var station in members)
            {
                var branch = station == members[^1] ? "└─" : "├─";
                var own = station.Own is { } address ? $"  and {address}" : "";
                var lan = station.IsOnLan ? "  the LAN behind this interface, a host on it" : "";
                text.Append(CultureInfo.InvariantCulture,
                    $"  {branch} {station.Name.PadRight(nameWidth)}  {station.Ipv4,-12}  {station.Ipv6}{own}{lan}\n");
            }
        }
        return text.ToString();
    }

    /// <summary>Who reached whom: a row asks, a column answers.</summary>
    public static string Matrix(LabPlan plan, IReadOnlyList<Reach> reaches)
    {
        var families = string.Join(" and ", reaches.Select(reach => reach.Family));
        var stations = plan.Stations;
        if (stations.Count == 0)
            return "There are no ports, and nobody to reach\n";
        if (stations.Count > MatrixStations)
            return $"Who reaches whom ({families}): {stations.Count * (stations.Count - 1)} pairs asked, "
                + $"{stations.Sum(asker => stations.Count(other => Cell(asker, other, reaches) is "yes" or "-"))} as the file says\n";
        var numbered = stations.Sum(station => station.Name.Length + 2) > NameColumns;
        var headers = stations.Select((station, i) => numbered ? Units.Number(i + 1) : station.Name);
        var table = new TextTable(["", .. headers]);
        foreach (var asker in stations)
        {
            var name = numbered ? $"{Units.Number(asker.Number + 1)} {asker.Name}" : asker.Name;
            table.Add([name, .. stations.Select(other => (Cell)Cell(asker, other, reaches))]);
        }
        return $"Who reaches whom ({families}; yes and - are as the file says, NO and LEAK are not):\n{table.Render(colors: false)}";
    }

    public static string Rate(LabStation from, LabStation to, double bitsPerSecond, TimeSpan? roundTrip)
    {
        var time = roundTrip is { } there ? string.Create(CultureInfo.InvariantCulture, $", {there.TotalMilliseconds:0.000} ms there and back") : "";
        return string.Create(CultureInfo.InvariantCulture, $"{from.Name} to {to.Name}: one TCP stream {bitsPerSecond / 1e9:0.00} Gbit/s{time}");
    }

    private static string Cell(LabStation asker, LabStation other, IReadOnlyList<Reach> reaches)
    {
        if (asker == other)
            return "";
        var right = reaches.All(reach => reach.IsAsExpected(asker, other));
        return asker.MustReach(other) ? right ? "yes" : "NO" : right ? "-" : "LEAK";
    }
}
