using System.CommandLine;
using SoftSwitch.Api;
using SoftSwitch.Api.Views;
using SoftSwitch.Errors;

namespace SoftSwitch.Cli;

/// <summary>softswitch route FROM-PORT DESTINATION [--json]</summary>
internal sealed class RouteCommand : Command
{
    public RouteCommand(SocketOption socket) : base("route",
        "Says in a line what the switch would do with a packet of a port to an address")
    {
        var port = new Argument<string>("FROM-PORT") { Description = "A port in a nat network" };
        var destination = new Argument<string>("DESTINATION") { Description = "An IPv4 address" };
        var json = new Option<bool>("--json") { Description = "Prints the API's JSON" };
        port.CompletionSources.Add(RunningNames.Of(ApiLists.Ports.Name, socket));
        Add(port);
        Add(destination);
        Add(json);
        Add(socket);
        SetAction(async (parsed, cancel) =>
        {
            using var client = new ControlClient(socket.OfClient(parsed));
            var text = await client.Text($"v1/route?port={Uri.EscapeDataString(parsed.GetRequiredValue(port))}"
                + $"&destination={Uri.EscapeDataString(parsed.GetRequiredValue(destination))}", cancel);
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json))
                output.Write(await PrettyJson.Of(text));
            else
                output.WriteLine(client.One(RouteView.Members, text).GetProperty("text").GetString());
            return ExitStatus.Done;
        });
    }
}
