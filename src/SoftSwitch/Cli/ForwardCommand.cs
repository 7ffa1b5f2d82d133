using System.CommandLine;
using SoftSwitch.Api;
using SoftSwitch.Config.Keys;
using SoftSwitch.Live.Layer;

namespace SoftSwitch.Cli;

/// <summary>softswitch forward add FROM TO --network NETWORK [--on ADDRESS] · forward remove FROM --network NETWORK [--on
/// ADDRESS]</summary>
internal sealed class ForwardCommand : Command
{
    public ForwardCommand(ChangeOptions options) : base("forward", "Makes and removes forwards of the running switch")
    {
        Add(Make("add", "Leads ports outside to a guest: it stays over a reload and a restart until it is removed",
            hasTarget: true, options));
        Add(Make("remove", "Removes a forward; one of the file stays away until it is added again", hasTarget: false, options));
    }

    private static Command Make(string word, string says, bool hasTarget, ChangeOptions options)
    {
        var command = new Command(word, says);
        var from = new Argument<string>("FROM") { Description = "Protocol and ports outside, such as tcp/2222 or udp/5000-5010" };
        var to = new Argument<string>("TO") { Description = "An address or a port of the network, and the port there: web:22" };
        var network = new Option<string>("--network")
            { Description = "The nat network that it leads into", HelpName = "NETWORK", Required = true };
        var on = new Option<string?>("--on") { Description = "The one address of the host that it is for", HelpName = "ADDRESS" };
        network.CompletionSources.Add(RunningNames.Of(ChangeParameters.ListOf(RunTimeNoun.Network), options.Socket));
        command.Add(from);
        if (!hasTarget)
            from.CompletionSources.Add(RunningNames.OfForwards(network, options.Socket));
        else
        {
            to.CompletionSources.Add(RunningNames.Of(ChangeParameters.ListOf(RunTimeNoun.Port), options.Socket));
            command.Add(to);
        }
        command.Add(network);
        command.Add(on);
        options.AddTo(command);
        command.SetAction((parsed, cancel) =>
        {
            (string, string)[] said =
            [
                (ChangeParameters.Network, parsed.GetRequiredValue(network)), (ForwardKeys.From.Name, parsed.GetRequiredValue(from)),
                .. parsed.GetValue(on) is { } address ? [(ForwardKeys.On.Name, address)] : Array.Empty<(string, string)>(),
            ];
            var path = $"v1/{ChangeParameters.ListOf(RunTimeNoun.Forward)}";
            return hasTarget
                ? options.Send(parsed, HttpMethod.Post, path, [],
                    KeyOptions.JsonOf([.. said, (ForwardKeys.To.Name, parsed.GetRequiredValue(to))]), cancel)
                : options.Send(parsed, HttpMethod.Delete, path, said, null, cancel);
        });
        return command;
    }
}
