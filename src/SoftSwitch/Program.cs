using System.Globalization;
using SoftSwitch.Cli;
using SoftSwitch.Errors;
using SoftSwitch.Linux.Keeping;
using SoftSwitch.Linux.Output;
using SoftSwitch.Linux.Succession;
using SoftSwitch.Live;

// Processes that `run` starts for itself. Started by hand, they are commands that there aren't.
if (args is [KeeperProgram.Word, var of] && int.TryParse(of, NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
    && KeeperProgram.Run(pid))
    return ExitStatus.Done;
if (args is [CaretakerProgram.Word] && CaretakerProgram.Run())
    return ExitStatus.Done;
// And one that a switch starts to ask whether this program can go on in its place.
if (args is [FitProgram.Word, var form] && Console.IsInputRedirected)
    return FitProgram.Run(form, Console.In, Console.Out) ? ExitStatus.Done : ExitStatus.Failed;
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
