using System.Collections.Concurrent;
using SoftSwitch.Errors;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Kinds;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Endpoints;
using SoftSwitch.Linux.Workers;
using SoftSwitch.Logging;
using SoftSwitch.Model;
using SoftSwitch.Persistence;
using SoftSwitch.State.Nat;
using SoftSwitch.State.Ports;

namespace SoftSwitch.State;

/// <summary>
/// A configuration that lives: its bridges, workers and ports (Config → Model → State). One control loop opens, watches, closes and retries
/// the ports; what the API shows is read beside it, never through it.
/// <para>
/// At start, all ports open or none: the first obstacle undoes everything. Afterwards a port that fails is closed, counted, reported and
/// retried every second, and at once when its interface comes back; the rest goes on. A port takes part in forwarding only while it is up.
/// </para>
/// </summary>
internal sealed class RunningSwitch : INatSwitch, IDisposable
{
    private const int RetryMilliseconds = 1000;

    /// <summary>Of the forwarding database, a part each second, so that a silent station's memory is free within a quarter of the ageing
    /// time.</summary>
    private const int SweepsPerAgeing = 4;

    /// <summary>Ports that the kernel is asked about each second, whatever they do: it costs two calls and a lock of the kernel's a
    /// port.</summary>
    private const int DropsPolledPerSecond = 64;
    private readonly ControlLoop _control;
    private readonly LinkWatch _links;
    private volatile NatState? _nat;
    private readonly List<Worker> _workers = [];
    private readonly Dictionary<string, Bridge> _bridges = [];
    private readonly Introductions _introductions;
    private volatile PortState[] _ports = [];
    private bool _natRests;
    private uint _polled;
    private bool _isStarted;
    private int _pollAsked;

    private RunningSwitch(SwitchModel model, StationMacs macs, AddressMemory addresses, ISwitchLog log)
    {
        Model = macs.Complete(model);
        Macs = macs;
        Addresses = addresses;
        _introductions = new(Model);
        Log = log;
        _control = new(Tick, e => Log.News(new("control"), LogLevel.Error, $"internal error, please report it: {e}"));
        _links = new(_control, Heard);
        Started = DateTimeOffset.UtcNow;
    }

    /// <summary>With an address for every port that needs one.</summary>
    public SwitchModel Model { get; }

    /// <summary>What makes the addresses of stations.</summary>
    public StationMacs Macs { get; }

    /// <summary>By which addresses guests were known before.</summary>
    public AddressMemory Addresses { get; }

    public DateTimeOffset Started { get; }

    public IReadOnlyList<PortState> Ports => _ports;

    public Bridge BridgeOf(string network) => _bridges[network];

    /// <summary>Where it tells what happens.</summary>
    public ISwitchLog Log { get; }

    /// <summary>What may be seen of it from any thread: the parts that its control loop has published.</summary>
    public SwitchSnapshot Look()
    {
        var nat = _nat;
        return new(
            Model, Started, new(Environment.TickCount64),
            [.. Model.Networks.Select(network => new NetworkSnapshot(network, _bridges[network.Name], nat?.GatewayOf(network.Name)))],
            [.. _ports.Select(port => port.Look(PollKernelDropsSoon))], nat?.Look() ?? []);
    }

    /// <summary>Opens everything, or nothing.</summary>
    /// <param name="model">What to run.</param>
    /// <param name="macs">What makes the addresses of stations.</param>
    /// <param name="addresses">By which addresses guests were known before; disposed of with the switch.</param>
    /// <param name="log">Where news goes.</param>
    /// <exception cref="SystemCallException">An obstacle of the machine.</exception>
    /// <exception cref="ArgumentException">Something in the model that this machine can't have.</exception>
    public static RunningSwitch Start(SwitchModel model, StationMacs macs, AddressMemory addresses, ISwitchLog log)
    {
        var running = new RunningSwitch(model, macs, addresses, log);
        try
        {
            running._control.Invoke(running.OpenAll);
            return running;
        }
        catch
        {
            running.Dispose();
            throw;
        }
    }

    /// <summary>Leaves the machine as it was found, but for taps that guests hold.</summary>
    public void Dispose()
    {
        _control.Invoke(CloseAll);
        _control.Dispose();
        Addresses.Dispose();
    }

