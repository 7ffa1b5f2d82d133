using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using SoftSwitch.Addressing;
using SoftSwitch.Api;
using SoftSwitch.Config;
using SoftSwitch.Config.Checks;
using SoftSwitch.Errors;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Control;
using SoftSwitch.Linux.Keeping;
using SoftSwitch.Linux.Output;
using SoftSwitch.Linux.Privileges;
using SoftSwitch.Linux.Tunnels;
using SoftSwitch.Live;
using SoftSwitch.Live.Layer;
using SoftSwitch.Logging;
using SoftSwitch.Model;
using SoftSwitch.Persistence;
using SoftSwitch.State;
using SoftSwitch.State.Nat;
using SoftSwitch.Text;

namespace SoftSwitch;

/// <summary>
/// What `softswitch run` does: the switch in the foreground, until SIGTERM or SIGINT. Neither of its outputs can stop it: the log that
/// tells news waits for nobody, and nothing waits for `ready` to be read.
/// </summary>
internal static class SwitchProgram
{
    private const int ReadyMilliseconds = 1000;

    /// <summary>Between two looks at the place of the control socket.</summary>
    private const int LookMilliseconds = 500;

    /// <param name="file">The configuration.</param>
    /// <param name="socketPath">The control socket.</param>
    /// <param name="format">How the log is written.</param>
    /// <param name="isStrict">It runs all of the file or nothing; else what this machine can't give now comes when it can.</param>
    /// <param name="error">For the mistakes in the file.</param>
    /// <returns>The exit status.</returns>
    public static async Task<int> Run(string file, string socketPath, LogFormat format, bool isStrict, TextWriter error)
    {
        OwnProgram.Remember();
        AddressSpaceNeeded.RequireAtFirst();
        OpenFiles.RaiseLimit();
        var handover = Handover.Take();
        var written = ReadConfig(handover, file, out var config, out var lines, out var kept);
        if (!config.Ok)
            return ConfigMistakes.Tell(config, error);
        var source = new ConfigSource(file);
        AddressSpaceNeeded.Require(config.Model);
        Remedy.Needs(Privilege.Of(config.Model));

        // In the background of a terminal it goes on as in the foreground.
        IgnoredSignals.IgnoreStopping();
        // Before there is anything to clean up.
        using var stop = new StopSignals(isFirst: handover is null);
        ControlSocket socket;
        try
        {
            // The socket comes first: a switch that answers there already is found out before any interface is touched,
            // and giving the socket its group takes more privilege than a port.
            socket = handover?.Socket ?? ControlSocket.Bind(socketPath);
        }
        catch (Exception e) when (e is SystemCallException or ControlSocketException)
        {
            throw new CommandException(ExitStatus.Failed, e.Message);
        }
        var log = SwitchLog.OnStandardError(format);
        AppDomain.CurrentDomain.UnhandledException += (_, crash) =>
        {
            log.Write(LogLevel.Error, $"ended: internal error, please report it: {crash.ExceptionObject}");
            log.Dispose();
        };
        using var reload = new AskingSignal(PosixSignal.SIGHUP, "reload");
        using var upgrade = new AskingSignal(Signals.Upgrade, "upgrade");
        FreshStart.Begin();
        try
        {
            if (handover is null)
            {
                // It comes while the rest is prepared.
                Keep(Keeper.Start, log);
                TellStart(log, source.Path, socket);
                TellLeftOut(written!, lines, kept, log);
                if (config.Model.Listen is not null)
                    ControlToken.Make(socket);
                var model = Prepare(config.Model, isStrict, log);
                handover = new(model, socket,
                    SwitchIdentity.Take(StateFolder.Of(model), socket.Path, MachineIdentity.Read(), log), written!.Leave());
                HeldTaps.Tell(model, handover.Identity.Mark, log);
                LateWrites.Tell(StateFolder.Of(model), socket.Path, log);
                Keep(Keeper.Settle, log);
                if (!handover.IsWorthIt)
                {
                    Capabilities.KeepOnly(Privilege.Kept(handover.Model));
                }
                else if (!stop.HasCome)
                {
                    // All that was told so far is written before this program begins anew.
                    log.Dispose();
                    // That may have taken a while.
                    var refusal = stop.HasCome ? null : handover.Give();
                    log = SwitchLog.OnStandardError(format);
                    if (refusal is not null)
                        log.Write(LogLevel.Warning, refusal);
                }
                stop.Listen();
            }
            if (!stop.HasCome)
                await RunUntil(stop, reload, upgrade, handover, source, written!, isStrict, log);
            log.Write(LogLevel.Info, $"ended by {await stop.Stopped}");
            return ExitStatus.Done;
        }
        catch (Exception e) when (e is StartRefusedException or SystemCallException or ControlSocketException)
        {
            log.Write(LogLevel.Error, $"ended: {e.Message}");
            return ExitStatus.Failed;
        }
        catch (OutOfMemoryException)
        {
            log.Write(LogLevel.Error, $"ended: {MemoryLimit.Describe()}");
            return ExitStatus.Failed;
        }
        catch (Exception e)
        {
            log.Write(LogLevel.Error, $"ended: internal error, please report it: {e}");
            return ExitStatus.Failed;
        }
        finally
        {
            socket.Dispose();
            Keeper.Here?.Dispose();
            log.Dispose();
        }
    }

