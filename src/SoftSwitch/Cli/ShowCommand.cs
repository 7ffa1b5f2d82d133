using System.CommandLine;
using SoftSwitch.Api;
using SoftSwitch.Cli.Tables;

namespace SoftSwitch.Cli;

/// <summary>softswitch show WHAT [--json] [--watch], and the filters of each list.</summary>
internal sealed class ShowCommand : Command
{
    public ShowCommand(SocketOption socket) : base("show", "Shows what the running switch knows; --json for scripts")
    {
        var network = new Option<string?>("--network") { Description = "Only this network", HelpName = "NETWORK" };
        var port = new Option<string?>("--port") { Description = "Only this port", HelpName = "PORT" };
        network.CompletionSources.Add(RunningNames.Networks(socket));
        port.CompletionSources.Add(RunningNames.Ports(socket));
        var view = new ShowOptions(socket, network, port);
        Add(ShowListCommand.Of("ports", "The ports: state, address, frames and bytes", "no ports yet", view, [network],
            ApiJson.Default.PageViewPortView, PortTable.Of));
        Add(ShowListCommand.Of("fdb", "The stations that were heard, and behind which port", "no stations heard yet", view, [network, port],
            ApiJson.Default.PageViewFdbEntryView, FdbTable.Of));
        Add(ShowListCommand.Of("drops", "Frames that did not get where they wanted, and why", "no frames dropped", view, [port],
            ApiJson.Default.PageViewDropView, DropTable.Of));
        Add(ShowListCommand.Of("networks", "The networks: mode, ports and stations", "no networks", view, [],
            ApiJson.Default.PageViewNetworkView, NetworkTable.Of));
        Add(new ShowConfigCommand(view));
        foreach (var name in new[] { "flows", "leases", "neighbors" })
            Add(new UnbuiltCommand(name));
    }
}