    private void OpenAll()
    {
        for (var number = 0; number < Model.Workers; number++)
        {
            int? cpu = Model.Cpus.Count > number ? Model.Cpus[number] : null;
            try
            {
                _workers.Add(new(new(number, cpu, Model.Poll == PollMode.Always), (port, reason) => _control.Post(() => Fail(port, reason))));
            }
            catch (SystemCallException e)
            {
                throw new StartRefusedException($"cpus: {e.Message}");
            }
        }
        foreach (var network in Model.Networks)
            _bridges.Add(network.Name, new(network.Name, network.Ageing));
        foreach (var model in Model.Ports.Concat(ModePorts.Of(Model, Macs)))
        {
            try
            {
                Add(model, PortKinds.Endpoint(model), _bridges[model.Network]);
            }
            catch (Exception e) when (e is SystemCallException or ArgumentException)
            {
                throw new StartRefusedException($"port {model.Name}: {e.Message}");
            }
            if (model is NicModel { IsUplink: true } uplink)
                AddHost(uplink);
        }
        if (Model.Networks.Any(network => network.Mode == NetworkMode.Nat))
        {
            _nat = new(this);
            _control.Watch(_nat.Fd, ReadRoutes);
            _nat.Open();
            // What was remembered is asked for at once.
            _nat.Tick(new(Environment.TickCount64), _workers[0]);
        }
        _isStarted = true;
        foreach (var state in _ports.Where(state => state.Status == PortStatus.Failed))
            Report(state);
        Introduce();
    }

    /// <summary>Says the addresses of ours where a port has come up: who comes back may know them by other MACs.</summary>
    private void Introduce()
    {
        if (_introductions.TakeBridges(_ports) is { Count: > 0 } bridges)
            _nat?.AnnounceIn(bridges, _workers[0]);
    }

    /// <summary>The host as a neighbor of the guests. Where that can't be the rest runs all the same.</summary>
    private void AddHost(NicModel uplink)
    {
        var (model, endpoint) = HostNeighbor.Of(uplink, Model, _ports);
        try
        {
            Add(model, endpoint, _bridges[model.Network]);
        }
        catch (SystemCallException e)
        {
            Fail(_ports[^1], e.Message);
        }
    }

    /// <summary>Opens one port more, or leaves nothing of it.</summary>
    public PortState Plug(PortModel model, Endpoint endpoint, Bridge bridge)
    {
        try
        {
            return Add(model, endpoint, bridge);
        }
        catch
        {
            Remove(_ports[^1]);
            throw;
        }
    }

    /// <summary>Opens one port more. Should that fail it is there all the same, so that it is retried.</summary>
    private PortState Add(PortModel model, Endpoint endpoint, Bridge bridge)
    {
        var state = new PortState(model, endpoint, _workers.MinBy(worker => worker.PortCount)!, bridge);
        // Replaced whole: the API reads the list while this happens.
        _ports = [.. _ports, state];
        Open(state);
        return state;
    }

    /// <summary>Closes a port for good.</summary>
    public void Remove(PortState state)
    {
        Close(state);
        _ports = [.. _ports.Where(other => other != state)];
    }

