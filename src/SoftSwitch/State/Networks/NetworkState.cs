using System.Collections.Frozen;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Linux.Endpoints.HostNeighbor;
using SoftSwitch.Logging;
using SoftSwitch.Model;
using SoftSwitch.Packets;
using SoftSwitch.Persistence;
using SoftSwitch.State.Nat;
using SoftSwitch.State.Ports;

namespace SoftSwitch.State.Networks;

/// <summary>
/// A network that lives: its model, its bridge, and what its mode adds: ports for the host, and where it translates, a gateway. The ports
/// that the file gives it are in its bridge, and known to <see cref="SwitchPorts"/>. Used by the control loop alone, but for
/// <see cref="Look"/>.
/// </summary>
internal sealed class NetworkState
{
    /// <summary>Of the forwarding database, a part each second, so that a silent station's memory is free within a quarter of the ageing
    /// time.</summary>
    private const int SweepsPerAgeing = 4;

    private volatile NetworkModel _model;
    private volatile NatNetwork? _nat;
    private volatile string? _obstacle;
    private Dictionary<MacAddress, string> _bound = [];
    private MacAddress? _hostMac;

    /// <param name="model">As the file has it.</param>
    /// <param name="nat">What its translation knows of it; null: it doesn't translate.</param>
    /// <param name="macs">What makes the addresses of stations.</param>
    /// <param name="workers">Workers there are.</param>
    /// <param name="kept">Has what it gave before.</param>
    public NetworkState(NetworkModel model, NatNetwork? nat, StationMacs macs, int workers, NetworkLeases kept)
    {
        (_model, _nat) = (model, nat);
        Bridge = new(model.Name, model.Ageing, asker: new(model.Name, macs.Asker(model.Name), workers))
        {
            ForwardsControl = ForwardsControl(model),
            FloodsArp = model.Arp == ArpQuestions.Flood,
        };
        Services = new(model.Name, Bridge, nat?.Gateway, macs, kept);
    }

    /// <summary>As the file has it. For any thread.</summary>
    public NetworkModel Model => _model;

    public Bridge Bridge { get; }

    /// <summary>Why its ports wait; null: they don't.</summary>
    public string? Obstacle
    {
        get => _obstacle;
        set => _obstacle = value;
    }

    /// <summary>What its translation knows of it; null: it doesn't translate.</summary>
    public NatNetwork? Nat => _nat;

    /// <summary>The ports that its mode brings; no file names them.</summary>
    public List<PortState> ModePorts { get; } = [];

    /// <summary>The port of the host that the mode brings by itself; null: there is none.</summary>
    public PortState? HostTap => ModePorts.Find(port => port.Needs is null);

    /// <summary>The port of the host that the uplink brings; null: there is none.</summary>
    public PortState? Host => ModePorts.Find(port => port.Needs is not null);

    /// <summary>What it does for its guests.</summary>
    public NetworkServices Services { get; }

    /// <summary>What may be seen of it from any thread.</summary>
    public NetworkSnapshot Look() => new(
        Model, Bridge, Nat?.Gateway is { Membership: not null } gateway ? gateway : Services.Server, Obstacle, Services.Leases,
        Services.Called);

    /// <summary>It is to be another from now on, of the same mode. What it brings and gives comes beside this: ports of the host
    /// (<see cref="ModePorts"/>), guards and services (<see cref="Bind"/>).</summary>
    public void Change(NetworkModel after)
    {
        _model = after;
        Bridge.Fdb.Ageing = after.Ageing;
        Bridge.AddressPlaces.Ageing = after.Ageing;
        Bridge.ForwardsControl = ForwardsControl(after);
        Bridge.FloodsArp = after.Arp == ArpQuestions.Flood;
        if (_nat?.Gateway is not { } gateway || gateway.Mtu == after.Mtu)
            return;
        gateway.Mtu = after.Mtu;
        Bridge.Renew();
    }

    /// <summary>It is translated by another gateway from now on, or no more. Its ports and stations stay, and so do its leases, where its
    /// subnet is the same; who serves is told by <see cref="Bind"/>.</summary>
    /// <param name="nat">What its translation knows of it; null: it doesn't translate.</param>
    public void Translate(NatNetwork? nat)
    {
        if (nat == _nat)
            return;
        if (_nat?.Gateway.Membership is { } member)
            Bridge.Detach(member);
        _nat = nat;
        Services.Follow(nat?.Gateway);
        PlaceGateway();
    }

    /// <summary>Puts the gateway in its place. The ways out come behind it.</summary>
    public void PlaceGateway()
    {
        if (Nat is not null)
            Bridge.SetUp(Bridge.Attach(Nat.Gateway), true);
    }

    /// <summary>Guests have come: the host's port knows them beforehand.</summary>
    public void TellHost()
    {
        foreach (var host in ModePorts.Select(port => port.Endpoint).OfType<HostNeighborEndpoint>())
            host.Follow();
    }

    /// <summary>Lets the host and who serves say which MACs their addresses in this network have.</summary>
    public void Announce()
    {
        ModePorts.ForEach(port => port.Endpoint.Announce());
        Services.Server?.AnnounceAgain();
    }

    /// <summary>Lets addresses, IP and MAC, count behind the ports alone that a model gives them to.</summary>
    public void Bind(SwitchModel model)
    {
        Bridge.Addresses = BoundAddresses.Of(Model, model);
        _bound = BoundStations.Of(
            [.. model.Ports.Where(port => port.Network == Model.Name), .. ModePorts.Select(port => port.Model)]);
        PublishBound();
        Services.Serve(Model, model);
        Guard(model);
        if (Nat is not null)
            Nat.Names = Services.Called;
    }

    /// <summary>Guards the ports that a model wants guarded, before they open.</summary>
    public void Guard(SwitchModel model) => Bridge.Guards = GuestGuards.Of(Model, model, Services.Leases);

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
        foreach (var news in Bridge.TakeOffences(now))
            log.News(LogSubject.OfPort(news.By.Port.Name, Model.Name), LogLevel.Warning, GuardText.Of(news));
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
