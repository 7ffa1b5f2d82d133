using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Linux.Privileges;
using SoftSwitch.Linux.Workers;
using SoftSwitch.Logging;
using SoftSwitch.Packets;

namespace SoftSwitch.State.Nat;

/// <summary>
/// Asks the host's routing where packets of guests go, destination by destination, as it would lead the host's own; the answers stand in a
/// <see cref="RouteCache"/>, by which workers route.
/// <code>
///   a packet waits ──► Ring ──► the kernel is asked ──► answer: a way that is open ──────► the cache ──► the packet goes on
///                                                       answer: a way that isn't open ──► it is opened, or refused: then nowhere
///   routes, rules, addresses or links change ─────────► all answers are dropped, and what is used most is asked for anew
/// </code>
/// It has a thread of its own, which does nothing else and needs no capability: the control loop may have much to read. But that thread may
/// have to wait for a processor while a worker has one. So workers look for the kernel's news themselves, whether the thread has read them
/// or not: when a burst is received and before it is routed, which costs one poll(2). An answer counts for a minute: what a packet has gone
/// by is asked for again before, so that nobody waits.
/// </summary>
internal sealed partial class HostRouting : IDisposable
{
    /// <summary>Questions at once: then news of changes is looked at by the loop.</summary>
    private const int MostAtOnce = 512;

    /// <summary>Destinations that are asked for after a change before anybody wants them: a quarter of a millisecond.</summary>
    private const int MostFirst = 16;

    private const int MostPending = 4_096;

    private static readonly TimeSpan s_lifetime = TimeSpan.FromSeconds(60), s_ahead = TimeSpan.FromSeconds(30),
        s_short = TimeSpan.FromSeconds(2);

    private volatile IReadOnlyList<NatNetwork> _networks;
    private readonly INatSwitch _running;
    private readonly LogSubject _subject;
    private readonly Action<WayKey, Port> _missing;
    private readonly Ipv6Hops _hops;
    private readonly RouteChanges _changes = new();
    private readonly RouteLookup _lookup = new();
    private readonly ControlLoop _loop;
    private readonly List<(Ipv4Address Destination, Port By)> _first = new(MostFirst), _ending = [];
    private readonly Dictionary<WayKey, Instant> _refused = [];
    private IReadOnlyDictionary<WayKey, Outside> _ways = new Dictionary<WayKey, Outside>();
    private IReadOnlyList<Ipv4Address> _aliases = [];
    private Ipv4Address[] _sources = [];
    private Outside? _toHost;
    private List<(WayKey Key, Ipv4Address Destination, Port By, Gateway? Gateway)> _pending = [];
    private volatile RuleSelectors _rules;
    private string? _trouble;
    private bool _isToldOfRules;
    private int _rung;

