using System.CommandLine;

namespace SoftSwitch.Cli;

/// <summary>softswitch check FILE</summary>
internal sealed class CheckCommand : Command
{
    public CheckCommand() : base("check", "Says every mistake in a configuration file, or nothing")
    {
        var file = new Argument<string>("FILE") { Description = "The configuration file" };
        Add(file);
        SetAction(int (ParseResult _) => throw new CommandException(ExitStatus.Mistake, "'check' is not available yet"));
    }
}
