using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using SoftSwitch.Errors;
using SoftSwitch.Text;

namespace SoftSwitch.Cli;

/// <summary>
/// What is wrong with a command line, in one line with the cure: the word that was probably meant, or those there are. Of several mistakes
/// the first is told: the others often follow from it.
/// </summary>
internal static class ParseMistake
{
    public static CommandException Of(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        return new(ExitStatus.Mistake, $"{Message(parsed, command)} (see: {$"softswitch {HelpText.PathOf(command)}".TrimEnd()} --help)");
    }

    /// <summary>An option that there isn't, and that would be taken for a file or a name; null: there is none. Behind `--` anything may
    /// be one, and a hyphen alone is standard output.</summary>
    public static string? OptionAsArgument(ParseResult parsed) => parsed.Tokens.Any(token => token.Type == TokenType.DoubleDash) ? null
        : parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(result => result.Tokens)
            .FirstOrDefault(token => token.Value.StartsWith('-') && token.Value.Length > 1)?.Value;

    private static string Message(ParseResult parsed, Command command)
    {
        var below = Below(command).ToArray();
        if (parsed.UnmatchedTokens.FirstOrDefault() is { } word)
        {
            if (word.StartsWith('-') && word.Length > 1)
                return UnknownOption(word, command);
            return below.Length > 0
                ? $"unknown command {Shown.Quote(word)}{Meant(word, command, below)}"
                : $"unexpected argument {Shown.Quote(word)}";
        }
        if (OptionAsArgument(parsed) is { } unknown)
            return UnknownOption(unknown, command);
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
                return option.IdentifierToken is null
                    ? $"{option.Option.Name} is missing: write {option.Option.Name} {Value(option.Option, parsed)}"
                    : $"{option.Option.Name} takes a {option.Option.HelpName ?? "value"}";
            if (result.Children.OfType<OptionResult>().FirstOrDefault(IsNoNumber) is { } number)
                return $"{number.Option.Name} takes a whole number, not {Shown.Quote(number.Tokens[0].Value)}";
        }
        return string.Join(' ', parsed.Errors[0].Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.');
    }

    private static bool IsNoNumber(OptionResult result) => result.Errors.Any() && result.Option.ValueType == typeof(int?)
        && !int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    /// <summary>What to write behind an option.</summary>
    private static string Value(Option option, ParseResult parsed)
    {
        // As the shell asks behind the option, so that the switch which the line names tells its names.
        var line = parsed.RootCommandResult.Command.Parse([.. parsed.Tokens.Select(token => token.Value), option.Name, ""]);
        List<string> words = [.. option.GetCompletions(line.GetCompletionContext()).Select(word => word.Label)];
        return words.Count > 0 ? Shown.Or(words) : option.HelpName ?? "a value";
    }

    private static IEnumerable<string> Below(Command command) => command.Subcommands.Where(sub => !sub.Hidden).Select(sub => sub.Name);

    /// <summary>A word that comes near one that fits here, or that fits one step further down: `ports` is for `show`.</summary>
    private static string Meant(string word, Command command, string[] below)
    {
        if (command.Subcommands.FirstOrDefault(sub => !sub.Hidden && Below(sub).Contains(word)) is { } above)
            return $"; did you mean '{above.Name} {word}'?";
        if (NearestWord.To(word, below) is { } nearest)
            return $"; did you mean '{nearest}'?";
        if (word == "help" || (word == "version" && command is RootCommand))
            return $"; did you mean '--{word}'?";
        foreach (var sub in command.Subcommands.Where(sub => !sub.Hidden))
        {
            if (NearestWord.To(word, Below(sub)) is { } deeper)
                return $"; did you mean '{sub.Name} {deeper}'?";
        }
        return $"; there is {string.Join(", ", below)}";
    }

    private static string UnknownOption(string word, Command command)
    {
        // What stands behind '=' is its value.
        var name = word.Split('=')[0];
        var options = HelpText.OptionsOf(command).SelectMany(option => option.Aliases.Prepend(option.Name))
            .Where(option => option.StartsWith("--", StringComparison.Ordinal)).ToArray();
        var known = NearestWord.To(name, options)
            ?? (name.StartsWith("--", StringComparison.Ordinal) ? null : NearestWord.To("-" + name, options));
        return $"unknown option {Shown.Quote(name)}{(known is null ? "" : $"; did you mean '{known}'?")}";
    }
}