    /// <param name="running">The switch that it is part of.</param>
    /// <param name="networks">Those whose guests' packets are led.</param>
    /// <param name="name">For the log: the first of them.</param>
    /// <param name="missing">A way is to be opened, after which <see cref="Lead"/> or <see cref="Refuse"/> is called. It must not
    /// wait.</param>
    /// <param name="find">Has the kernel find a neighbor behind an interface. It must not wait.</param>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public HostRouting(INatSwitch running, IReadOnlyList<NatNetwork> networks, string name, Action<WayKey, Port> missing,
        Action<int, Ipv6Address> find)
    {
        (_running, _networks, _missing, _subject) = (running, networks, missing, LogSubject.OfOutside(name));
        _hops = new(Routes.Hops, find);
        Learn(_lookup.Rules());
        _loop = new(Tick, Failed, "routing");
        // Its sockets are open, and questions need no right.
        _loop.Post(Capabilities.DropAll);
        _loop.Post(TellRules);
        _loop.Watch(_changes.Fd, Hear);
        Routes.HasNews = () => _changes.IsThere;
        Follow(networks);
    }

    public RouteCache Routes { get; } = new();

    /// <summary>Why the ways lead where they do, for any thread.</summary>
    public RouteReasons Reasons { get; } = new();

    /// <summary>Guests of these networks are led from now on.</summary>
    public void Follow(IReadOnlyList<NatNetwork> networks)
    {
        foreach (var network in _networks.Where(network => !networks.Contains(network)))
            network.Gateway.RoutesAreWanted = null;
        _networks = networks;
        foreach (var network in networks)
            network.Gateway.RoutesAreWanted = Ring;
    }

    /// <summary>These are the ways that are open. When this returns, no answer leads to another.</summary>
    /// <param name="toHost">The one that leads to the host itself; null: it isn't open.</param>
    /// <param name="aliases">The host's addresses at which some way is asked for forwards, beside its own: the most important
    /// first.</param>
    public void Lead(IReadOnlyDictionary<WayKey, Outside> ways, Outside? toHost, IReadOnlyList<Ipv4Address> aliases) => _loop.Invoke(() =>
    {
        if (toHost != _toHost || !aliases.SequenceEqual(_aliases) || ways.Count != _ways.Count
            || ways.Any(way => !_ways.TryGetValue(way.Key, out var before) || before != way.Value))
        {
            (_ways, _toHost, _aliases, _sources) = (ways, toHost, aliases, AnswersBySource.SourcesOf(ways, aliases));
            Routes.Drop();
        }
        AskPending();
    });

    /// <summary>A way can't be opened. What it leads to is led nowhere, for a moment: then it is tried again.</summary>
    public void Refuse(WayKey key) => _loop.Invoke(() =>
    {
        _refused[key] = Now + s_short;
        AskPending();
    });

    /// <summary>No worker rings any more.</summary>
    public void Dispose()
    {
        foreach (var network in _networks)
            network.Gateway.RoutesAreWanted = null;
        Routes.HasNews = null;
        _running.Workers.Settle(); // No worker is in a turn from before.
        _loop.Dispose();
        _changes.Dispose();
        _lookup.Dispose();
        _hops.Dispose();
    }

    private static Instant Now => new(Environment.TickCount64);

    /// <summary>Called by workers.</summary>
    private void Ring()
    {
        if (Interlocked.Exchange(ref _rung, 1) == 0)
            _loop.Post(AskWanted);
    }

    private void Hear()
    {
        if (!_changes.IsThere)
            return;
        // What is read here wakes no worker any more that looks later. What comes while it is read may change an answer once more.
        Routes.Drop();
        try
        {
            _changes.Take();
        }
        finally
        {
            Routes.Drop();
        }
        Reasons.Clear();
        ReadRules();
        foreach (var (destination, by) in _first)
            Ask(destination, by, null);
    }

    private void AskWanted()
    {
        Volatile.Write(ref _rung, 0);
        var (left, any) = (MostAtOnce, true);
        while (any && left > 0)
        {
            any = false;
            foreach (var network in _networks)
            {
                if (!network.Gateway.TryTakeWanted(out var destination, out var by))
                    continue;
                any = true;
                left--;
                Hear();
                if (Routes.Contains(destination, Now) || Ask(destination, by, network.Gateway))
                    network.Gateway.Know(destination);
            }
        }
        if (left <= 0)
            Ring();
        Resume();
    }

    private void AskPending()
    {
        var pending = _pending;
        _pending = [];
        foreach (var (_, destination, by, gateway) in pending)
        {
            if (Routes.Contains(destination, Now) || Ask(destination, by, gateway))
                gateway?.Know(destination);
        }
        Resume();
    }

    private void Tick(long now)
    {
        FollowHops(now);
        if (now < _nextSecond)
            return;
        _nextSecond = now + Second;
        _first.Clear();
        _ending.Clear();
        Routes.TakeUsed(new(now), new Instant(now) + s_ahead, _first, _ending);
        foreach (var (destination, by) in _ending.Take(MostAtOnce))
            Ask(destination, by, null);
        foreach (var (key, _) in _refused.Where(one => one.Value.Milliseconds <= now).ToList())
            _refused.Remove(key);
    }

    /// <returns>True: the answer is in the cache. False: there will be one, or there is none.</returns>
    private bool Ask(Ipv4Address destination, Port by, Gateway? gateway)
    {
        try
        {
            var isKnown = Learn(destination, by, gateway);
            _trouble = null;
            return isKnown;
        }
        catch (SystemCallException e)
        {
            Tell(e);
            return false;
        }
    }

    private void Tell(SystemCallException e)
    {
        if (e.Message != _trouble)
            _running.Log.News(_subject, LogLevel.Warning, $"{e.Message}: what goes to new destinations is dropped (route-unknown)");
        _trouble = e.Message;
    }

    private bool Learn(Ipv4Address destination, Port by, Gateway? gateway)
    {
        var generation = Routes.Generation;
        _isBeingFound = false;
        var answer = WithHop(Question(destination));
        if (answer.Verdict == RouteVerdict.Host && _toHost is not null)
        {
            Routes.AddHost(destination, _toHost, by, Now + s_lifetime, generation);
            return true;
        }
        if ((_rules & RuleSelectors.Transport) != 0)
        {
            Routes.Add(destination, NoWay.NoRoute, [], by, Now + s_lifetime, generation);
            return true;
        }
        var answers = Answers(destination);
        if (_isBeingFound)
            return WaitForHop(destination, by, gateway);
        if (answer is not { Verdict: RouteVerdict.Out, Source: { } from })
        {
            Routes.Add(destination, WhyNot(answer.Verdict), answers, by, Now + s_lifetime, generation);
            return true;
        }
        var key = new WayKey(answer.Interface, from);
        if (_ways.TryGetValue(key, out var way))
        {
            Reasons.Note(key, answer.Table);
            Routes.Add(destination, To(way, destination, answer), answers, by, Now + s_lifetime, generation);
            return true;
        }
        if (_refused.TryGetValue(key, out var until) && until.Milliseconds > Now.Milliseconds)
        {
            Routes.Add(destination, NoWay.NoRoute, answers, by, until, generation);
            return true;
        }
        if (_pending.Count == MostPending)
            return false;
        if (!_pending.Exists(one => one.Key == key))
            _missing(key, by);
        _pending.Add((key, destination, by, gateway));
        return false;
    }

    private RouteAnswer Question(Ipv4Address destination)
    {
        var answer = _lookup.Ask(destination);
        // A connection of the host asks once more, when it has its address.
        return answer is { Verdict: RouteVerdict.Out, Source: { } source } && (_rules & RuleSelectors.Source) != 0
            ? _lookup.Ask(destination, source) with { Source = source }
            : answer;
    }

    /// <summary>Gives the gateways a turn.</summary>
    private void Resume()
    {
        foreach (var network in _networks)
            _running.Workers.First.Resume(network.Gateway, Failed);
    }

    private void Failed(Exception e) => _running.Log.Failed(new("routing"), e);
}
