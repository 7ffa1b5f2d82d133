using SoftSwitch.Logging;

namespace SoftSwitch.Cli;

/// <summary>--log-format FORMAT, of `run`.</summary>
internal sealed class LogFormatOption : FormatOption<LogFormat>
{
    public LogFormatOption() : base("--log-format", "log format", new((LogFormat.Text, "text"), (LogFormat.Json, "json"))) =>
        Description = "How news is written on standard error: text, for people and for the journal; json, an object a line";
}
