using System.CommandLine;
using SoftSwitch.Errors;
using SoftSwitch.Logging;
using SoftSwitch.Text;

namespace SoftSwitch.Cli;

/// <summary>softswitch run FILE [--log-format FORMAT]</summary>
internal sealed class RunCommand : Command
{
    /// <summary>The words of <see cref="LogFormat"/>, in its order.</summary>
    private static readonly string[] s_formats = ["text", "json"];

    public RunCommand(SocketOption socket) : base("run", "Runs the switch in the foreground; prints `ready` once every port is open")
    {
        var file = new Argument<string>("FILE") { Description = "The configuration file" };
        var format = new Option<string>("--log-format")
        {
            Description = "How news is written on standard error: text, for people and for the journal; json, an object a line",
            HelpName = "FORMAT",
            DefaultValueFactory = _ => s_formats[(int)LogFormat.Text],
        };
        format.CompletionSources.Add(s_formats);
        Add(file);
        Add(format);
        Add(socket);
        SetAction((parsed, _) =>
        {
            var word = parsed.GetRequiredValue(format);
            var chosen = Array.IndexOf(s_formats, word);
            return chosen >= 0
                ? SwitchProgram.Run(
                    parsed.GetRequiredValue(file), socket.OfSwitch(parsed), (LogFormat)chosen, parsed.InvocationConfiguration.Error)
                : throw new CommandException(ExitStatus.Mistake, $"there is no log format '{word}': write {Shown.Or(s_formats)}");
        });
    }
}
