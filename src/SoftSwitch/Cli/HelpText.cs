using System.CommandLine;
using System.Text;

namespace SoftSwitch.Cli;

/// <summary>
/// What --help prints: what the command does, how it is written, its words and options, an example. It asks no running switch, so it is the
/// same with fifty ports and with a switch that hangs. The names that the shell completes are not in it.
/// </summary>
internal static class HelpText
{
    private const int Width = 80;

    public static string Of(Command command)
    {
        var text = new StringBuilder(Wrapped.Lines(command.Description!.TrimEnd('.') + ".", Width, ""));
        var below = command.Subcommands.Where(sub => !sub.Hidden).ToList();
        var options = OptionsOf(command).ToList();
        text.Append($"\nUsage: {Usage(command, below.Count > 0)}\n");
        Section(text, "Commands", [.. below.Select(sub => (Words(sub), sub.Description!))]);
        Section(text, "Arguments", [.. command.Arguments.Select(argument => (argument.Name, argument.Description!))]);
        Section(text, "Options", [.. options.Select(option => (Written(option), option.Description!))]);
        text.Append(Examples.Of(command).Count > 1 ? "\nExamples:\n" : "\nExample:\n");
        foreach (var example in Examples.Of(command))
            text.Append($"  {example}\n");
        return text.ToString();
    }

    /// <summary>The words that name a command, without the program's.</summary>
    public static string PathOf(Command command) =>
        command is RootCommand ? "" : $"{PathOf((Command)command.Parents.First())} {command.Name}".TrimStart();

    /// <summary>The command's own options, then those that its parents pass on to every command below them.</summary>
    public static IEnumerable<Option> OptionsOf(Command command)
    {
        var own = command.Options.Where(option => !option.Hidden);
        return command.Parents.OfType<Command>().FirstOrDefault() is { } parent
            ? own.Concat(OptionsOf(parent).Where(option => option.Recursive))
            : own;
    }

    private static string Usage(Command command, bool hasBelow)
    {
        var words = new List<string> { $"softswitch {PathOf(command)}".TrimEnd() };
        words.AddRange(
            command.Arguments.Select(argument => argument.Arity.MinimumNumberOfValues > 0 ? argument.Name : $"[{argument.Name}]"));
        if (hasBelow)
            words.Add(command.Action is null ? "COMMAND" : "[COMMAND]");
        words.Add("[OPTION…]");
        return string.Join(' ', words);
    }

    private static string Words(Command command) => string.Join(' ', command.Arguments
        .Select(argument => argument.Arity.MinimumNumberOfValues > 0 ? argument.Name : $"[{argument.Name}]").Prepend(command.Name));

    private static string Written(Option option)
    {
        var names = string.Join(", ", option.Aliases.Prepend(option.Name));
        return option.HelpName is { } value ? $"{names} {value}" : names;
    }

    private static void Section(StringBuilder text, string title, IReadOnlyList<(string Left, string Right)> rows)
    {
        if (rows.Count == 0)
            return;
        text.Append($"\n{title}:\n");
        var left = rows.Max(row => row.Left.Length);
        foreach (var row in rows)
            text.Append($"  {row.Left.PadRight(left)}  "
                + $"{Wrapped.Lines(row.Right, Width - left - 4, "").TrimEnd('\n').Replace("\n", "\n" + new string(' ', left + 4))}\n");
    }
}
