using System.Globalization;
using SoftSwitch.Forwarding;
using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Linux.Outside;
using SoftSwitch.Linux.Workers;
using SoftSwitch.Logging;
using SoftSwitch.Model;

namespace SoftSwitch.State.Nat;

/// <summary>
/// The translating networks of a running switch: a gateway in each, and behind them the outsides, which networks with the same one share. Hears of the host's
/// addresses and routes, and brings the outsides in line once a second at most. Used by the control loop alone.
/// </summary>
internal sealed class NatState : IDisposable
{
    private readonly RunningSwitch _running;
    private readonly Links _links = new();
    private readonly RouteMonitor _monitor = new();
    private readonly OutsideState[] _outsides;
    private bool _hasNews;

    public NatState(RunningSwitch running)
    {
        _running = running;
        Networks = [.. running.Model.Networks.Where(network => network.Mode == NetworkMode.Nat).GroupBy(network => (network.Nat!.Outside.Interface, network.Nat.Outside.Address))
            .SelectMany(group => group.Select((network, policy) => new NatNetwork(network, GatewayOf(network, policy))))];
        _outsides = [.. Networks.GroupBy(network => (network.Nat.Outside.Interface, network.Nat.Outside.Address))
            .Select(group => new OutsideState(running, [.. group], _links, Sharer))];
    }

    public IReadOnlyList<NatNetwork> Networks { get; }

    public IReadOnlyList<OutsideState> Outsides => _outsides;

    /// <summary>All stations of ours: the gateways, and those on the ways out.</summary>
    public IEnumerable<IpStation> Stations => Networks.Select(network => (IpStation)network.Gateway).Concat(_outsides.SelectMany(outside => outside.Stations));

    /// <summary>Readable when the host has news.</summary>
    public int Fd => _monitor.Fd;

    /// <summary>Opens the ways out. The networks' bridges are there; guests may be as well.</summary>
    /// <exception cref="StartRefusedException">An obstacle of the machine.</exception>
    public void Open()
    {
        foreach (var network in Networks)
        {
            var bridge = _running.Bridges[network.Model.Name];
            bridge.Attach(network.Gateway);
            bridge.SetUp(network.Gateway, true);
        }
        if (_outsides.Length == 0)
            return;
        var host = HostNetwork.Read(_links);
        foreach (var outside in _outsides)
            outside.Open(host);
    }

    public void ReadNews() => _hasNews |= _monitor.Read();

    /// <summary>What becomes due each second.</summary>
    public void Tick(Instant now, Worker worker)
    {
        if (_outsides.Length == 0)
            return;
        if (_hasNews)
        {
            var host = HostNetwork.Read(_links);
            // What was refused is tried again with the next second, news or not.
            _hasNews = false;
            foreach (var outside in _outsides)
                _hasNews |= !outside.Follow(host);
        }
        foreach (var outside in _outsides)
            outside.Tick(now);
        foreach (var station in Stations)
            worker.Tick(station, e => _running.Log.News(new(station.Name), LogLevel.Error, $"internal error, please report it: {e}"));
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

    private string? Sharer(OutsideState asking, OutsideLink link) =>
        _outsides.FirstOrDefault(other => other != asking && other.IsShared && other.Interface == link.Interface)?.Name;

    private Gateway GatewayOf(NetworkModel network, int policy) => new(
        string.Create(CultureInfo.InvariantCulture, $"{network.Name}.gateway"), StationMac.Of("gateway", network.Name), network.Gateway!.Value, network.Subnet!.Value,
        network.Mtu, _running.Model.Workers, policy);
}
