using System.CommandLine;
using System.CommandLine.Parsing;

namespace SoftSwitch.Cli;

/// <summary>What is wrong with a command line, in one line with the cure. Of several mistakes the first is told: the others often follow from it.</summary>
internal static class ParseMistake
{
    public static CommandException Of(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        return new(ExitStatus.Mistake, $"{Message(parsed, command)} (see: {FullName(parsed.CommandResult)} --help)");
    }

    private static string Message(ParseResult parsed, Command command)
    {
        var below = command.Subcommands.Where(sub => !sub.Hidden).Select(sub => sub.Name).ToArray();
        if (parsed.UnmatchedTokens.FirstOrDefault() is { } word)
        {
            if (word.StartsWith('-') && word.Length > 1)
                return $"unknown option '{word}'";
            return below.Length > 0 ? $"unknown command '{word}'; there is {string.Join(", ", below)}" : $"unexpected argument '{word}'";
        }
        if (below.Length > 0 && parsed.Errors.Count == 1 && parsed.Errors[0].SymbolResult is CommandResult)
            return $"a command is missing; there is {string.Join(", ", below)}";
        foreach (var result in parsed.CommandResult.Children)
        {
            if (result is ArgumentResult { Tokens.Count: 0, Argument.Arity.MinimumNumberOfValues: > 0 } missing)
                return $"{missing.Argument.HelpName ?? missing.Argument.Name} is missing";
        }
        for (var result = parsed.CommandResult; result is not null; result = result.Parent as CommandResult)
        {
            if (result.Children.OfType<OptionResult>().FirstOrDefault(option => option.Errors.Any()) is { Tokens.Count: 0 } option)
                return $"{option.Option.Name} takes a {option.Option.HelpName ?? "value"}";
        }
        return string.Join(' ', parsed.Errors[0].Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.');
    }

    private static string FullName(CommandResult result) => result.Parent is CommandResult parent
        ? $"{FullName(parent)} {result.Command.Name}"
        : "softswitch";
}
