using System.Globalization;
using SoftSwitch.Cli;
using SoftSwitch.Errors;
using SoftSwitch.Linux.Keeping;
using SoftSwitch.Linux.Output;

// A process that `run` starts for itself. Started by hand, it is a command that there isn't.
if (args is [KeeperProgram.Word, var of] && int.TryParse(of, NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
    && KeeperProgram.Run(pid))
    return ExitStatus.Done;
// First of all, before anything can be opened in the place of a stream that is closed.
StandardStreams.Keep();
var output = new OutputWriter(StandardStreams.Output);
var error = new OutputWriter(StandardStreams.Error);
var status = await CommandLine.Run(args, output, error);
output.Flush();
error.Flush();
return status == ExitStatus.Done && output.Refusal is { } refusal
    ? CommandLine.Fail(error, ExitStatus.Failed, $"standard output: {refusal}")
    : status;
