using SoftSwitch.Api.Views;

namespace SoftSwitch.Cli.Tables;

/// <summary>`show ports` for people. The reason stands last, and only where a port has one.</summary>
internal static class PortTable
{
    public static TextTable Of(IReadOnlyList<PortView> ports)
    {
        var reasons = ports.Any(port => port.Reason is not null);
        string[] columns = ["NAME", "NETWORK", "KIND", "STATE", "MAC", ">MTU", ">IN FRAMES", ">IN BYTES", ">OUT FRAMES", ">OUT BYTES", ">DROPS"];
        var table = new TextTable(reasons ? [.. columns, "~REASON"] : columns).Dispensable("MTU", "OUT FRAMES", "IN FRAMES", "KIND", "OUT BYTES", "IN BYTES");
        foreach (var port in ports)
        {
            Cell[] cells =
            [
                port.Name, port.Network, port.Kind, new(port.State, ColorOf(port.State)), port.Mac ?? "-", port.Mtu,
                port.In.Frames, Units.Bytes(port.In.Bytes), port.Out.Frames, Units.Bytes(port.Out.Bytes), port.In.Drops + port.Out.Drops,
            ];
            table.Add(reasons ? [.. cells, port.Reason ?? ""] : cells);
        }
        return table;
    }

    /// <summary>The same beside other tables, in half the columns.</summary>
    public static TextTable Brief(IReadOnlyList<PortView> ports)
    {
        var reasons = ports.Any(port => port.Reason is not null);
        string[] columns = ["PORT", "NETWORK", "KIND", "STATE", "MAC", ">IN", ">OUT", ">DROPS"];
        var table = new TextTable(reasons ? [.. columns, "~REASON"] : columns).Dispensable("OUT", "IN", "KIND");
        foreach (var port in ports)
        {
            Cell[] cells =
            [
                port.Name, port.Network, port.Kind, new(port.State, ColorOf(port.State)), port.Mac ?? "-",
                Units.Bytes(port.In.Bytes), Units.Bytes(port.Out.Bytes), port.In.Drops + port.Out.Drops,
            ];
            table.Add(reasons ? [.. cells, port.Reason ?? ""] : cells);
        }
        return table;
    }

    private static CellColor? ColorOf(string state) => state switch
    {
        "up" => CellColor.Green,
        "waiting" => CellColor.Yellow,
        _ => CellColor.Red,
    };
}
