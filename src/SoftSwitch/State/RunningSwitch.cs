using SoftSwitch.Errors;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Memory;
using SoftSwitch.Kinds;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Endpoints;
using SoftSwitch.Linux.Succession;
using SoftSwitch.Linux.Workers;
using SoftSwitch.Logging;
using SoftSwitch.Model;
using SoftSwitch.Persistence;
using SoftSwitch.State.Changes;
using SoftSwitch.State.Names;
using SoftSwitch.State.Nat;
using SoftSwitch.State.Networks;
using SoftSwitch.State.Ports;

namespace SoftSwitch.State;

/// <summary>
/// A configuration that lives: workers, networks and ports (Config → Model → State). It becomes what a model says by the difference to what
/// runs, and starting is the difference to nothing: <see cref="Apply(SwitchModel)"/>. One control loop owns all of it; what the API shows
/// is read beside that, never through it.
/// <para>
/// A model is applied as a whole or not at all: the first obstacle undoes what was begun. Only at a start that isn't strict, what the
/// machine can't give now waits. A port that waits for that, or fails later, is closed, counted, reported and retried, less and less
/// often, but at once when its interface comes back; the rest goes on.
/// </para>
/// </summary>
internal sealed partial class RunningSwitch : INatSwitch, IChangeable, IDisposable
{
    private readonly ControlLoop _control;
    private readonly PortNews _news;
    private readonly SwitchNetworks _networks;
    private readonly AwaitedSubnets _subnets;
    private readonly Introductions _introductions;
    private readonly LinkWatch _links;
    private readonly NamespaceResolvers _resolvers;
    private readonly HostNames _hostNames;
    private IDisposable? _own;
    private UpstreamNames? _names;
    private volatile SwitchModel? _model;

    /// <summary>Networks have gone, whose tables are megabytes that the garbage collector doesn't see.</summary>
    private bool _hasLeftTables;
    private volatile NatState? _nat;

    private RunningSwitch(
        StationMacs macs, AddressMemory addresses, LeaseMemory leases, OutsideLeaseMemory outsideLeases, ISwitchLog log, InterfaceMark mark,
        Inheritance inherited, StateSnapshot snapshot)
    {
        (Macs, Addresses, OutsideLeases, Log, Inherited, _snapshot) = (macs, addresses, outsideLeases, log, inherited, snapshot);
        _control = new(Tick, Broken);
        Workers = new((port, reason) => _control.Post(() => Ports!.Fail(port, reason)), e => log.Failed(new("workers"), e));
        _news = new(log);
        _networks = new(log, leases);
        _introductions = new(_news.TellMistake);
        _links = new(_control, Heard, Broken);
        _resolvers = new(log, mark);
        _hostNames = HostNames.Start(log, _control.Post);
        Ports = new(
            new(Workers, _control, _links, _news, HostAndUplink.Join, _introductions.Add)
            {
                Mark = mark,
                Inherited = inherited,
            },
            Workers, _news, _networks.Brought, _control.Post);
        _subnets = new(Ports, log);
        // Until all ports are there: a frame that comes by the first may be for the last.
        if (inherited.IsThere)
            Workers.Hold();
    }

    public StationMacs Macs { get; }

    public AddressMemory Addresses { get; }

    public OutsideLeaseMemory OutsideLeases { get; }

    public ISwitchLog Log { get; }

    public SwitchWorkers Workers { get; }

    public SwitchPorts Ports { get; }

    public Bridge? BridgeOn(int index, string name) => Ports.All.FirstOrDefault(
        port => port is { Model: NicModel { IsUplink: true }, Endpoint: InterfaceEndpoint nic }
            && (nic.Index == 0 ? nic.LatestName == name : nic.Index == index))?.Bridge;

    public DateTimeOffset Started { get; private set; } = DateTimeOffset.UtcNow;

    /// <summary>What runs. For any thread.</summary>
    public SwitchModel Model => _model!;

    /// <summary>What may be seen of it from any thread: the parts that its control loop has published.</summary>
    public SwitchSnapshot Look() =>
        new(_model!, Started, new(Environment.TickCount64), _networks.Look(), Ports.Look(), _nat?.Look() ?? []) 
        {
            Restarts = _restarts,
            RefusedRestart = RefusedRestart,
        };

