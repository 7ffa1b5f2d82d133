using System.CommandLine;
using SoftSwitch.Cli.Completions;

namespace SoftSwitch.Cli;

/// <summary>softswitch completions bash|zsh|fish</summary>
internal sealed class CompletionsCommand : Command
{
    public CompletionsCommand() : base("completions", "Prints a completion script for a shell, for instance: source <(softswitch completions bash)")
    {
        Add(new ShellCommand("bash", BashScript.Text));
        Add(new ShellCommand("zsh", ZshScript.Text));
        Add(new ShellCommand("fish", FishScript.Text));
    }

    private sealed class ShellCommand : Command
    {
        public ShellCommand(string shell, string script) : base(shell, $"For {shell}") =>
            SetAction(parsed => parsed.InvocationConfiguration.Output.Write(script));
    }
}
