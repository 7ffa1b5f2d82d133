using System.CommandLine;
using SoftSwitch.Api;
using SoftSwitch.Attach;
using SoftSwitch.Config;
using SoftSwitch.Errors;
using SoftSwitch.Kinds;
using SoftSwitch.Model;
using SoftSwitch.Packets;
using SoftSwitch.Persistence;
using SoftSwitch.Text;

namespace SoftSwitch.Cli;

/// <summary>softswitch attach PORT [--format FORMAT] [--config FILE]</summary>
internal sealed class AttachCommand : Command
{
    public AttachCommand(SocketOption socket) : base("attach", "Prints the exact line or XML that plugs a guest into a port")
    {
        var port = new Argument<string>("PORT") { Description = "A port of the running switch, or of --config FILE" };
        var format = new Option<string>("--format")
        {
            Description = $"{Shown.Or(AttachFormats.Words.All)}; qemu when left out",
            HelpName = "FORMAT",
            DefaultValueFactory = _ => AttachFormat.Qemu.Word(),
        };
        var config = new Option<string?>("--config")
            { Description = "Takes the port from this file instead of asking the running switch", HelpName = "FILE" };
        port.CompletionSources.Add(RunningNames.Of(ApiLists.Ports.Name, socket));
        format.CompletionSources.Add([.. AttachFormats.Words.All]);
        Add(port);
        Add(format);
        Add(config);
        Add(socket);
        SetAction(async (parsed, cancel) =>
        {
            var word = parsed.GetRequiredValue(format);
            var chosen = AttachFormats.Words.Of(word)
                ?? throw new CommandException(ExitStatus.Mistake,
                    $"there is no format {Shown.Quote(word)}: " + (NearestWord.To(word, AttachFormats.Words.All) is { } near
                        ? $"did you mean '{near}'?"
                        : $"write {Shown.Or(AttachFormats.Words.All)}"));
            var name = parsed.GetRequiredValue(port);
            PortModel plugged;
            if (parsed.GetValue(config) is { } file)
            {
                var result = ConfigFile.Load(file);
                if (!result.Ok)
                    return ConfigMistakes.Tell(result, parsed.InvocationConfiguration.Error);
                plugged = Find(result.Model, name);
                if (plugged is GuestModel { Mac: null })
                    plugged = plugged with { MadeMac = MadeMac(result.Model, plugged, socket.OfClient(parsed).Places[0]) };
            }
            else
            {
                plugged = await Running(socket.OfClient(parsed), name, cancel);
            }
            var text = PortKinds.Of(plugged).Attach(plugged, chosen);
            if (!text.Fits)
                throw new CommandException(ExitStatus.Mistake, text.Text);
            parsed.InvocationConfiguration.Output.WriteLine(text.Text);
            return ExitStatus.Done;
        });
    }

    /// <summary>A port of the running switch, a guest's with the MAC address that the switch has for it: what is plugged in has the address
    /// that `show ports` tells.</summary>
    private static async Task<PortModel> Running(SocketPath socket, string name, CancellationToken cancel)
    {
        try
        {
            using var client = new ControlClient(socket);
            var result = ConfigFile.Parse("the running switch's configuration", await client.Text("v1/config", cancel));
            if (!result.Ok)
                throw new CommandException(ExitStatus.Failed,
                    $"{result.Mistakes[0]}: the running switch is another version; name its file with --config FILE");
            var port = Find(result.Model, name);
            if (port is not GuestModel guest)
                return port;
            await foreach (var item in client.Items(ApiLists.Ports, "", cancel))
            {
                if (item.GetProperty("name").GetString() == name)
                    return MacAddress.TryParse(item.GetProperty("mac").GetString(), null, out var mac) ? guest with { Mac = mac } : guest;
            }
            return guest;
        }
        catch (CommandException e) when (e.Status == ExitStatus.NoSwitch)
        {
            throw new CommandException(e.Status, $"{e.Message}; or name the port's file with --config FILE");
        }
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
        if (model.Networks.Any(network =>
            name == $"{network.Name}.gateway" || name == $"{network.Name}.out" || name == network.HostInterface))
            throw new CommandException(ExitStatus.Mistake, $"{Shown.Quote(name)} is the switch's own: nothing plugs into it");
        var names = model.Ports.Select(port => port.Name).ToList();
        throw new CommandException(ExitStatus.Mistake,
            $"there is no port {Shown.Quote(name)}: {NearestWord.Cure(name, names, "the configuration has no ports")}");
    }
}