    private void CloseAll()
    {
        if (_nat is { } nat)
        {
            _control.Unwatch(nat.Fd);
            nat.Dispose();
        }
        foreach (var worker in _workers)
            worker.Dispose();
        var withdrawn = new ConcurrentQueue<(PortState State, DevicePort? Port)>(_ports.Select(state => (state, Withdraw(state))));
        // The kernel takes its time for each interface that goes (a third of a second with a thousand of them), but it can do many at once.
        var threads = Enumerable.Range(0, int.Min(_ports.Length, 64)).Select(_ => new Thread(() =>
        {
            while (withdrawn.TryDequeue(out var next))
                Release(next.State, next.Port);
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        // Nothing is left that the loop's next tick could take for a failed port and open again.
        _ports = [];
    }

    private void Open(PortState state)
    {
        var port = state.Endpoint.Open(new(Model.Workers, _control, _links, () => Refresh(state), Settle));
        // From here on closing finds what it undoes, whichever of the following fails.
        state.Opened(port);
        var member = state.Bridge.Attach(port, port.Station);
        state.Worker.Add(port, member);
        state.Joined(member);
        HostNeighbor.Join(state, _ports);
        Refresh(state);
    }

    private void Close(PortState state) => Release(state, Withdraw(state));

    /// <summary>Takes a port out of forwarding: when this returns, nobody uses it.</summary>
    private DevicePort? Withdraw(PortState state)
    {
        if (state.Port is not { } port)
            return null;
        if (state.Membership is { } member)
        {
            member.Bridge.Detach(member);
            state.Worker.Remove(port);
        }
        // Others may still be sending to it.
        Settle();
        state.PollKernelDrops();
        state.Closed();
        return port;
    }

    /// <summary>Returns when every worker has ended the turn it was in.</summary>
    public void Settle()
    {
        foreach (var worker in _workers)
            worker.PostAndWait(static () => { });
    }

    /// <summary>Gives descriptor and interface back to the machine.</summary>
    private static void Release(PortState state, DevicePort? port)
    {
        port?.Dispose();
        state.Endpoint.Dispose();
    }

    private void Fail(DevicePort port, string reason)
    {
        if (Array.Find(_ports, state => state.Port == port) is { } state)
            Fail(state, reason);
    }

    private void Fail(PortState state, string reason)
    {
        Close(state);
        state.RetryAfter(Environment.TickCount64, RetryMilliseconds);
        if (state.Set(PortStatus.Failed, reason))
            Report(state);
    }

    private void Retry(PortState state)
    {
        try
        {
            Open(state);
        }
        catch (Exception e) when (e is SystemCallException or ArgumentException or InvalidOperationException)
        {
            Fail(state, e.Message);
        }
    }

    private void Refresh(PortState state)
    {
        if (state.Membership is not { } member)
            return;
        var now = state.Endpoint.State;
        if (now == EndpointState.Gone)
        {
            Fail(state, state.Endpoint.Obstacle!);
            return;
        }
        if (now == EndpointState.Changed)
        {
            Close(state);
            Retry(state);
            return;
        }
        member.Bridge.SetUp(member, now == EndpointState.Up);
        var status = now switch
        {
            EndpointState.Up => PortStatus.Up,
            EndpointState.Waiting => PortStatus.Waiting,
            EndpointState.Down => PortStatus.Down,
            _ => throw new InvalidOperationException($"{now} is no state that a port is shown in"),
        };
        if (status == PortStatus.Up && state.Status != PortStatus.Up)
            _introductions.Add(state);
        if (state.Set(status, state.Endpoint.Obstacle))
            Report(state);
    }

    private void ReadRoutes()
    {
        _nat!.ReadNews();
        // What the host's routes become is looked at once a second: until then its news may gather.
        _control.Unwatch(_nat.Fd);
        _natRests = true;
    }

    /// <summary>Ports that are open have heard by themselves; for one that isn't, its interface may be there now.</summary>
    private void Heard(IReadOnlySet<string>? names)
    {
        foreach (var state in _ports)
        {
            if (state.Port is null && state.Endpoint.AwaitedInterface is { } awaited && names?.Contains(awaited) != false)
                Retry(state);
        }
        Introduce();
    }

    private void Tick(long now)
    {
        foreach (var state in _ports)
        {
            if (state.Port is not null)
                state.Endpoint.Tick(new(now));
            else if (now >= state.RetryAt)
                Retry(state);
        }
        PollKernelDrops(_ports, int.Min(_ports.Length, DropsPolledPerSecond));
        if (_natRests && _nat is { } nat)
        {
            _natRests = false;
            nat.ReadNews();
            _control.Watch(nat.Fd, ReadRoutes);
        }
        _introductions.Tick();
        Introduce();
        _nat?.Tick(new(now), _workers[0]);
        foreach (var network in Model.Networks)
        {
            if (_bridges.TryGetValue(network.Name, out var bridge))
                bridge.Fdb.Sweep(new(now), (int)(bridge.Fdb.BucketCount * SweepsPerAgeing / network.Ageing.TotalSeconds) + 1);
        }
    }

    /// <summary>Asks the kernel for the drops of so many ports, beginning behind those that were asked about last.</summary>
    private void PollKernelDrops(PortState[] ports, int count)
    {
        for (var i = 0; i < count; i++)
            ports[(int)((_polled + (uint)i) % (uint)ports.Length)].PollKernelDrops();
        _polled += (uint)count;
    }

    /// <summary>Somebody wants to know the drops of all ports: those who ask next find them new.</summary>
    private void PollKernelDropsSoon()
    {
        if (_ports.Length <= DropsPolledPerSecond || Interlocked.Exchange(ref _pollAsked, 1) != 0)
            return;
        _control.Post(() =>
        {
            Volatile.Write(ref _pollAsked, 0);
            PollKernelDrops(_ports, _ports.Length);
        });
    }

    private void Report(PortState state)
    {
        // Whether it will be retried isn't known before: where the start is refused, the refusal says what there is to say.
        if (!_isStarted && state.Status == PortStatus.Failed)
            return;
        var (level, line) = state.Status switch
        {
            PortStatus.Up => (LogLevel.Info, "up"),
            PortStatus.Waiting => (LogLevel.Info, "waiting for a guest"),
            PortStatus.Down => (LogLevel.Warning, $"down: {state.Reason}"),
            _ => (LogLevel.Error, $"failed, will be retried: {state.Reason}"),
        };
        Log.News(LogSubject.OfPort(state.Model.Name, state.Model.Network), level, line);
    }
}
