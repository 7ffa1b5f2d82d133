using System.CommandLine;
using SoftSwitch.Errors;
using SoftSwitch.Logging;
using SoftSwitch.Text;

namespace SoftSwitch.Cli;

/// <summary>softswitch run FILE [--log-format FORMAT] [--strict]</summary>
internal sealed class RunCommand : Command
{
    private static readonly WordList<LogFormat> s_formats = new((LogFormat.Text, "text"), (LogFormat.Json, "json"));

    public RunCommand(SocketOption socket)
        : base("run", "Runs the switch in the foreground; prints `ready` once all that this machine can give is open")
    {
        var file = new Argument<string>("FILE") { Description = "The configuration file" };
        var format = new Option<string>("--log-format")
        {
            Description = "How news is written on standard error: text, for people and for the journal; json, an object a line",
            HelpName = "FORMAT",
            DefaultValueFactory = _ => s_formats[LogFormat.Text],
        };
        format.CompletionSources.Add([.. s_formats.All]);
        var strict = new Option<bool>("--strict")
        {
            Description = "Runs all of the file or nothing; otherwise what this machine can't give at the start waits and is retried",
        };
        Add(file);
        Add(format);
        Add(strict);
        Add(socket);
        SetAction((parsed, _) =>
        {
            var word = parsed.GetRequiredValue(format);
            var chosen = s_formats.Of(word)
                ?? throw new CommandException(ExitStatus.Mistake, $"there is no log format '{word}': write {Shown.Or(s_formats.All)}");
            return SwitchProgram.Run(
                parsed.GetRequiredValue(file), socket.OfSwitch(parsed), chosen, parsed.GetValue(strict),
                parsed.InvocationConfiguration.Error);
        });
    }
}
