using SoftSwitch.Cli;

namespace SoftSwitch.Tests.Cli;

/// <summary>One run of the command, as its caller sees it.</summary>
internal sealed record CommandRun(int Status, string Output, string Error)
{
    public static async Task<CommandRun> Of(params string[] words)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        var status = await CommandLine.Run(words, output, error);
        return new(status, output.ToString(), error.ToString());
    }
}
