using System.CommandLine;
using System.CommandLine.Invocation;
using SoftSwitch.Errors;
using SoftSwitch.Text;

namespace SoftSwitch.Cli;

/// <summary>Prints `softswitch 0.1.0`.</summary>
internal sealed class VersionAction : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        parseResult.InvocationConfiguration.Output.WriteLine($"softswitch {ProgramVersion.Text}");
        return ExitStatus.Done;
    }
}
