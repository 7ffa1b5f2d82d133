using System.Globalization;
using System.Text;
using SoftSwitch.Cli.Tables;
using SoftSwitch.Errors;
using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.Lab;

/// <summary>What a lab prints: what is built, who reached whom, how fast.</summary>
internal static class LabReport
{
    /// <summary>More than these a matrix would be wider than any terminal.</summary>
    private const int MatrixStations = 24;

    private const int NameColumns = 72;

    /// <summary>The networks as small trees, and what the file expects of the world beside them.</summary>
    public static string Picture(LabPlan plan)
    {
        var text = new StringBuilder();
        var width = plan.Stations.Select(station => station.Name.Length).DefaultIfEmpty().Max();
        foreach (var network in plan.Model.Networks)
        {
            text.Append(CultureInfo.InvariantCulture, $"{network.Name} ({network.Mode.Word()}){Ways(plan, network)}\n");
            Branches(text, plan, [.. plan.Stations.Where(station => station.Network?.Name == network.Name)], width);
        }
        var world = plan.Stations.Where(station => station.Network is null).ToList();
        if (world.Count > 0)
            text.Append("the world\n");
        Branches(text, plan, world, width);
        return text.ToString();
    }

    private static string Ways(LabPlan plan, NetworkModel network) =>
        plan.Outsides.FirstOrDefault(outside => outside.Network.Name == network.Name) is { } outside
            ? $"  {network.Subnet} by {network.Gateway}, out by {outside.Interface} as {outside.SeenAs.Address}"
            : network.HostInterface is { } host ? $"  {network.Subnet}, the host on {host} as {network.Gateway}" : "";

    private static void Branches(StringBuilder text, LabPlan plan, IReadOnlyList<LabStation> stations, int width)
    {
        foreach (var station in stations)
        {
            var branch = station == stations[^1] ? "└─" : "├─";
            var inside = station.Inside is { } address ? $"  and {address}{(station.BootsByDhcp ? " by DHCP" : "")}" : "";
            var far = plan.Outsides.FirstOrDefault(outside => outside.Station == station.Number) is { } outside
                ? $"  and {outside.Far}"
                : "";
            var role = station.Role switch
            {
                LabRole.Lan => "  the LAN behind this interface, a host on it",
                LabRole.Host =>
                    $"  the machine that the switch runs on{string.Concat(station.Addresses.Skip(1).Select(one => $", {one.Ipv4}"))}",
                LabRole.Internet => "  a machine outside",
                LabRole.Guest => "",
                _ => throw new InvalidOperationException($"a station that plays {station.Role}"),
            };
            text.Append(CultureInfo.InvariantCulture,
                $"  {branch} {station.Name.PadRight(width)}  {station.Ipv4,-12}  {station.Addresses[0].Ipv6}{inside}{far}{role}\n");
        }
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
                + $"{stations.Sum(asker => stations.Count(other => Cell(asker, other, reaches) is not ("" or "NO" or "LEAK")))} as the "
                + "file says\n";
        var numbered = stations.Sum(station => station.Name.Length + 2) > NameColumns;
        var headers = stations.Select((station, i) => numbered ? Units.Number(i + 1) : station.Name);
        var table = new TextTable(["", .. headers]);
        foreach (var asker in stations)
        {
            var name = numbered ? $"{Units.Number(asker.Number + 1)} {asker.Name}" : asker.Name;
            table.Add([name, .. stations.Select(other => (Cell)Cell(asker, other, reaches))]);
        }
        return $"Who reaches whom ({families}; {Legend(stations, reaches)} are as the file says, NO and LEAK are not):\n"
            + $"{table.Render(colors: false)}";
    }

    public static string Rate(LabStation from, LabStation to, double bitsPerSecond, TimeSpan? roundTrip)
    {
        var time = roundTrip is { } there
            ? string.Create(CultureInfo.InvariantCulture, $", {there.TotalMilliseconds:0.000} ms there and back")
            : "";
        return string.Create(CultureInfo.InvariantCulture,
            $"{from.Name} to {to.Name}: one TCP stream {bitsPerSecond / 1e9:0.00} Gbit/s{time}");
    }

    /// <summary>How a station outside sees a guest; null: not at all.</summary>
    public static void SeenAs(LabOutside outside, LabStation internet, LabStation guest, Ipv4Address? seen, List<string> lines,
        List<string> differences)
    {
        if (seen is not { } address)
            differences.Add($"{internet.Name} hears nothing of {guest.Name}");
        else if (address != outside.SeenAs.Address)
            differences.Add($"{internet.Name} sees {guest.Name} as {address}, and not as {outside.SeenAs.Address}");
        else
            lines.Add($"{outside.Network.Name}: {internet.Name} sees {guest.Name} as {address}");
    }

    /// <summary>Where a forward led a station outside: to its target, which saw it by its own address, or not.</summary>
    public static void Followed(
        LabOutside outside, LabStation internet, LabStation target, ForwardModel forward, bool arrived, List<string> lines,
        List<string> differences)
    {
        var name = First(forward);
        if (arrived)
            lines.Add(string.Create(CultureInfo.InvariantCulture,
                $"{outside.Network.Name}: {name} leads {internet.Name} to {target.Name}:{forward.TargetPort}"));
        else
            differences.Add($"{name} of network {outside.Network.Name} does not lead {internet.Name} to {target.Name} as itself");
    }

    public static string NobodyThere(LabOutside outside, ForwardModel forward) => string.Create(CultureInfo.InvariantCulture,
        $"{outside.Network.Name}: not shown: {First(forward)}, for nobody here is {forward.Address?.ToString() ?? forward.Port}");

    /// <summary>The lab plays one address of the host, and the forward is for another.</summary>
    public static string ElsewhereThere(LabOutside outside, ForwardModel forward) => string.Create(CultureInfo.InvariantCulture,
        $"{outside.Network.Name}: not shown: {First(forward)}, for the host here is not {forward.On}");

    private static string First(ForwardModel forward) => $"{forward.From with { Last = forward.From.First }}";

    /// <summary>Says how it came out.</summary>
    /// <returns>The exit status.</returns>
    public static int Conclude(TextWriter output, string rung, IReadOnlyList<string> differences)
    {
        output.WriteLine(rung);
        foreach (var difference in differences)
            output.WriteLine(difference);
        if (differences.Count == 0)
            output.WriteLine("everything is as the file says");
        return differences.Count == 0 ? ExitStatus.Done : ExitStatus.Failed;
    }

    private static string Legend(IReadOnlyList<LabStation> stations, IReadOnlyList<Reach> reaches) =>
        stations.Any(asker => stations.Any(other => Cell(asker, other, reaches) == "IPv4")) ? "yes, IPv4 and -" : "yes and -";

    private static string Cell(LabStation asker, LabStation other, IReadOnlyList<Reach> reaches)
    {
        if (asker == other)
            return "";
        if (reaches.Any(reach => reach.IsMissing(asker, other)))
            return "NO";
        if (reaches.Any(reach => reach.HasLeaked(asker, other)))
            return "LEAK";
        var reached = reaches.Where(reach => reach.MustReach(asker, other)).ToList();
        return reached.Count == reaches.Count ? "yes" : reached.Count == 0 ? "-" : reached[0].Family;
    }
}
