using System.CommandLine;
using SoftSwitch.Errors;
using SoftSwitch.Logging;
using SoftSwitch.Text;

namespace SoftSwitch.Cli;

/// <summary>--log-format FORMAT, of `run`.</summary>
internal sealed class LogFormatOption : Option<string>
{
    private static readonly WordList<LogFormat> s_formats = new((LogFormat.Text, "text"), (LogFormat.Json, "json"));

    public LogFormatOption() : base("--log-format")
    {
        Description = "How news is written on standard error: text, for people and for the journal; json, an object a line";
        HelpName = "FORMAT";
        DefaultValueFactory = _ => s_formats[LogFormat.Text];
        CompletionSources.Add([.. s_formats.All]);
    }

    /// <exception cref="CommandException">There is no such format.</exception>
    public LogFormat Of(ParseResult parsed)
    {
        var word = parsed.GetRequiredValue(this);
        return s_formats.Of(word)
            ?? throw new CommandException(ExitStatus.Mistake, $"there is no log format '{word}': write {Shown.Or(s_formats.All)}");
    }
}
