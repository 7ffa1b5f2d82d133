using System.CommandLine;
using SoftSwitch.Api;
using SoftSwitch.Cli.Tables;

namespace SoftSwitch.Cli;

/// <summary>softswitch show [WHAT] [--json] [--watch], and the filters of each list; without WHAT the networks and ports.</summary>
internal sealed class ShowCommand : Command
{
    /// <summary>What the overview is written for where no terminal says how wide it is.</summary>
    private const int UsualWidth = 80;

    public ShowCommand(SocketOption socket) : base("show",
        "Shows the networks and ports of the running switch, or one list of what it knows")
    {
        var options = new ShowOptions(socket);
        options.AddTo(this);
        SetAction((parsed, _) =>
            options.Show(parsed, (client, screen, cancel) => Overview(client, screen, parsed.GetValue(options.Json), cancel)));
        foreach (var list in ApiLists.All)
            Add(new ShowListCommand(list, options));
        Add(new ShowConfigCommand(options));
        Add(new ShowEventsCommand(socket));
    }

    private static async Task Overview(ControlClient client, Screen screen, bool json, CancellationToken cancel)
    {
        if (json)
        {
            screen.Print(await ListJson.Of(client, [ApiLists.Networks, ApiLists.Ports], cancel));
            return;
        }
        var networks = await ListTable.Of(client.Items(ApiLists.Networks, "", cancel), ApiLists.BriefNetworks);
        var ports = await ListTable.Of(client.Items(ApiLists.Ports, "", cancel), ApiLists.BriefPorts);
        screen.Print(ports.Count == 0 ? [networks.ToText()] : [networks.ToText(), ports.ToText()], UsualWidth);
    }
}
