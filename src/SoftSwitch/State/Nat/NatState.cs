using System.Globalization;
using SoftSwitch.Errors;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Forwarding.Stations;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Linux.HostFacts;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Linux.Workers;
using SoftSwitch.Logging;
using SoftSwitch.Model;

namespace SoftSwitch.State.Nat;

/// <summary>
/// The translating networks of a running switch: a gateway in each, and behind them the outsides, which networks with the same one share.
/// Hears of the host's addresses and routes, and brings the outsides in line once a second at most. Used by the control loop alone.
/// <para>
/// What the host's routes are is read anew, and that takes as long as there are many. So it is read at once only where something may lead
/// elsewhere; for one route more of many, when reading will have taken a small share of the time.
/// </para>
/// </summary>
internal sealed class NatState : IDisposable
{
    /// <summary>Of the time, reading routes takes not more than a part in so many: where only routes have changed, and where news were
    /// lost.</summary>
    private const int RestAfterRoutes = 50, RestAfterLoss = 20;

    /// <summary>A turn makes no more frames than a burst has; some are for announcements and what else is due.</summary>
    private const int QuestionsPerTurn = 40;

    private readonly INatSwitch _running;
    private readonly Links _links = new();
    private readonly RouteMonitor _monitor = new();
    private readonly OutsideState[] _outsides;
    private HostNetwork? _host;
    private RouteNews _news;
    private bool _hasRefused;
    private Instant _readAt;
    private long _readMilliseconds;

    public NatState(INatSwitch running)
    {
        _running = running;
        Networks = [.. running.Model.Networks.Where(network => network.Mode == NetworkMode.Nat).GroupBy(network => (network.Nat!.Outside.Interface, network.Nat.Outside.Address))
            .SelectMany(group => group.Select((network, policy) => new NatNetwork(network, NewGateway(network, policy))))];
        _outsides = [.. Networks.GroupBy(network => (network.Nat.Outside.Interface, network.Nat.Outside.Address))
            .Select(group => new OutsideState(running, [.. group], _links, Sharer))];
    }

    public IReadOnlyList<NatNetwork> Networks { get; }

    /// <summary>All stations of ours: the gateways, and those on the ways out.</summary>
    private IEnumerable<Station> Stations => Networks.Select(network => (Station)network.Gateway).Concat(_outsides.SelectMany(outside => outside.Stations));

    /// <summary>Ours in one of the networks; null: that is no network of ours. For any thread.</summary>
    public Gateway? GatewayOf(string network) => Networks.FirstOrDefault(one => one.Model.Name == network)?.Gateway;

    /// <summary>What may be seen of the outsides from any thread.</summary>
    public IReadOnlyList<OutsideSnapshot> Look() => [.. _outsides.Select(outside => outside.Look())];

    /// <summary>Readable when the host has news.</summary>
    public int Fd => _monitor.Fd;

    /// <summary>Opens the ways out. The networks' bridges are there; guests may be as well.</summary>
    /// <exception cref="StartRefusedException">An obstacle of the machine.</exception>
    public void Open()
    {
        foreach (var network in Networks)
        {
            var bridge = _running.BridgeOf(network.Model.Name);
            bridge.SetUp(bridge.Attach(network.Gateway), true);
        }
        if (_outsides.Length == 0)
            return;
        if (EphemeralPorts.Warning([.. _outsides.SelectMany(outside => outside.ChosenByHost)]) is { } warning)
            _running.Log.Write(LogLevel.Warning, warning);
        var host = Read(new(Environment.TickCount64));
        foreach (var outside in _outsides)
            outside.Open(host);
    }

    public void ReadNews()
    {
        var news = _monitor.Read(index => Array.Exists(_outsides, outside => outside.DependsOn(index)));
        if (news > _news)
            _news = news;
    }

    /// <summary>What becomes due each second.</summary>
    public void Tick(Instant now, Worker worker)
    {
        if (_outsides.Length == 0)
            return;
        if (IsDue(now))
            Follow(Read(now));
        else if (_hasRefused && _host is not null)
            Follow(_host);
        foreach (var outside in _outsides)
            outside.Tick(now);
        foreach (var station in Stations)
        {
            // What doesn't fit one turn has another.
            for (var turns = station.Ipv4Neighbors.Questions / QuestionsPerTurn; turns >= 0; turns--)
                Tick(station, worker);
        }
    }

    /// <summary>Lets the stations say their addresses where somebody new may hear it.</summary>
    public void AnnounceIn(IReadOnlySet<Bridge> bridges, Worker worker)
    {
        foreach (var station in Stations)
        {
            if (station.Membership is not { Bridge: var bridge } || !bridges.Contains(bridge))
                continue;
            station.AnnounceAgain();
            Tick(station, worker);
        }
    }

    private bool IsDue(Instant now) => _news switch
    {
        RouteNews.None => false,
        RouteNews.Ways => true,
        _ => now.Milliseconds - _readAt.Milliseconds >= _readMilliseconds * (_news == RouteNews.Lost ? RestAfterLoss : RestAfterRoutes),
    };

    private HostNetwork Read(Instant now)
    {
        var start = Environment.TickCount64;
        _host = HostNetwork.Read(_links);
        _news = RouteNews.None;
        (_readAt, _readMilliseconds) = (now, Environment.TickCount64 - start);
        return _host;
    }

    /// <summary>What is refused is tried again with the next second, news or not.</summary>
    private void Follow(HostNetwork host)
    {
        _hasRefused = false;
        foreach (var outside in _outsides)
            _hasRefused |= !outside.Follow(host);
    }

    public void Dispose()
    {
        foreach (var outside in _outsides)
            outside.Dispose();
        // They write side by side what they have to the end.
        foreach (var outside in _outsides)
            outside.FlowLog?.Dispose();
        _monitor.Dispose();
        _links.Dispose();
    }

    private void Tick(Station station, Worker worker) =>
        worker.Tick(station, e => _running.Log.News(new(station.Name), LogLevel.Error, $"internal error, please report it: {e}"));

    private string? Sharer(OutsideState asking, OutsideLink link) =>
        _outsides.FirstOrDefault(other => other != asking && other.IsShared && other.Interface == link.Interface)?.Name;

    private Gateway NewGateway(NetworkModel network, int policy) => new(
        string.Create(CultureInfo.InvariantCulture, $"{network.Name}.gateway"), _running.Macs.Gateway(network.Name), network.Gateway!.Value, network.Subnet!.Value,
        network.Mtu, _running.Model.Workers, policy);
}