    /// <summary>Without a keeper of its rights the switch keeps those that its file takes, and changes have no others.</summary>
    private static void Keep(Action step, ISwitchLog log)
    {
        try
        {
            step();
        }
        catch (SystemCallException e)
        {
            log.Write(LogLevel.Warning, $"{e.Message}; a change that takes other rights than the file does will be refused");
        }
    }

    /// <summary>What is to run: the file with what was made at run time before.</summary>
    /// <param name="handover">What the first program hands over; null: this is the first.</param>
    /// <param name="file">Where it is written.</param>
    /// <param name="config">It, compiled.</param>
    /// <param name="lines">What is to be told of what was kept.</param>
    /// <param name="kept">Where what was made at run time is kept; null: it isn't read here.</param>
    /// <returns>What it was made of; null: the file has mistakes.</returns>
    private static LayeredStart? ReadConfig(
        Handover? handover, string file, out ConfigResult config, out List<string> lines, out RunTimeMemory? kept)
    {
        List<string> told = lines = [];
        kept = null;
        if (handover is not null)
        {
            config = ConfigResult.Of(handover.Model);
            return LayeredStart.TryTake(handover.Written, out var left) ? left : new(ConfigDocument.Load(file), RunTimeLayer.Empty);
        }
        var document = ConfigDocument.Load(file);
        config = document.Compile(HostAddresses.Read);
        if (!config.Ok)
            return null;
        kept = new(StateFolder.Of(config.Model), new ConfigSource(file).Path, told.Add);
        var written = LayeredStart.Of(document, kept.Load(), HostAddresses.Read, DateTimeOffset.UtcNow);
        if (written.Layer.Count > 0)
            config = written.Compile(HostAddresses.Read);
        return written;
    }

    /// <summary>What was made at run time before and can't run with this file any more is set aside and told.</summary>
    private static void TellLeftOut(LayeredStart written, List<string> lines, RunTimeMemory? kept, ISwitchLog log)
    {
        if (written.LeftOut.Count > 0 && kept is not null)
        {
            kept.SetAside();
            kept.Write(written.Layer);
            lines.Add("what was made at run time and doesn't fit the file any more is left out:");
        }
        foreach (var line in lines.Concat(written.LeftOut))
            log.Write(LogLevel.Warning, line);
    }

    private static void TellStart(SwitchLog log, string path, ControlSocket socket) => log.Write(LogLevel.Info, string.Create(
        CultureInfo.InvariantCulture,
        $"softswitch {ProgramVersion.Text} runs {path}, control socket {socket.Path}, pid {Environment.ProcessId}"),
        [("version", ProgramVersion.Text), ("file", path), ("socket", socket.Path)]);

    /// <summary>Everything that takes more privilege than a port does.</summary>
    /// <returns>The model with the subnets that the file leaves out; what guests must know is told.</returns>
    private static SwitchModel Prepare(SwitchModel model, bool isStrict, ISwitchLog log)
    {
        model = NetworkAddresses.Complete(model, StateFolder.Of(model), () => HostRoutes.Beside(model), log, isStrict);
        model = PortAddresses.Complete(model, StateFolder.Of(model), log, isStrict);
        NetworkAddresses.TellGuests(model, () => HostRoutes.Beside(model), log);
        if (isStrict)
            OpenFilesNeeded.Require(model);
        SharedPorts.CheckFree(model, isStrict, log);
        if (TunnelProgram.Load() is { } refusal)
            log.Write(LogLevel.Warning, refusal);
        return model;
    }

