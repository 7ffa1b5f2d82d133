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
        var protocol = new Option<string?>("--protocol") { Description = "Only tcp, udp or icmp", HelpName = "PROTOCOL" };
        protocol.CompletionSources.Add("tcp", "udp", "icmp");
        var inside = new Option<string?>("--inside") { Description = "Only this guest", HelpName = "ADDRESS" };
        var view = new ShowOptions(socket);
        Add(ShowListCommand.Of("ports", "The ports: state, address, frames and bytes", "no ports yet", view, [network],
            ApiJson.Default.PageViewPortView, PortTable.Of));
        Add(ShowListCommand.Of("fdb", "The stations that were heard, and behind which port", "no stations heard yet", view, [network, port],
            ApiJson.Default.PageViewFdbEntryView, FdbTable.Of));
        Add(ShowListCommand.Of("flows", "The translated conversations", "no flows", view, [network, protocol, inside],
            ApiJson.Default.PageViewFlowView, FlowTable.Of));
        Add(ShowListCommand.Of("neighbors", "The addresses that gateways know, and where they are", "no neighbors known yet", view, [network],
            ApiJson.Default.PageViewNeighborView, NeighborTable.Of));
        Add(ShowListCommand.Of("drops", "Frames that did not get where they wanted, and why", "no frames dropped", view, [port],
            ApiJson.Default.PageViewDropView, DropTable.Of));
        Add(ShowListCommand.Of("networks", "The networks: mode, addresses, ports, stations and flows", "no networks", view, [],
            ApiJson.Default.PageViewNetworkView, NetworkTable.Of));
        Add(new ShowConfigCommand(view));
        Add(new UnbuiltCommand("leases"));
    }
}
