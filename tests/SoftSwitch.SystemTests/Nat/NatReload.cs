using System.Text.RegularExpressions;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Nat;

/// <summary>What is reloaded in tests of translation: files, by chance, in which a network <c>dev</c> stays as it is, and others come, go
/// and change beside it.</summary>
internal static partial class NatReload
{
    /// <summary>Has a running switch become what a file says.</summary>
    public static ShellResult Become(this SoftSwitchProcess started, string config, params string[] options)
    {
        File.WriteAllText(started.ConfigFile, config);
        return started.Client(["reload", .. options]);
    }

    /// <summary>A file by chance. What stays is <paramref name="dev"/>; lab and gym are there or not, behind the same outside or another,
    /// with these or those forwards, pools, subnets, limits and flow logs.</summary>
    public static string Random(Random random, string dev, string ports, string flowLog)
    {
        string[] networks = [dev, .. new[] { ("lab", 11, "192.0.2.11", 31), ("gym", 21, "192.0.2.21", 32) }
            .Select(one => Network(random, one.Item1, one.Item2, one.Item3, one.Item4, flowLog)).Where(text => text.Length > 0)];
        var guest = networks.Any(text => text.StartsWith("lab", StringComparison.Ordinal)) && random.Next(2) == 0
            ? "\n  guest: { network: lab, kind: tap, interface: labguest }" : "";
        return $"networks:\n  {string.Join("\n  ", networks)}\n{ports}{guest}\n";
    }

    /// <summary>What there is of a switch's translation, in words, without what differs from one start to the next.</summary>
    public static string Picture(this SoftSwitchProcess started, NetNs host)
    {
        var tables = host.Check("nft list ruleset").Split("table ", StringSplitOptions.RemoveEmptyEntries)
            .Select(table => Chance().Replace(table, "").Trim()).Order(StringComparer.Ordinal);
        return string.Join('\n', [.. tables, started.Client("show", "forwards").Succeeded().Output,
            .. from port in started.Items("ports")
               let text = $"{port.GetProperty("name")} {port.GetProperty("network")}"
               orderby text
               select text]);
    }

    private static string Network(Random random, string name, int subnet, string own, int forwards, string flowLog)
    {
        var (net, place) = ($"10.{subnet + random.Next(2)}.0", random.Next(5));
        if (place == 0)
            return "";
        var outside = place switch
        {
            1 => "{}",
            2 => $"{{ ports: {forwards}000-{forwards}0{random.Next(10, 99)} }}",
            3 => $"{{ interface: nic, ports: {forwards}500-{forwards}599 }}",
            _ => $"{{ interface: nic, address: {own}/24, gateway: {World.LanAddress} }}",
        };
        List<string> some = [];
        if (random.Next(2) == 0)
            some.Add($"{{ from: tcp/{forwards}{random.Next(10, 13)}, to: \"{net}.5:80\" }}");
        if (random.Next(3) == 0)
            some.Add($"{{ from: udp/{forwards}2{random.Next(3)}, to: {net}.5{(place < 4 ? $", on: {World.HostAddress}" : "")} }}");
        if (random.Next(4) == 0)
            some.Add($"{{ from: udp/5{forwards}00-5{forwards}99, to: {net}.6 }}");
        var log = random.Next(3) == 0 ? $", flow-log: {flowLog}" : "";
        var flows = random.Next(3) == 0 ? $", flows: {random.Next(1000, 100_000)}, flows-per-guest: 500" : "";
        return $"{name}: {{ mode: nat, subnet: {net}.0/24, outside: {outside}, forwards: [{string.Join(", ", some)}]{log}{flows} }}";
    }

    /// <summary>The numbers that names of tables end with.</summary>
    [GeneratedRegex("(-[0-9]+)?-[0-9a-f]{8}(?= )")]
    private static partial Regex Chance();
}
