using System.CommandLine;
using System.Globalization;
using SoftSwitch.Api;
using SoftSwitch.Config.Rows;
using SoftSwitch.Errors;
using SoftSwitch.Kinds;
using SoftSwitch.Live.Layer;

namespace SoftSwitch.Cli;

/// <summary>softswitch connect --network dev (--pid PID | --netns NAME | --container NAME) [--interface eth0] [--address auto]: what runs
/// already gets an interface in a network, in one command.</summary>
internal sealed class ConnectCommand : Command
{
    private const int LongestName = 15;

    public ConnectCommand(ChangeOptions options) : base("connect",
        "Gives a running container, process or namespace an interface in a network: `port add` in one word")
    {
        var network = new Option<string>("--network")
            { Description = "The network that it comes into", HelpName = "NETWORK", Required = true };
        var pid = new Option<int?>("--pid") { Description = "The process whose namespace gets the interface", HelpName = "PID" };
        var netns = new Option<string?>("--netns") { Description = "The namespace that gets it: its name or its path", HelpName = "NAME" };
        var container = new Option<string?>("--container")
            { Description = "The container that gets it, as docker or podman calls it", HelpName = "NAME" };
        var link = new Option<string>("--interface")
        {
            Description = "What the interface is called there; eth0 when left out",
            HelpName = "NAME",
            DefaultValueFactory = _ => "eth0",
        };
        var address = new Option<string?>("--address")
            { Description = "An address for it, or auto: one of those that the network gives", HelpName = "ADDRESS" };
        var name = new Option<string?>("--name") { Description = "The port's name; made of who gets it when left out", HelpName = "PORT" };
        var kind = new Option<string>("--kind")
            { Description = "tap or veth; tap when left out", HelpName = "KIND", DefaultValueFactory = _ => TapKind.Tap };
        network.CompletionSources.Add(RunningNames.Of(ChangeParameters.ListOf(RunTimeNoun.Network), options.Socket));
        kind.CompletionSources.Add(TapKind.Tap, "veth");
        container.CompletionSources.Add(ContainerPid.Names);
        netns.CompletionSources.Add(RunningNames.OfNamespaces);
        foreach (var option in (IEnumerable<Option>)[network, pid, netns, container, link, address, name, kind])
            Add(option);
        options.AddTo(this);
        SetAction(async (parsed, cancel) =>
        {
            var who = (parsed.GetValue(pid), parsed.GetValue(netns), parsed.GetValue(container)) switch
            {
                ({ } process, null, null) => (Name: $"pid-{process}", Netns: process.ToString(CultureInfo.InvariantCulture)),
                (null, { } space, null) => (Name: NameOf(space.Split('/')[^1]), Netns: space),
                (null, null, { } box) => (Name: NameOf(box),
                    Netns: (await ContainerPid.Of(box, cancel)).ToString(CultureInfo.InvariantCulture)),
                _ => throw new CommandException(ExitStatus.Mistake,
                    "who gets the interface? write one of --pid PID, --netns NAME and --container NAME (see: softswitch connect --help)"),
            };
            var body = KeyOptions.JsonOf(
            [
                (ChangeParameters.Name, parsed.GetValue(name) ?? who.Name),
                (PortKeys.Network.Name, parsed.GetRequiredValue(network)), (PortKeys.Kind.Name, parsed.GetRequiredValue(kind)),
                (InterfaceKeys.Netns.Name, who.Netns), (InterfaceKeys.Interface.Name, parsed.GetRequiredValue(link)),
                .. parsed.GetValue(address) is { } given ? [(InterfaceKeys.Address.Name, given)] : Array.Empty<(string, string)>(),
            ]);
            return await options.Send(
                parsed, HttpMethod.Post, $"v1/{ChangeParameters.ListOf(RunTimeNoun.Port)}", [], body, cancel);
        });
    }

    /// <summary>As near as a port's name can be.</summary>
    private static string NameOf(string text)
    {
        var name = string.Concat(text.ToLowerInvariant().Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '-')).Trim('-');
        name = name[..int.Min(name.Length, LongestName)].TrimEnd('-');
        return Scalars.Name.Parse(name, out _) ? name : throw new CommandException(ExitStatus.Mistake,
            "no port can be called like that: name it with --name (see: softswitch connect --help)");
    }
}
