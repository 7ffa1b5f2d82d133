using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Workers;
using SoftSwitch.Logging;
using SoftSwitch.Model;
using SoftSwitch.Persistence;
using SoftSwitch.State.Nat;
using SoftSwitch.State.Ports;

namespace SoftSwitch.State.Networks;

/// <summary>The networks of a running switch. Used by the control loop alone, but for <see cref="All"/> and <see cref="Look"/>.</summary>
/// <param name="log">Where they tell what happens.</param>
/// <param name="memory">Keeps what they give over a restart.</param>
internal sealed class SwitchNetworks(ISwitchLog log, LeaseMemory memory) : IDisposable
{
    private readonly NetworkLeases _leases = new(memory);
    private readonly LanWatch _lan = new();
    private volatile IReadOnlyList<NetworkState> _all = [];

    /// <summary>In the order of the file. Replaced whole: the API reads the list while networks come and go.</summary>
    public IReadOnlyList<NetworkState> All
    {
        get => _all;
        set => _all = value;
    }

    /// <summary>What may be seen of them from any thread.</summary>
    public IReadOnlyList<NetworkSnapshot> Look() => [.. _all.Select(network => network.Look())];

    /// <summary>The one that lives under a name.</summary>
    public NetworkState Of(NetworkModel network) => _all.First(one => one.Model.Name == network.Name);

    /// <summary>The networks of a model by their names: one that lives stays the one that it is, unless its mode is another.</summary>
    /// <param name="model">What is to run.</param>
    /// <param name="translated">Those that are new and translate.</param>
    /// <param name="macs">What makes the addresses of stations.</param>
    public Dictionary<string, NetworkState> For(SwitchModel model, IEnumerable<NatNetwork> translated, StationMacs macs)
    {
        var (living, nats) = (_all.ToDictionary(network => network.Model.Name), translated.ToDictionary(network => network.Model.Name));
        return model.Networks.ToDictionary(network => network.Name,
            network => living.GetValueOrDefault(network.Name) is { } one && one.Model.Mode == network.Mode
                ? one : New(network, nats.GetValueOrDefault(network.Name)));

        NetworkState New(NetworkModel network, NatNetwork? nat)
        {
            var state = new NetworkState(network, nat, macs, model.Workers, _leases);
            state.Bind(model);
            return state;
        }
    }

    /// <summary>Guards the ports that a model wants guarded: before they open. One that is about to go is guarded until then.</summary>
    /// <param name="networks">Those that a change touches.</param>
    /// <param name="model">Null: it was to be the first, and nothing runs.</param>
    /// <param name="leaving">Those that are about to go.</param>
    public static void Guard(IEnumerable<NetworkState> networks, SwitchModel? model, IEnumerable<PortModel> leaving)
    {
        if (model is null)
            return;
        var all = model with { Ports = [.. model.Ports, .. leaving] };
        foreach (var network in networks)
            network.Guard(all);
    }

    /// <summary>The ports that modes have brought.</summary>
    public IReadOnlyList<PortState> ModePorts =>
        [.. _all.Where(network => network.ModePorts.Count > 0).SelectMany(network => network.ModePorts)];

    /// <summary>A mode has brought a port.</summary>
    public bool Brought(PortState port) => _all.Any(network => network.ModePorts.Contains(port));

    /// <summary>Lets the host and who serves say their addresses in the networks of these bridges.</summary>
    public void AnnounceIn(IReadOnlySet<Bridge> bridges) =>
        Bulkhead.Each(_all.Where(network => bridges.Contains(network.Bridge)), network => network.Announce(), Failed);

    /// <summary>About once a second.</summary>
    public void Tick(SwitchModel model, Instant now)
    {
        Bulkhead.Each(_all, network =>
        {
            if (network.Model.Mode == NetworkMode.Bridged)
                _lan.Follow(network, model, now);
            network.Tick(log, now);
        }, Failed);
        _leases.Tick(_all, now);
    }

    /// <summary>Lets our stations without a gateway do what is due: who serves, and who asks stations again that have not
    /// answered.</summary>
    /// <param name="worker">By whom they do it.</param>
    /// <param name="failed">Is told when they can't.</param>
    public void Tick(Worker worker, Action<Exception> failed)
    {
        foreach (var network in _all)
        {
            if (network.Services.Server is { } server)
                worker.Tick(server, failed);
            if (network.Bridge is { IsAsking: true, Asker: { } asker })
                worker.Tick(asker, failed);
        }
    }

    /// <summary>Writes what they have given, and waits for that.</summary>
    public void Keep() => _leases.Keep(new(Environment.TickCount64));

    /// <summary>What they have given, a line each.</summary>
    public string LeaseLines(Instant now) => _leases.Lines(now);

    public void Dispose()
    {
        _leases.Dispose();
        _lan.Dispose();
    }

    private void Failed(NetworkState network, Exception e) => log.Failed(LogSubject.OfNetwork(network.Model.Name), e);
}
