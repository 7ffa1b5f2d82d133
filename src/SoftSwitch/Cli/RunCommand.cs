using System.CommandLine;

namespace SoftSwitch.Cli;

/// <summary>softswitch run FILE [--log-format FORMAT] [--strict]</summary>
internal sealed class RunCommand : Command
{
    public RunCommand(SocketOption socket)
        : base("run", "Runs the switch in the foreground; prints `ready` once all that this machine can give is open")
    {
        var file = new Argument<string>("FILE") { Description = "The configuration file, or a folder: all its *.yaml files together" };
        var format = new LogFormatOption();
        var strict = new Option<bool>("--strict")
        {
            Description = "Runs all of the file or nothing; otherwise what this machine can't give at the start waits and is retried",
        };
        Add(file);
        Add(format);
        Add(strict);
        Add(socket);
        SetAction((parsed, _) => SwitchProgram.Run(
            parsed.GetRequiredValue(file), socket.OfSwitch(parsed), format.Of(parsed), parsed.GetValue(strict),
            parsed.InvocationConfiguration.Error));
    }
}
