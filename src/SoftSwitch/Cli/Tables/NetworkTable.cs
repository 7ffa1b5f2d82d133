using SoftSwitch.Api.Views;

namespace SoftSwitch.Cli.Tables;

/// <summary>`show networks` for people.</summary>
internal static class NetworkTable
{
    public static TextTable Of(IReadOnlyList<NetworkView> networks)
    {
        var table = new TextTable("NAME", "MODE", ">MTU", ">AGEING", ">PORTS", ">STATIONS");
        foreach (var network in networks)
            table.Add(network.Name, network.Mode, network.Mtu, Units.Seconds(network.Ageing), network.Ports, network.Stations);
        return table;
    }
}
