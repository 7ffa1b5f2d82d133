using System.ComponentModel;
using System.Diagnostics;

namespace SoftSwitch.Linux.Resolvers;

/// <summary>Tells systemd-resolved something by its own tool, resolvectl(1). It resolves for the machine's first network namespace: an
/// interface of another one has a number that means something else there.</summary>
public static class Resolvectl
{
    private const string Tool = "resolvectl", StateOfResolved = "/run/systemd/resolve";

    /// <summary>Only the machine's first network namespace has it.</summary>
    private const string OnlyInFirst = "/proc/sys/net/core/netdev_max_backlog";

    /// <summary>The tool waits 25 seconds for somebody who doesn't answer.</summary>
    private const int Patience = 5_000;

    /// <summary>Runs it, and waits.</summary>
    /// <returns>What stands in the way; null: it is done.</returns>
    public static string? Run(string[] arguments)
    {
        if (!File.Exists(OnlyInFirst))
            return "systemd-resolved is of another network namespace";
        if (!Directory.Exists(StateOfResolved))
            return "systemd-resolved doesn't run";
        var start = new ProcessStartInfo(Tool, arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        try
        {
            using var tool = Process.Start(start)!;
            tool.StandardOutput.Close();
            var error = tool.StandardError.ReadLineAsync();
            if (!tool.WaitForExit(Patience))
            {
                tool.Kill();
                return $"{Tool} doesn't come to an end";
            }
            return tool.ExitCode == 0 ? null : $"{Tool} {arguments[0]}: {error.GetAwaiter().GetResult() ?? $"status {tool.ExitCode}"}";
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException or IOException)
        {
            return $"{Tool} can't be started: {e.Message}";
        }
    }
}