    /// <summary>Opens everything, or what this machine can give.</summary>
    /// <param name="model">What to run.</param>
    /// <param name="isStrict">All or nothing; else what the machine can't give now comes by itself when it can.</param>
    /// <param name="macs">What makes the addresses of stations.</param>
    /// <param name="addresses">By which addresses guests were known before; disposed of with the switch.</param>
    /// <param name="leases">What they were given before; disposed of with the switch.</param>
    /// <param name="outsideLeases">What networks were lent outside before; disposed of with the switch.</param>
    /// <param name="log">Where news goes.</param>
    /// <param name="mark">What it writes on interfaces that outlive it; left out: nobody else is there.</param>
    /// <param name="inherited">What the program before this one has left in this process, or what one knew that was killed; left out:
    /// nothing.</param>
    /// <param name="snapshot">Where what is known is kept; left out: nowhere. Disposed of with the switch.</param>
    /// <exception cref="StartRefusedException">An obstacle of the machine: where it isn't strict, one that is for want of rights, or there
    /// is no port without one.</exception>
    public static RunningSwitch Start(
        SwitchModel model, bool isStrict, StationMacs macs, AddressMemory addresses, LeaseMemory leases, OutsideLeaseMemory outsideLeases,
        ISwitchLog log, InterfaceMark? mark = null, Inheritance? inherited = null, StateSnapshot? snapshot = null)
    {
        mark ??= InterfaceMark.Nameless;
        TablePressure.Hold();
        RunningSwitch? running = null;
        try
        {
            running = new(macs, addresses, leases, outsideLeases, log, mark, inherited ?? Inheritance.Nothing,
                snapshot ?? StateSnapshot.None);
            running.Apply(model, isPatient: !isStrict || inherited is { IsThere: true });
            running.GoOn();
            running._control.Invoke(() => LeftTaps.Remove(model, mark, log));
            return running;
        }
        catch (Exception e)
        {
            running?.Dispose();
            if (e is ChangeRefusedException)
                throw new StartRefusedException(e.Message);
            throw;
        }
        finally
        {
            TablePressure.TellAgain();
        }
    }

    /// <summary>Leaves the machine as it was found, but for taps that guests hold.</summary>
    public void Dispose()
    {
        _control.Invoke(() =>
        {
            Step(_resolvers.Dispose);
            Step(() => _names?.Dispose());
            Step(() => _nat?.Dispose());
            _nat = null;
            Step(Workers.Dispose);
            Step(() => Ports.Remove(Ports.All));
            Step(_networks.Dispose);
            Step(() => _own?.Dispose());
        });
        _control.Dispose();
        Addresses.Dispose();
        OutsideLeases.Dispose();
        _snapshot.Dispose();
    }

    /// <summary>Says the addresses of ours where a port has come up: who comes back may know them by other MACs.</summary>
    private void Introduce()
    {
        if (_introductions.TakeBridges() is not { Count: > 0 } bridges)
            return;
        _networks.AnnounceIn(bridges);
        _nat?.AnnounceIn(bridges);
    }

    private void Heard(IReadOnlySet<string>? interfaces)
    {
        Step(() => Ports.Heard(interfaces));
        Step(Introduce);
    }

    private void Tick(long now)
    {
        if (_model is not { } model)
            return;
        Step(() => Workers.Tick(now));
        if (_hasLeftTables)
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false);
        _hasLeftTables = false;
        Step(() => _subnets.Tick(model, now));
        Step(() => Ports.Tick(now));
        Step(() => _introductions.Tick(_networks.Brought));
        Step(Introduce);
        Step(() => _nat?.Tick(new(now)));
        Step(() => _networks.Tick(model, new(now)));
        Step(() => _networks.Tick(Workers.First, Broken));
        Step(() => TellHost(now));
        Step(() => KeepState(now));
    }

    private NamedNetwork[] Named => [.. _networks.All.Select(network => network.Services.Names).OfType<NamedNetwork>()];

    private void TellHost(long now) => _hostNames.Follow([.. ResolvedLink.Of(_model!, Named, Ports.All)], now);

    /// <summary>One of several that don't depend on each other.</summary>
    private void Step(Action step) => Bulkhead.Run(step, Broken);

    private void Broken(Exception e) => Log.Failed(new("control"), e);
}
