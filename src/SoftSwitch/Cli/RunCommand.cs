using System.CommandLine;

namespace SoftSwitch.Cli;

/// <summary>softswitch run FILE</summary>
internal sealed class RunCommand : Command
{
    public RunCommand(SocketOption socket) : base("run", "Runs the switch in the foreground; prints `ready` once every port is open")
    {
        var file = new Argument<string>("FILE") { Description = "The configuration file" };
        Add(file);
        SetAction((parsed, _) => SwitchProgram.Run(parsed.GetRequiredValue(file), socket.OfSwitch(parsed)));
    }
}
