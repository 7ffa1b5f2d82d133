using System.CommandLine;
using SoftSwitch.Cli.Completions;

namespace SoftSwitch.Cli;

/// <summary>softswitch completions bash|zsh|fish</summary>
internal sealed class CompletionsCommand : Command
{
    public CompletionsCommand() : base("completions", "Prints the script that completes commands and names in a shell")
    {
        Add(new ShellCommand("bash", BashScript.Text));
        Add(new ShellCommand("zsh", ZshScript.Text));
        Add(new ShellCommand("fish", FishScript.Text));
    }
}
