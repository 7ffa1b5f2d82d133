using SoftSwitch.Errors;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Forwarding.Stations;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Linux;
using SoftSwitch.Linux.HostFacts;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Linux.Succession;
using SoftSwitch.Linux.Workers;
using SoftSwitch.Logging;
using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.State.Nat;

/// <summary>
/// The translating networks of a running switch: a gateway in each, and behind them the outsides, which networks with the same one share.
/// Hears of the host's addresses and routes, and brings the outsides in line once a second at most. Used by the control loop alone.
/// <para>
/// What the host's routes are is read anew, and that takes as long as there are many. So it is read at once only where something may lead
/// elsewhere; for one route more of many, when reading will have taken a small share of the time.
/// </para>
/// </summary>
internal sealed partial class NatState : IDisposable
{
    /// <summary>Of the time, reading routes takes not more than a part in so many: where only routes have changed, and where news were
    /// lost.</summary>
    private const int RestAfterRoutes = 50, RestAfterLoss = 20;

    /// <summary>A turn makes no more frames than a burst has; some are for announcements and what else is due.</summary>
    private const int QuestionsPerTurn = 40;

    private readonly INatSwitch _running;
    private readonly IDescriptorWatch _control;
    private readonly Action<Action> _post;
    private readonly OwnLans _lans;
    private readonly Links _links = new();
    private readonly RouteMonitor _monitor = new();
    private IReadOnlyList<NatNetwork> _networks = [];
    private volatile OutsideState[] _outsides = [];
    private HostIpv4? _host;
    private RouteNews _news;
    private bool _hasRefused;
    private bool _rests;
    private Instant _readAt;
    private long _readMilliseconds;

    /// <param name="running">The switch that it is part of.</param>
    /// <param name="control">Watches for the host's news.</param>
    /// <param name="post">Has something done by the control loop, soon.</param>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public NatState(INatSwitch running, IDescriptorWatch control, Action<Action> post)
    {
        (_running, _control, _post, _lans) = (running, control, post, new(running));
        _control.Watch(_monitor.Fd, Hear);
    }

    /// <summary>All stations of ours: the gateways, and those on the ways out.</summary>
    private IEnumerable<Station> Stations =>
        _networks.Select(network => (Station)network.Gateway).Concat(_outsides.SelectMany(outside => outside.Stations));

    /// <summary>What may be seen of the outsides from any thread.</summary>
    public IReadOnlyList<OutsideSnapshot> Look() => [.. _outsides.Select(outside => outside.Look())];

    /// <summary>Opens the ways out at the start. The gateways are in their places; guests may be there as well.</summary>
    /// <param name="model">What is to run.</param>
    /// <param name="networks">All of it that translate.</param>
    /// <param name="isPatient">What this machine can't give now comes when it can; else it is an obstacle.</param>
    /// <exception cref="StartRefusedException">An obstacle of the machine.</exception>
    public void Open(SwitchModel model, IReadOnlyList<NatNetwork> networks, bool isPatient)
    {
        _networks = _next = networks;
        foreach (var group in networks.GroupBy(network => network.Place))
            _outsides = [.. _outsides, New(model, [.. group])];
        WarnOfPorts();
        try
        {
            Read(new(Environment.TickCount64));
        }
        catch (SystemCallException e) when (isPatient && !e.IsForWantOfRights)
        {
            // They are read with the next second.
            _news = RouteNews.Ways;
            Array.ForEach(_outsides, outside => outside.Begin(Mistake.Text(e)));
            return;
        }
        foreach (var outside in _outsides)
            _hasRefused |= !outside.Start(_host!, isPatient);
    }

    /// <summary>What becomes due each second.</summary>
    public void Tick(Instant now)
    {
        Step(Listen);
        Step(() =>
        {
            if (IsDue(now))
                Follow(Read(now));
            else if (_hasRefused && _host is not null)
                Follow(_host);
        });
        // The rest is due whatever becomes of the host's news.
        Array.ForEach(_outsides, outside => outside.Tick(now));
        foreach (var station in Stations)
        {
            // What doesn't fit one turn has another.
            for (var turns = station.Ipv4Neighbors.Questions / QuestionsPerTurn; turns >= 0; turns--)
                Tick(station);
        }
    }

    private void Step(Action step) => Bulkhead.Run(step, e => _running.Log.Failed(new("nat"), e));

