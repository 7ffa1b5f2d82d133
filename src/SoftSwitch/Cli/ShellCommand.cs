using System.CommandLine;

namespace SoftSwitch.Cli;

/// <summary>softswitch completions SHELL, of one shell.</summary>
internal sealed class ShellCommand : Command
{
    public ShellCommand(string shell, string script) : base(shell, $"The script for {shell}") =>
        SetAction(parsed => parsed.InvocationConfiguration.Output.Write(script));
}
