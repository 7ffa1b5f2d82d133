using System.CommandLine;
using System.Text.Json;
using SoftSwitch.Api;
using SoftSwitch.Api.Views;
using SoftSwitch.Errors;

namespace SoftSwitch.Cli;

/// <summary>softswitch reload [--dry-run] [--json]</summary>
internal sealed class ReloadCommand : Command
{
    /// <summary>Interfaces that come and go take their time: a thousand of them, minutes.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    public ReloadCommand(SocketOption socket) : base("reload",
        "Has the running switch become what its file says now, all or nothing; what isn't another is not touched")
    {
        var dry = new Option<bool>("--dry-run") { Description = "Prints what would change, and changes nothing" };
        var json = new Option<bool>("--json") { Description = "Prints the API's JSON" };
        Add(dry);
        Add(json);
        Add(socket);
        SetAction(async (parsed, cancel) =>
        {
            using var client = new ControlClient(socket.OfClient(parsed), s_patience);
            var text = await client.Post(
                $"v1/reload?{ReloadRequest.DryRun}={(parsed.GetValue(dry) ? "true" : "false")}", cancel);
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json))
                output.Write(await PrettyJson.Of(text));
            else
                Print(client.One(ReloadView.Members, text), output);
            return ExitStatus.Done;
        });
    }

    private static void Print(JsonElement reload, TextWriter output)
    {
        var changes = reload.GetProperty("changes");
        foreach (var change in changes.EnumerateArray())
            output.WriteLine(change.GetString());
        if (changes.GetArrayLength() == 0)
            output.WriteLine("nothing to change: the file says what runs");
    }
}
