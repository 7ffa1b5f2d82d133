using System.CommandLine;
using SoftSwitch.Api;
using SoftSwitch.Cli.Tables;

namespace SoftSwitch.Cli;

/// <summary>softswitch show [WHAT] [--json] [--watch], and the filters of each list; without WHAT the networks and ports.</summary>
internal sealed class ShowCommand : Command
{
    /// <summary>What the overview is written for where no terminal says how wide it is.</summary>
    private const int UsualWidth = 80;

    public ShowCommand(SocketOption socket) : base("show", "Shows the networks and ports of the running switch, or one list of what it knows")
    {
        var network = new Option<string?>("--network") { Description = "Only this network", HelpName = "NETWORK" };
        var port = new Option<string?>("--port") { Description = "Only this port", HelpName = "PORT" };
        network.CompletionSources.Add(RunningNames.Networks(socket));
        port.CompletionSources.Add(RunningNames.Ports(socket));
        var protocol = new Option<string?>("--protocol") { Description = "Only tcp, udp or icmp", HelpName = "PROTOCOL" };
        protocol.CompletionSources.Add("tcp", "udp", "icmp");
        var inside = new Option<string?>("--inside") { Description = "Only this guest", HelpName = "ADDRESS" };
        var view = new ShowOptions(socket);
        Add(view.Json);
        Add(view.Watch);
        Add(socket);
        SetAction((parsed, _) => Overview(parsed, view));
        Add(ShowListCommand.Of("ports", "The ports: state, address, frames and bytes", "no ports yet", view, [network],
            ApiJson.Default.PageViewPortView, PortTable.Of));
        Add(ShowListCommand.Of("fdb", "The stations that were heard, and behind which port", "no stations heard yet", view, [network, port],
            ApiJson.Default.PageViewFdbEntryView, FdbTable.Of));
        Add(ShowListCommand.Of("flows", "The translated conversations", "no flows", view, [network, protocol, inside],
            ApiJson.Default.PageViewFlowView, FlowTable.Of));
        Add(ShowListCommand.Of("neighbors", "The addresses that gateways know, and where they are", "no neighbors known yet", view, [network],
            ApiJson.Default.PageViewNeighborView, NeighborTable.Of));
        Add(ShowListCommand.Of("forwards", "The ports outside that lead to guests, and whether they work", "no forwards", view, [network],
            ApiJson.Default.PageViewForwardView, ForwardTable.Of));
        Add(ShowListCommand.Of("drops", "Frames that did not get where they wanted, and why", "no frames dropped", view, [port],
            ApiJson.Default.PageViewDropView, DropTable.Of));
        Add(ShowListCommand.Of("networks", "The networks: mode, addresses, ports, stations and flows", "no networks", view, [],
            ApiJson.Default.PageViewNetworkView, NetworkTable.Of));
        Add(new ShowConfigCommand(view));
        Add(new UnbuiltCommand("leases"));
    }

    private static async Task<int> Overview(ParseResult parsed, ShowOptions view)
    {
        using var client = new ControlClient(view.Socket.OfClient(parsed));
        var json = parsed.GetValue(view.Json);
        return await Screen.Show(parsed, parsed.GetValue(view.Watch), async (screen, cancel) =>
        {
            if (json)
            {
                screen.Print(await ListJson.Of(client, "", [("networks", "v1/networks"), ("ports", "v1/ports")], cancel));
                return;
            }
            var networks = await client.List("v1/networks", "", ApiJson.Default.PageViewNetworkView, cancel);
            var ports = await client.List("v1/ports", "", ApiJson.Default.PageViewPortView, cancel);
            screen.Print(ports.Count == 0 ? [NetworkTable.Brief(networks)] : [NetworkTable.Brief(networks), PortTable.Brief(ports)], UsualWidth);
        });
    }
}
