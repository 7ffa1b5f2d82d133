using System.CommandLine;

namespace SoftSwitch.Cli;

/// <summary>softswitch attach PORT [--format FORMAT] [--config FILE]</summary>
internal sealed class AttachCommand : Command
{
    public AttachCommand(SocketOption socket) : base("attach", "Prints the exact line or XML that plugs a guest into a port")
    {
        var port = new Argument<string>("PORT") { Description = "A port of the running switch, or of --config FILE" };
        port.CompletionSources.Add(RunningNames.Ports(socket));
        Add(port);
        SetAction(int (ParseResult _) => throw new CommandException(ExitStatus.Mistake, "'attach' is not available yet"));
    }
}