    /// <summary>Hears the host's news again.</summary>
    private void Listen()
    {
        if (!_rests)
            return;
        ReadNews();
        _control.Watch(_monitor.Fd, Hear);
        _rests = false;
    }

    /// <summary>Lets the stations say their addresses where somebody new may hear it. Who was at the other end of a wire that was down
    /// needn't be there any more.</summary>
    public void AnnounceIn(IReadOnlySet<Bridge> bridges)
    {
        foreach (var station in Stations)
        {
            if (station.Membership is not { Bridge: var bridge } || !bridges.Contains(bridge))
                continue;
            if (station is Outside && bridge.View.Ports.Length == 1)
                station.Ipv4Neighbors.Table.ForgetAll();
            station.AnnounceAgain();
            Tick(station);
        }
    }

    private void Hear()
    {
        ReadNews();
        // What the host's routes become is looked at once a second: until then its news may gather.
        _control.Unwatch(_monitor.Fd);
        _rests = true;
    }

    private void ReadNews()
    {
        var news = _monitor.Read(index => Array.Exists(_outsides, outside => outside.DependsOn(index)));
        if (news > _news)
            _news = news;
    }

    private bool IsDue(Instant now) => _news switch
    {
        RouteNews.None => false,
        RouteNews.Ways => true,
        RouteNews.Routes => HasRested(now, RestAfterRoutes),
        RouteNews.Lost => HasRested(now, RestAfterLoss),
        _ => throw new InvalidOperationException($"{_news} is no news of routes"),
    };

    /// <summary>Reading takes no more than a part in so many of the time.</summary>
    private bool HasRested(Instant now, int parts) => now.Milliseconds - _readAt.Milliseconds >= _readMilliseconds * parts;

    private HostIpv4 Read(Instant now)
    {
        var start = Environment.TickCount64;
        _host = HostIpv4.Read(_links);
        _news = RouteNews.None;
        (_readAt, _readMilliseconds) = (now, Environment.TickCount64 - start);
        return _host;
    }

    /// <summary>What is refused is tried again with the next second, news or not.</summary>
    private void Follow(HostIpv4 host)
    {
        _hasRefused = false;
        foreach (var outside in _outsides)
            _hasRefused |= !outside.Follow(host);
    }

    /// <summary>Tells those that share the host's addresses of another one's way: it has come, or is about to go.</summary>
    private void Introduce(OutsideState changed)
    {
        foreach (var other in _outsides.Where(other => other != changed && other.IsShared && changed.IsShared))
            Step(other.Introduce);
    }

    private Outside[] Elsewhere(OutsideState asking) => !asking.IsShared ? []
        : [.. _outsides.Where(other => other != asking && other.IsShared).Select(other => other.Station).OfType<Outside>()];

    /// <summary>Leaves what the ways have beside their ports to the program that goes on in this process.</summary>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public void Leave(Inheritance heir) => Array.ForEach(_outsides, outside => outside.LeaveTo(heir));

    /// <summary>All is open, and frames are about to go on: what goes out finds its way as before.</summary>
    /// <param name="portOf">A port by its name; null: it is gone.</param>
    public void GoOn(Func<string, Port?> portOf) => Array.ForEach(_outsides, outside => Step(() => outside.GoOn(portOf)));

    /// <summary>Some flow is known.</summary>
    public bool HasFlows => Array.Exists(_outsides, static outside => outside.HasFlows);

    public void Dispose()
    {
        _control.Unwatch(_monitor.Fd);
        TakeBack();
        Array.ForEach(_outsides, outside => Step(outside.Dispose));
        // They write side by side what they have to the end.
        Array.ForEach(_outsides, outside => Step(() => outside.FlowLog?.Dispose()));
        _monitor.Dispose();
        _links.Dispose();
    }

    private void Tick(Station station) => _running.Workers.First.Tick(
        station, e => _running.Log.Failed(new(station.Name), e));

    private string? Sharer(OutsideState asking, OutsideLink link) =>
        _outsides.FirstOrDefault(other => other != asking && other.IsShared && other.IsOn(link.Index) && other.SharesPorts(asking))?.Name;

    /// <summary>The other network that an address is lent to: a server may lend it twice.</summary>
    private string? Lessee(OutsideState asking, int index, Ipv4Address address) =>
        _outsides.FirstOrDefault(other => other != asking && other.IsLent(index, address))?.Name;
}
