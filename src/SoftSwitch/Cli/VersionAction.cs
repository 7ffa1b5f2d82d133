using System.CommandLine;
using System.CommandLine.Invocation;

namespace SoftSwitch.Cli;

/// <summary>Prints `softswitch 0.1.0`.</summary>
internal sealed class VersionAction : SynchronousCommandLineAction
{
    /// <summary>The program's version, such as 0.1.0.</summary>
    public static string Version { get; } = typeof(VersionAction).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        parseResult.InvocationConfiguration.Output.WriteLine($"softswitch {Version}");
        return ExitStatus.Done;
    }
}
