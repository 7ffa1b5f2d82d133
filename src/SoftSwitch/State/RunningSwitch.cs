using SoftSwitch.Errors;
using SoftSwitch.Kinds;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Endpoints;
using SoftSwitch.Linux.Workers;
using SoftSwitch.Logging;
using SoftSwitch.Model;
using SoftSwitch.Persistence;
using SoftSwitch.State.Nat;
using SoftSwitch.State.Networks;
using SoftSwitch.State.Ports;

namespace SoftSwitch.State;

/// <summary>
/// A configuration that lives: its workers, networks and ports (Config → Model → State). One control loop opens, watches, closes and retries
/// the ports; what the API shows is read beside it, never through it.
/// <para>
/// At start, all ports open or none: the first obstacle undoes everything. Afterwards a port that fails is closed, counted, reported and
/// retried every second, and at once when its interface comes back; the rest goes on.
/// </para>
/// </summary>
internal sealed class RunningSwitch : INatSwitch, IDisposable
{
    private readonly ControlLoop _control;
    private readonly PortLifecycle _lifecycle;
    private readonly SwitchNetworks _networks = new();
    private readonly Introductions _introductions = new();
    private volatile NatState? _nat;

    private RunningSwitch(SwitchModel model, StationMacs macs, AddressMemory addresses, ISwitchLog log)
    {
        (Model, Macs, Addresses, Log) = (macs.Complete(model), macs, addresses, log);
        _control = new(Tick, e => Log.News(new("control"), LogLevel.Error, $"internal error, please report it: {e}"));
        Workers = new((port, reason) => _control.Post(() => Ports!.Fail(port, reason)));
        _lifecycle = new(Workers, _control, new(_control, Heard), log, state => HostAndUplink.Join(state, Ports!.All), _introductions.Add);
        Ports = new(_lifecycle, Workers, _control.Post);
    }

    /// <summary>With an address for every port that needs one.</summary>
    public SwitchModel Model { get; }

    public StationMacs Macs { get; }

    public AddressMemory Addresses { get; }

    public ISwitchLog Log { get; }

    public SwitchWorkers Workers { get; }

    public SwitchPorts Ports { get; }

    public DateTimeOffset Started { get; } = DateTimeOffset.UtcNow;

    /// <summary>What may be seen of it from any thread: the parts that its control loop has published.</summary>
    public SwitchSnapshot Look() =>
        new(Model, Started, new(Environment.TickCount64), _networks.Look(), Ports.Look(), _nat?.Look() ?? []);

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
        _control.Invoke(() =>
        {
            _nat?.Dispose();
            Workers.Dispose();
            Ports.Remove(Ports.All);
        });
        _control.Dispose();
        Addresses.Dispose();
    }

    private void OpenAll()
    {
        Workers.Start(Model);
        _lifecycle.HoldFailures();
        var nats = NatNetwork.AllOf(Model, Macs).ToList();
        _networks.All = [.. Model.Networks.Select(network => new NetworkState(network, nats.Find(nat => nat.Model == network)))];
        var networks = _networks.All.ToDictionary(network => network.Model.Name);
        foreach (var port in Model.Ports)
            Open(port, networks[port.Network]);
        foreach (var network in _networks.All)
        {
            foreach (var port in ModePorts.Of(network.Model, Macs))
                network.ModePorts.Add(Open(port, network));
        }
        if (nats.Count > 0)
        {
            foreach (var network in _networks.All)
                network.PlaceGateway();
            _nat = new(this, _control, nats);
            _nat.Open();
            // What was remembered is asked for at once.
            _nat.Tick(new(Environment.TickCount64));
        }
        _lifecycle.TellFailures(isMade: true);
        Introduce();
    }

    private PortState Open(PortModel model, NetworkState network)
    {
        PortState state;
        try
        {
            state = Ports.Add(model, PortKinds.Endpoint(model), network.Bridge);
        }
        catch (Exception e) when (e is SystemCallException or ArgumentException)
        {
            throw new StartRefusedException($"port {model.Name}: {e.Message}");
        }
        // The host as a neighbor of the guests: where that can't be the rest runs all the same.
        if (model is NicModel { IsUplink: true } uplink)
        {
            var (host, endpoint) = HostAndUplink.Of(uplink, Model, Ports.All);
            network.ModePorts.Add(Ports.AddOrRetry(host, endpoint, network.Bridge));
        }
        return state;
    }

    /// <summary>Says the addresses of ours where a port has come up: who comes back may know them by other MACs.</summary>
    private void Introduce()
    {
        if (_introductions.TakeBridges() is not { Count: > 0 } bridges)
            return;
        _networks.AnnounceHost(bridges);
        _nat?.AnnounceIn(bridges);
    }

    private void Heard(IReadOnlySet<string>? interfaces)
    {
        Ports.Heard(interfaces);
        Introduce();
    }

    private void Tick(long now)
    {
        Ports.Tick(now);
        _introductions.Tick(_networks.Brought);
        Introduce();
        _nat?.Tick(new(now));
        _networks.Tick(new(now));
    }
}
