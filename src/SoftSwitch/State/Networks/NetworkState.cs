using System.Collections.Frozen;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Services.Dhcp;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Logging;
using SoftSwitch.Model;
using SoftSwitch.Packets;
using SoftSwitch.State.Nat;
using SoftSwitch.State.Ports;

namespace SoftSwitch.State.Networks;

/// <summary>
/// A network that lives: its model, its bridge, and what its mode adds: ports for the host, and where it translates, a gateway. The ports
/// that the file gives it are in its bridge, and known to <see cref="SwitchPorts"/>. Used by the control loop alone, but for
/// <see cref="Look"/>.
/// </summary>
/// <param name="model">As the file has it.</param>
/// <param name="nat">What its translation knows of it; null: it doesn't translate.</param>
/// <param name="asker">Asks its stations whether they are where they were.</param>
/// <param name="kept">Has what it gave before.</param>
internal sealed class NetworkState(NetworkModel model, NatNetwork? nat, Asker asker, NetworkLeases kept)
{
    /// <summary>Of the forwarding database, a part each second, so that a silent station's memory is free within a quarter of the ageing
    /// time.</summary>
    private const int SweepsPerAgeing = 4;

    private volatile NetworkModel _model = model;
    private volatile string? _obstacle;
    private volatile LeaseTable? _leases;
    private Dictionary<MacAddress, string> _bound = [];
    private MacAddress? _hostMac;

    /// <summary>As the file has it. For any thread.</summary>
    public NetworkModel Model => _model;

    public Bridge Bridge { get; } = new(model.Name, model.Ageing, asker: asker) { ForwardsControl = ForwardsControl(model) };

    /// <summary>Why its ports wait; null: they don't.</summary>
    public string? Obstacle
    {
        get => _obstacle;
        set => _obstacle = value;
    }

    /// <summary>What its translation knows of it; null: it doesn't translate.</summary>
    public NatNetwork? Nat => nat;

    /// <summary>The ports that its mode brings; no file names them.</summary>
    public List<PortState> ModePorts { get; } = [];

    /// <summary>The port of the host that the uplink brings; null: there is none.</summary>
    public PortState? Host => ModePorts.Find(port => port.Needs is not null);

    /// <summary>What it has given by DHCP; null: it gives nothing.</summary>
    public LeaseTable? Leases => _leases;

    /// <summary>What may be seen of it from any thread.</summary>
    public NetworkSnapshot Look() => new(Model, Bridge, nat?.Gateway is { Membership: not null } gateway ? gateway : null, Obstacle,
        _leases);

    /// <summary>It is to be another from now on, by no more than its comment, its ageing, its control frames, how it is translated and
    /// what it gives.</summary>
    public void Change(NetworkModel after)
    {
        _model = after;
        Bridge.Fdb.Ageing = after.Ageing;
        Bridge.AddressPlaces.Ageing = after.Ageing;
        Bridge.ForwardsControl = ForwardsControl(after);
    }

    /// <summary>Puts the gateway in its place. The ways out come behind it.</summary>
    public void PlaceGateway()
    {
        if (nat is not null)
            Bridge.SetUp(Bridge.Attach(nat.Gateway), true);
    }

    /// <summary>Lets the host say which MAC its address in this network has.</summary>
    public void AnnounceHost() => ModePorts.ForEach(port => port.Endpoint.Announce());

    /// <summary>Lets addresses, IP and MAC, count behind the ports alone that a model gives them to.</summary>
    public void Bind(SwitchModel model)
    {
        Bridge.Addresses = BoundAddresses.Of(Model, model);
        _bound = BoundStations.Of(
            [.. model.Ports.Where(port => port.Network == Model.Name), .. ModePorts.Select(port => port.Model)]);
        PublishBound();
        Serve(model);
    }

    /// <summary>Gives the guests addresses, or others than before, or none any more.</summary>
    private void Serve(SwitchModel model)
    {
        if (nat?.Gateway is not { } gateway)
            return;
        if (Model.Dhcp is null)
        {
            (gateway.Services, _leases) = (null, null);
            return;
        }
        var scope = DhcpScopes.Of(Model, model);
        if (_leases is { } leases)
        {
            leases.Scope = scope;
            return;
        }
        leases = new(Bridge, scope);
        kept.Restore(Model.Name, leases);
        gateway.Services = new(new DhcpServer(leases).Row);
        _leases = leases;
    }

    /// <summary>About once a second: lets stations move that have, tells which may not, and gives back the memory of stations that have
    /// been silent for too long.</summary>
    public void Tick(ISwitchLog log, Instant now)
    {
        if (Host?.Needs?.Endpoint.Mac != _hostMac)
            PublishBound();
        foreach (var moves in (StationMoves[])[Bridge.Moves, Bridge.AddressPlaces.Moves])
        {
            moves.Tick(Bridge.View, now);
            foreach (var news in moves.TakeNews())
                log.News(LogSubject.OfPort(news.By.Port.Name, Model.Name), LogLevel.Warning, MoveText.Of(news));
        }
        foreach (var news in Bridge.TakePretences(now))
            log.News(LogSubject.OfPort(news.By.Port.Name, Model.Name), LogLevel.Warning, MoveText.Of(news));
        var buckets = (int)(Bridge.Fdb.BucketCount * SweepsPerAgeing / Model.Ageing.TotalSeconds) + 1;
        Bridge.Fdb.Sweep(now, buckets);
        Bridge.AddressPlaces.Sweep(now, buckets);
    }

    private static bool ForwardsControl(NetworkModel model) => model.ControlFrames == ControlFrames.Forward;

    /// <summary>What is bound to ports, and what is the host's on its uplink's NIC, which is stronger.</summary>
    private void PublishBound()
    {
        var bound = _bound.ToDictionary();
        _hostMac = Host?.Needs?.Endpoint.Mac;
        if (_hostMac is { } mac)
            bound[mac] = Host!.Model.Name;
        if (bound.Count != Bridge.Bound.Count || bound.Any(one => !Bridge.Bound.TryGetValue(one.Key, out var port) || port != one.Value))
            Bridge.Bound = bound.ToFrozenDictionary();
    }
}
