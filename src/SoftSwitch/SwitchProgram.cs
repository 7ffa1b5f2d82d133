using System.Runtime.InteropServices;
using SoftSwitch.Addressing;
using SoftSwitch.Api;
using SoftSwitch.Cli;
using SoftSwitch.Config;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Control;
using SoftSwitch.Linux.Privileges;
using SoftSwitch.Model;
using SoftSwitch.State;
using SoftSwitch.State.Nat;

namespace SoftSwitch;

/// <summary>What `softswitch run` does: the switch in the foreground, until SIGTERM or SIGINT.</summary>
internal static class SwitchProgram
{
    /// <returns>The exit status.</returns>
    public static async Task<int> Run(string file, string socketPath)
    {
        OpenFiles.RaiseLimit();
        var handover = Handover.Take();
        var config = handover is null ? ConfigFile.Load(file, HostAddresses.Read) : ConfigResult.Of(handover.Model);
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

        FreshStart.Begin();

        try
        {
            handover ??= Prepare(config.Model, socketPath, stop.Task);
            using var running = Start(handover);
            var socket = handover.Socket;
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

    /// <summary>Everything that takes more privilege than a port does. Where more was there than is kept, the program begins anew here, and this doesn't return.</summary>
    private static Handover Prepare(SwitchModel model, string socketPath, Task stop)
    {
        // The socket comes first: a switch that answers there already is found out before any interface is touched,
        // and giving the socket its group takes more privilege than a port.
        var socket = ControlSocket.Bind(socketPath);
        try
        {
            model = Complete(model);
            Descriptors.Require(model);
            OutsideState.CheckForwards(model);
            var handover = new Handover(model, socket);
            if (!stop.IsCompleted)
                handover.Give(Console.Error);
            return handover;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static RunningSwitch Start(Handover handover)
    {
        try
        {
            return RunningSwitch.Start(handover.Model, Console.Error);
        }
        catch
        {
            handover.Socket.Dispose();
            throw;
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
