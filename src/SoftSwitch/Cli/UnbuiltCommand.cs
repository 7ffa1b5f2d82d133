using System.CommandLine;

namespace SoftSwitch.Cli;

/// <summary>A word that will be a command: it takes anything, does nothing and says so.</summary>
internal sealed class UnbuiltCommand : Command
{
    public UnbuiltCommand(string name) : base(name)
    {
        Hidden = true;
        TreatUnmatchedTokensAsErrors = false;
        SetAction(int (ParseResult _) => throw NotAvailable());
    }

    public CommandException NotAvailable() =>
        new(ExitStatus.Mistake, $"'{(Parents.FirstOrDefault() is Command and not RootCommand ? Parents.First().Name + " " : "")}{Name}' is not available yet");
}
