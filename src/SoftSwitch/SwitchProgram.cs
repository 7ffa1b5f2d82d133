using System.Runtime.InteropServices;
using SoftSwitch.Addressing;
using SoftSwitch.Api;
using SoftSwitch.Cli;
using SoftSwitch.Config;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Control;
using SoftSwitch.Model;
using SoftSwitch.Persistence;
using SoftSwitch.State;
using SoftSwitch.State.Nat;

namespace SoftSwitch;

/// <summary>What `softswitch run` does: the switch in the foreground, until SIGTERM or SIGINT.</summary>
internal static class SwitchProgram
{
    /// <returns>The exit status.</returns>
    public static async Task<int> Run(string file, string socketPath)
    {
        var config = ConfigFile.Load(file, HostAddresses.Read);
        if (!config.Ok)
            return ConfigMistakes.Tell(config, Console.Error);

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
            // The socket comes first: a switch that answers there already is found out before any interface is touched,
            // and giving the socket its group is the last thing that takes more privilege than a port.
            var socket = ControlSocket.Bind(socketPath);
            RunningSwitch started;
            SwitchIdentity? identity = null;
            try
            {
                var model = Complete(config.Model);
                OutsideState.CheckForwards(model);
                identity = SwitchIdentity.Take(StateFolder.Of(model), socketPath, MachineIdentity.Read(), Console.Error);
                Privilege.KeepFor(model);
                started = RunningSwitch.Start(model, identity.Macs, new(StateFolder.Of(model), Console.Error.WriteLine), Console.Error);
            }
            catch
            {
                identity?.Dispose();
                socket.Dispose();
                throw;
            }
            using var known = identity;
            using var running = started;
            await using var control = await ControlServer.StartAsync(socket, new SwitchView(running));
            Console.WriteLine("ready");
            await stop.Task;
            return ExitStatus.Done;
        }
        catch (Exception e) when (e is StartRefusedException or SystemCallException or ControlSocketException)
        {
            throw new CommandException(ExitStatus.Failed, e.Message);
        }
    }

    /// <summary>The model with the subnets that the file leaves out, and what guests must know told.</summary>
    private static SwitchModel Complete(SwitchModel model)
    {
        model = NetworkAddresses.Complete(model, StateFolder.Of(model), () => HostRoutes.Beside(model), Console.Error);
        foreach (var line in model.Networks.Select(NetworkAddresses.ForGuests).OfType<string>())
            Console.Error.WriteLine(line);
        return model;
    }
}
