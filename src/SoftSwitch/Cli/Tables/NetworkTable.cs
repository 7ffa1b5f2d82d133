using SoftSwitch.Api.Views;

namespace SoftSwitch.Cli.Tables;

/// <summary>`show networks` for people. Addresses and flows have columns only where a network has them.</summary>
internal static class NetworkTable
{
    private const int MostNamed = 3;

    public static TextTable Of(IReadOnlyList<NetworkView> networks)
    {
        var subnets = networks.Any(network => network.Subnet is not null);
        var gateways = networks.Any(network => network.Gateway is not null);
        var nats = networks.Any(network => network.Nat is not null);
        var waiting = networks.Any(network => network.Nat?.Waiting is not null);
        var table = new TextTable(
        [
            "NAME", "MODE", ">MTU", ">AGEING", ">PORTS", ">STATIONS",
            .. Where(subnets, "SUBNET"),
            .. Where(gateways, "GATEWAY", "OUTSIDE"),
            .. Where(nats, ">FLOWS", ">MAPPINGS", ">OVERLAPPED", ">REFUSED"),
            .. Where(waiting, "WAITING FORWARDS"),
        ]).Dispensable("MAPPINGS", "OVERLAPPED", "AGEING", "MTU", "REFUSED", "STATIONS", "GATEWAY");
        foreach (var network in networks)
        {
            Cell[] nat = network.Nat is { } counts ? [counts.Flows, counts.Mappings, counts.Overlapped, counts.Refused] : ["-", "-", "-", "-"];
            table.Add(
            [
                network.Name, network.Mode, network.Mtu, Units.Seconds(network.Ageing), network.Ports, network.Stations,
                .. Where<Cell>(subnets, network.Subnet ?? "-"),
                .. Where<Cell>(gateways, network.Gateway ?? "-", Outside(network)),
                .. Where(nats, nat),
                .. Where<Cell>(waiting, network.Nat?.Waiting is { } forwards ? Named(forwards) : "-"),
            ]);
        }
        return table;
    }

    /// <summary>The same beside other tables, in half the columns.</summary>
    public static TextTable Brief(IReadOnlyList<NetworkView> networks)
    {
        var subnets = networks.Any(network => network.Subnet is not null);
        var outsides = networks.Any(network => network.Nat is not null || network.Interface is not null);
        var flows = networks.Any(network => network.Nat is not null);
        var table = new TextTable(
        [
            "NETWORK", "MODE", .. Where(subnets, "SUBNET"), .. Where(outsides, "OUTSIDE"), ">PORTS", ">STATIONS", .. Where(flows, ">FLOWS"),
        ]).Dispensable("FLOWS", "STATIONS");
        foreach (var network in networks)
        {
            table.Add(
            [
                network.Name, network.Mode, .. Where<Cell>(subnets, network.Subnet ?? "-"), .. Where<Cell>(outsides, Outside(network)),
                network.Ports, network.Stations, .. Where<Cell>(flows, network.Nat is { } nat ? nat.Flows : "-"),
            ]);
        }
        return table;
    }

    /// <summary>What is beyond the gateway: of a nat network its place outside, of a host-only one the interface on the host.</summary>
    private static string Outside(NetworkView network) => network.Nat is { } nat
        ? (nat.Address, nat.Interface) switch
        {
            (null, null) => "none",
            (null, var name) => $"no address on {name}",
            (var address, null) => address,
            (var address, var name) => $"{address} on {name}",
        }
        : network.Interface ?? "-";

    private static string Named(IReadOnlyList<string> forwards) =>
        string.Join(", ", forwards.Take(MostNamed)) + (forwards.Count > MostNamed ? $" and {forwards.Count - MostNamed} more" : "");

    private static T[] Where<T>(bool shown, params T[] cells) => shown ? cells : [];
}
