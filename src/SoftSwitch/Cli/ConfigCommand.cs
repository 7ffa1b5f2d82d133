using System.CommandLine;
using System.Text;
using SoftSwitch.Api;
using SoftSwitch.Api.Views;
using SoftSwitch.Errors;
using SoftSwitch.Linux.Files;
using SoftSwitch.Persistence;

namespace SoftSwitch.Cli;

/// <summary>softswitch config save [FILE] [--dry-run] [--json]</summary>
internal sealed class ConfigCommand : Command
{
    private const string Nothing = "nothing to write: the file says what runs";

    public ConfigCommand(ChangeOptions options) : base("config", "Keeps what was made at run time")
    {
        var save = new Command("save", "Writes what was made at run time into the file that the switch runs; its comments stay");
        var file = new Argument<string?>("FILE")
        {
            Description = "Written by this command in place of the switch's own file; - prints it",
            Arity = ArgumentArity.ZeroOrOne,
        };
        save.Add(file);
        options.AddTo(save, mayExpire: false);
        save.SetAction((parsed, cancel) => parsed.GetValue(file) is { } path && !options.IsDry(parsed)
            ? Write(parsed, options, path, cancel)
            : options.Send(parsed, HttpMethod.Post, ChangeRoutes.SavePath[1..], [], null, cancel, nothing: Nothing));
        Add(save);
    }

    /// <summary>The text comes from the switch; it is written with the rights of who asks.</summary>
    private static async Task<int> Write(ParseResult parsed, ChangeOptions options, string path, CancellationToken cancel)
    {
        using var client = options.Client(parsed);
        var answer = client.One(ChangeView.Members, await client.Send(HttpMethod.Post,
            $"{ChangeRoutes.SavePath[1..]}?{ChangeParameters.FileText}=true", null, ChangeRoutes.Json, cancel));
        var text = answer.GetProperty(ChangeParameters.FileText).GetString()!;
        if (path == "-")
        {
            parsed.InvocationConfiguration.Output.Write(text);
            return ExitStatus.Done;
        }
        try
        {
            ReplacedFile.Write(path, Encoding.UTF8.GetBytes(text));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CommandException(ExitStatus.Failed, $"{path} can't be written: {StateFile.Obstacle(e)}");
        }
        parsed.InvocationConfiguration.Output.WriteLine(
            $"{path} is written; if that is the switch's own file, have it read: softswitch reload");
        if (answer.TryGetProperty("notes", out var notes))
        {
            foreach (var note in notes.EnumerateArray())
                parsed.InvocationConfiguration.Error.WriteLine($"softswitch: {note.GetString()}");
        }
        return ExitStatus.Done;
    }
}
