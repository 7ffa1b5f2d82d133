using System.Diagnostics;
using SoftSwitch.Errors;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Linux.Output;

namespace SoftSwitch.Lab;

/// <summary>A prompt inside a station. The process has its namespace from the thread that starts it.</summary>
internal static class LabShell
{
    /// <summary>Waits until the shell ends; a stop ends it.</summary>
    /// <exception cref="CommandException">It could not be started.</exception>
    public static void Run(LabStation station, NetworkNamespace space, CancellationToken stop)
    {
        var path = Environment.GetEnvironmentVariable("SHELL") is { Length: > 0 } named && File.Exists(named) ? named : "/bin/sh";
        var start = new ProcessStartInfo(path) { UseShellExecute = false };
        start.Environment["SOFTSWITCH_LAB_PORT"] = station.Name;
        start.Environment["PS1"] = $"{station.Name}# ";
        start.Environment.Remove(LabProgram.InsideVariable);
        Process shell;
        try
        {
            shell = space.Run(() => IgnoredSignals.WithDefaults(() => Process.Start(start)!));
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new CommandException(ExitStatus.Failed, $"{path}: {e.Message}; set SHELL to a shell that can be started");
        }
        OpenFiles.RestoreLimit(shell.Id);
        using (shell)
        using (stop.Register(shell.Kill))
            shell.WaitForExit();
    }
}
