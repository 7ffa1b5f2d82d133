using System.CommandLine;
using SoftSwitch.Errors;

namespace SoftSwitch.Cli;

/// <summary>A command that isn't built yet, and those below it: it takes anything, does nothing, and says so.</summary>
internal sealed class UnbuiltCommand : Command
{
    public UnbuiltCommand(string name, params ReadOnlySpan<string> below) : base(name)
    {
        Hidden = true;
        TreatUnmatchedTokensAsErrors = false;
        SetAction(int (ParseResult _) => throw NotAvailable());
        foreach (var word in below)
            Add(new UnbuiltCommand(word));
    }

    public CommandException NotAvailable() => new(ExitStatus.Mistake, $"'{Words(this)}' is not available yet");

    private static string Words(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent and not RootCommand
            ? $"{Words(parent)} {command.Name}"
            : command.Name;
}
