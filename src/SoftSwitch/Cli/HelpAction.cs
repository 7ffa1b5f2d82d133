using System.CommandLine;
using System.CommandLine.Invocation;
using SoftSwitch.Errors;

namespace SoftSwitch.Cli;

/// <summary>Prints the help of the command that --help stands behind.</summary>
internal sealed class HelpAction : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        parseResult.InvocationConfiguration.Output.Write(HelpText.Of(parseResult.CommandResult.Command));
        return ExitStatus.Done;
    }
}
