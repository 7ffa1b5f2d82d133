using System.Runtime.InteropServices;
using SoftSwitch.Api;
using SoftSwitch.Cli;
using SoftSwitch.Config;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Control;
using SoftSwitch.State;

namespace SoftSwitch;

/// <summary>What `softswitch run` does: the switch in the foreground, until SIGTERM or SIGINT.</summary>
internal static class SwitchProgram
{
    /// <returns>The exit status.</returns>
    public static async Task<int> Run(string file, string socketPath)
    {
        var config = ConfigFile.Load(file);
        if (!config.Ok)
        {
            foreach (var mistake in config.Mistakes)
                await Console.Error.WriteLineAsync(mistake.ToString());
            return ExitStatus.Mistake;
        }

        var stop = new TaskCompletionSource();
        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.TrySetResult();
        }
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            Console.Error.WriteLine("softswitch: SIGHUP: reload is not available yet; stop and start again");
        });

        try
        {
            using var running = RunningSwitch.Start(config.Model, Console.Error);
            await using var control = await ControlServer.StartAsync(socketPath, new SwitchView(running));
            Console.WriteLine("ready");
            await stop.Task;
            return ExitStatus.Done;
        }
        catch (Exception e) when (e is PortRefusedException or SystemCallException or ControlSocketException)
        {
            throw new CommandException(ExitStatus.Failed, e.Message);
        }
    }
}
