using System.CommandLine.Completions;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using SoftSwitch.Errors;
using SoftSwitch.Text;

namespace SoftSwitch.Cli;

/// <summary>The process of a running container, as its own tool says: docker, else podman. Asked by the client, with the client's rights:
/// the switch speaks with neither.</summary>
internal static class ContainerPid
{
    private static readonly string[] s_tools = ["docker", "podman"];
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10), s_completing = TimeSpan.FromSeconds(1);
    private const StringSplitOptions Trimmed = StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries;

    /// <exception cref="CommandException">There is none, or nobody can be asked.</exception>
    public static async Task<int> Of(string container, CancellationToken cancel)
    {
        var said = "";
        foreach (var tool in s_tools)
        {
            // What begins with a hyphen would be an option.
            string[] words = ["inspect", "--type", "container", "-f", "{{.State.Pid}}", "--", container];
            if (await Ask(tool, words, s_patience, cancel) is not var (status, output, error))
                continue;
            if (status == 0 && int.TryParse(output.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var pid))
                return pid > 0 ? pid : throw new CommandException(ExitStatus.Failed,
                    $"container {Shown.Quote(container)} does not run: start it first: {tool} start {container}");
            said = $"; {tool} says: {error.Trim().ReplaceLineEndings(" ")}";
        }
        throw new CommandException(ExitStatus.Failed, said.Length > 0
            ? $"the process of container {Shown.Quote(container)} can't be found out{said}; without that, name its process: --pid"
            : "there is neither docker nor podman to ask: name the process of the container with --pid");
    }

    /// <summary>Those that run, for the shell's completion: soon, or none.</summary>
    public static IEnumerable<CompletionItem> Names(CompletionContext context)
    {
        try
        {
            return [.. s_tools.Select(tool => Ask(tool, ["ps", "--format", "{{.Names}}"], s_completing, default).Result)
                .Where(said => said?.Status == 0).SelectMany(said => said!.Value.Output.Split('\n', Trimmed)).Distinct()
                .Select(name => new CompletionItem(name))];
        }
        catch (AggregateException)
        {
            return [];
        }
    }

    /// <returns>Null: there is no such tool.</returns>
    private static async Task<(int Status, string Output, string Error)?> Ask(
        string tool, string[] words, TimeSpan longest, CancellationToken cancel)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(tool, words)
            {
                RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
            })!;
            process.StandardInput.Close();
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            patience.CancelAfter(longest);
            try
            {
                var output = process.StandardOutput.ReadToEndAsync(patience.Token);
                var error = process.StandardError.ReadToEndAsync(patience.Token);
                await process.WaitForExitAsync(patience.Token);
                return (process.ExitCode, await output, await error);
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                process.Kill();
                throw new CommandException(ExitStatus.Failed, $"{tool} does not answer: name the process of the container with --pid");
            }
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
