using System.CommandLine;
using SoftSwitch.Api;
using SoftSwitch.Attach;
using SoftSwitch.Config;
using SoftSwitch.Model;
using SoftSwitch.Packets;
using SoftSwitch.Persistence;

namespace SoftSwitch.Cli;

/// <summary>softswitch attach PORT [--format FORMAT] [--config FILE]</summary>
internal sealed class AttachCommand : Command
{
    public AttachCommand(SocketOption socket) : base("attach", "Prints the exact line or XML that plugs a guest into a port")
    {
        var port = new Argument<string>("PORT") { Description = "A port of the running switch, or of --config FILE" };
        var format = new Option<string>("--format")
        {
            Description = $"{Shown.Or(AttachFormats.Words)}; qemu when left out",
            HelpName = "FORMAT",
            DefaultValueFactory = _ => AttachFormat.Qemu.Word(),
        };
        var config = new Option<string?>("--config") { Description = "Reads the port from a configuration file instead of asking the running switch", HelpName = "FILE" };
        port.CompletionSources.Add(RunningNames.Ports(socket));
        format.CompletionSources.Add([.. AttachFormats.Words]);
        Add(port);
        Add(format);
        Add(config);
        SetAction(async (parsed, cancel) =>
        {
            var word = parsed.GetRequiredValue(format);
            var chosen = AttachFormats.Of(word)
                ?? throw new CommandException(ExitStatus.Mistake, $"there is no format '{word}': write {Shown.Or(AttachFormats.Words)}");
            var file = parsed.GetValue(config);
            var result = file is null ? await Running(socket.PathIn(parsed), cancel) : ConfigFile.Load(file);
            if (!result.Ok)
                return ConfigMistakes.Tell(result, parsed.InvocationConfiguration.Error);
            var found = Find(result.Model, parsed.GetRequiredValue(port));
            if (found is GuestModel { Mac: null })
            {
                var path = socket.PathIn(parsed);
                found = found with { MadeMac = file is null ? await RunningMac(path, found.Name, cancel) : MadeMac(result.Model, found, path) };
            }
            var text = AttachText.For(found, chosen);
            if (!text.Fits)
                throw new CommandException(ExitStatus.Mistake, text.Text);
            parsed.InvocationConfiguration.Output.WriteLine(text.Text);
            return ExitStatus.Done;
        });
    }

    private static async Task<ConfigResult> Running(string socket, CancellationToken cancel)
    {
        try
        {
            using var client = new ControlClient(socket);
            var result = ConfigFile.Parse("the running switch's configuration", await client.Text("v1/config", cancel));
            return result.Ok ? result : throw new CommandException(ExitStatus.Failed,
                $"{result.Mistakes[0]}: the running switch is another version; name its file with --config FILE");
        }
        catch (CommandException e) when (e.Status == ExitStatus.NoSwitch)
        {
            throw new CommandException(e.Status, $"{e.Message}; or name the port's file with --config FILE");
        }
    }

    private static async Task<MacAddress> RunningMac(string socket, string port, CancellationToken cancel)
    {
        using var client = new ControlClient(socket);
        await foreach (var view in client.All("v1/ports", "", ApiJson.Default.PageViewPortView, cancel))
        {
            if (view.Name == port && MacAddress.TryParse(view.Mac, out var mac))
                return mac;
        }
        throw new CommandException(ExitStatus.Failed,
            $"the running switch does not tell the MAC address of port {port}: it is another version; write mac: and one in its file");
    }

    /// <summary>The address that the switch of this user will make for the port.</summary>
    private static MacAddress MadeMac(SwitchModel model, PortModel port, string socket) =>
        SwitchIdentity.Look(StateFolder.Of(model), socket, MachineIdentity.Read(), out var obstacle)?.Complete(port).MadeMac
        ?? throw new CommandException(ExitStatus.Failed, $"the MAC address of port {port.Name} can't be told: {obstacle}; "
            + "ask the running switch (without --config), or write mac: and one in the file");

    private static PortModel Find(SwitchModel model, string name)
    {
        if (model.Ports.FirstOrDefault(port => port.Name == name) is { } found)
            return found;
        var names = model.Ports.Select(port => port.Name).ToList();
        var cure = names.Count == 0 ? "the configuration has no ports"
            : NearestWord.To(name, names) is { } nearest ? $"did you mean '{nearest}'?"
            : $"there is {string.Join(", ", names.Take(10))}{(names.Count > 10 ? ", …" : "")}";
        throw new CommandException(ExitStatus.Mistake, $"there is no port {Shown.Quote(name)}: {cure}");
    }
}
