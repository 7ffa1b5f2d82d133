using System.CommandLine;
using SoftSwitch.Api;

namespace SoftSwitch.Cli;

/// <summary>softswitch show [WHAT] [--json] [--watch], and the filters of each list; without WHAT the networks and ports.</summary>
internal sealed class ShowCommand : Command
{
    /// <summary>What the overview is written for where no terminal says how wide it is.</summary>
    private const int UsualWidth = 80;

    public ShowCommand(SocketOption socket) : base("show",
        "Shows the networks and ports of the running switch, or one list of what it knows")
    {
        var view = new ShowOptions(socket);
        Add(view.Json);
        Add(view.Watch);
        Add(socket);
        SetAction((parsed, _) => Overview(parsed, view));
        foreach (var list in ApiLists.All)
            Add(new ShowListCommand(list, view));
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
                screen.Print(await ListJson.Of(client, [ApiLists.Networks, ApiLists.Ports], cancel));
                return;
            }
            var networks = await ShowListCommand.Table(client, ApiLists.Networks, ApiLists.BriefNetworks, "", cancel);
            var ports = await ShowListCommand.Table(client, ApiLists.Ports, ApiLists.BriefPorts, "", cancel);
            screen.Print(ports.Count == 0 ? [networks.ToText()] : [networks.ToText(), ports.ToText()], UsualWidth);
        });
    }
}
