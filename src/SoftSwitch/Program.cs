using SoftSwitch.Cli;
using SoftSwitch.Errors;
using SoftSwitch.Linux.Output;

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