    /// <summary>Runs until a signal ends it; all is given back then.</summary>
    private static async Task RunUntil(
        StopSignals stop, AskingSignal reload, AskingSignal upgrade, Handover handover, ConfigSource source, LayeredStart written,
        bool isStrict, SwitchLog log)
    {
        // What was left is closed when all is open.
        var (isNext, mustReload) = (handover.Inherited.IsThere, NextProgram.WasAskedToReload(handover.Inherited));
        using var identity = handover.Identity;
        OpenFiles.Expect(OpenFilesNeeded.Of(handover.Model));
        var state = StateFolder.Of(handover.Model);
        Action<string> warn = line => log.Write(LogLevel.Warning, line);
        var addresses = new AddressMemory(state, warn, left: handover.Inherited.TakeText(AddressMemory.LeftWord));
        var leases = new LeaseMemory(state, warn, handover.Inherited.TakeText(LeaseMemory.LeftWord));
        var outsideLeases = new OutsideLeaseMemory(state, warn);
        var snapshot = new StateSnapshot(
            state, identity.Mark.Number, StateSnapshot.OwnerOf(source.Path, handover.Socket.Path), warn);
        using var running = RunningSwitch.Start(
            handover.Model, isStrict, identity.Macs, addresses, leases, outsideLeases, log, identity.Mark,
            isNext ? handover.Inherited : snapshot.Read(Environment.TickCount64), snapshot);
        if (isNext && (NextProgram.HeardReload() | mustReload))
            reload.Ask();
        using var memory = new RunTimeMemory(state, source.Path, warn);
        using var config = new LiveConfig(
            source, written, memory, running, log, next: new NextProgram(running, handover, log, stop, reload));
        await using var control = await ControlServer.StartAsync(
            handover.Socket, () => config.Seen(running.Look()), ApiLists.All, config, OpenDoor(handover, isStrict, log));
        reload.Do(() => config.Reload(new()), e => log.Failed(new("reload"), e));
        upgrade.Do(config.UpgradeNow, e => log.Failed(new("upgrade"), e));
        Expiry.Begin(config, e => log.Failed(new("run-time"), e));
        if (!isNext)
            TellReady(log);
        await Wait(stop.Stopped, handover.Socket, log);
    }

    /// <summary>Where the API answers beside the socket, if the file wants that.</summary>
    private static LoopbackDoor? OpenDoor(Handover handover, bool isStrict, ISwitchLog log)
    {
        if (handover.Model.Listen is not { } listen)
            return null;
        var token = ControlToken.Of(handover.Socket);
        try
        {
            var door = LoopbackDoor.Open(listen, token);
            log.Write(LogLevel.Info, $"the API answers on http://{door.EndPoint} too, for who has the token in {token.Path}");
            return door;
        }
        catch (SocketException e)
        {
            token.Dispose();
            var obstacle = $"listen: {listen}: {e.Message}";
            if (isStrict)
                throw new StartRefusedException(obstacle);
            log.Write(LogLevel.Warning, $"{obstacle}; the API answers on the control socket alone until the next start");
            return null;
        }
    }

    /// <summary>Waits for a signal. Who removes the file of the control socket meanwhile leaves all commands without an answer: that is
    /// told, and so is the end of the keeper.</summary>
    private static async Task Wait(Task stop, ControlSocket socket, ISwitchLog log)
    {
        var wasInPlace = true;
        while (await Task.WhenAny(stop, Task.Delay(LookMilliseconds)) != stop)
        {
            var isInPlace = socket.IsInPlace;
            if (wasInPlace && !isInPlace)
                log.News(new("control socket"), LogLevel.Warning, $"{socket.Path} was removed, or has been given to another: no command "
                    + "reaches this switch there until it is started anew; its ports go on");
            wasInPlace = isInPlace;
            if (Keeper.Here?.News() is { } loss)
                log.News(new("keeper"), LogLevel.Warning, loss);
        }
    }

    /// <summary>Says `ready`. A thread of its own waits until that is read.</summary>
    private static void TellReady(ISwitchLog log) => new Thread(() =>
    {
        var written = 0;
        int errno;
        do
            written += StandardStreams.Output.Write("ready\n"u8[written..], ReadyMilliseconds, out errno);
        while (OutputDescriptor.SaysFull(errno));
        if (errno != 0 && !OutputDescriptor.SaysClosed(errno))
            log.Write(LogLevel.Warning, $"`ready` could not be written on standard output: {OutputDescriptor.Reason(errno)}");
    })
    { Name = "ready", IsBackground = true }.Start();
}
