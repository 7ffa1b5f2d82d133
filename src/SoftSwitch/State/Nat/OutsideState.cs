using SoftSwitch.Errors;
using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Forwarding.Stations;
using SoftSwitch.Linux;
using SoftSwitch.Linux.HostFacts;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Linux.Workers;
using SoftSwitch.Logging;
using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.State.Nat;

/// <summary>
/// One outside that lives, and the nat networks behind it. It has ways out to the world (<see cref="OutsideWay"/>), by interfaces of the
/// host, and where the host's addresses are shared, one to the host itself (<see cref="HostWay"/>), with whom the ports are shared too
/// (<see cref="SharedPorts"/>).
/// <para>
/// The foremost way to the world is by the interface that the file names, or by that of the default route. Where the file names neither
/// interface nor address, the host's routing decides about each destination (<see cref="HostRouting"/>), and leads by more ways when it
/// says so.
/// </para>
/// <para>
/// It follows the host: when interface, address or MTU change, a way is made anew; when only routes do, they are exchanged. Used by the
/// control loop alone, but for <see cref="Look"/>.
/// </para>
/// </summary>
internal sealed partial class OutsideState : IDisposable
{
    private const int AnswerMilliseconds = 2000;

    private readonly INatSwitch _running;
    private readonly Links _links;
    private readonly SharedPorts _ports;
    private readonly RedirectionNews _redirections;
    private readonly UnservedAddresses _unserved;
    private readonly HostsAddress? _hosts;
    private readonly HostWay _host;
    private readonly HostRouting? _routing;
    private readonly OwnAddress _own;
    private readonly OwnLans _lans;
    private readonly Func<OutsideState, OutsideLink, string?> _taken;
    private readonly Func<OutsideState, int, Ipv4Address, string?> _lent;
    private readonly Func<OutsideState, Outside[]> _elsewhere;
    private readonly Action<OutsideState> _introduce;
    private readonly RefusedWays _refused = new();
    private readonly HashSet<OutsideWay> _closing = [];
    private OutsideModel _model;
    private SwitchModel _switch;
    private NatNetwork[] _networks;
    private volatile IReadOnlyDictionary<int, string> _names;
    private NaptOptionsOf _options;
    private FlowLogs? _logs;
    private volatile ForwardTargets _targets;
    private AwaitedPorts _awaited;
    private volatile AwaitedAddresses _absent;
    private NaptFlowLog? _hostLog;
    private HostIpv4? _facts;
    private bool _hasEnded;
    private Outside? _introduced;
    private volatile OutsideLink? _link;
    private volatile OutsideWay[] _ways = [];
    private volatile string? _obstacle;

    /// <param name="running">The switch that it is part of.</param>
    /// <param name="name">What its ports and its news are called: that of a network behind it, and no other outside's.</param>
    /// <param name="model">What is to run.</param>
    /// <param name="networks">At least one, all with the same outside.</param>
    /// <param name="links">The host's interfaces.</param>
    /// <param name="lans">Where an address of its own is.</param>
    /// <param name="taken">The network whose guests leave by an interface from the same ports of the host's address already, by another
    /// name for it; null: none.</param>
    /// <param name="lent">The other network that an address on the LAN of an interface is lent to; null: none.</param>
    /// <param name="elsewhere">The foremost ways of others that share the host's addresses.</param>
    /// <param name="introduce">Has those others told that <see cref="Station"/> is another. When it returns, none of their gateways leads
    /// to the one before.</param>
    /// <param name="post">Has something done by the control loop, soon.</param>
    /// <param name="watch">Tells the control loop when something can be read.</param>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public OutsideState(
        INatSwitch running, string name, SwitchModel model, NatNetwork[] networks, Links links, OwnLans lans,
        Func<OutsideState, OutsideLink, string?> taken, Func<OutsideState, int, Ipv4Address, string?> lent,
        Func<OutsideState, Outside[]> elsewhere, Action<OutsideState> introduce, Action<Action> post, IDescriptorWatch watch)
    {
        _lans = lans;
        _switch = model;
        _taken = taken;
        _lent = lent;
        _elsewhere = elsewhere;
        _introduce = introduce;
        _running = running;
        _networks = networks;
        _forwards = [.. networks.SelectMany(network => network.Nat.Forwards)];
        _names = NamesOf(networks);
        (Name, Place) = (name, networks[0].Place);
        _links = links;
        _model = networks[0].Nat.Outside;
        _options = new(networks);
        _targets = new(model, networks, running.Addresses, () => running.Ports.All, running.Log);
        (_own, _ports) = (new(running.Inherited), new([.. networks.Select(network => network.Nat)], running.Inherited));
        _awaited = new(_ports, _targets, () => _facts, Name, running.Log);
        _absent = new(networks, running.Log);
        _redirections = new(running.Log, Name, _ports);
        _unserved = new(running.Log, Name);
        _hosts = _model.Address is { } own ? new(running.Log, Name, own, links) : null;
        _logs = networks.Any(network => network.Nat.FlowLog is not null) ? new() : null;
        _host = new(running, Name, links);
        _lease = _model.IsLeased ? new(running, watch, Name, ObstacleOf, FollowLease) : null;
        if (_model is { Interface: null, SharesHost: true })
            _routing = new(running, networks, Name, (key, by) => post(() => Bring(key, by)),
                (index, address) => post(() => _links.FindNeighbor(index, address)));
    }

    /// <summary>What its ports and its news are called: one of the networks with which it began.</summary>
    public string Name { get; }

    /// <summary>Where it is: networks that are there too are behind it.</summary>
    public OutsidePlace Place { get; }

    /// <summary>The interface that leads out, the foremost of several; null while there is no way out.</summary>
    public string? Interface => (_link ?? Foremost?.Link)?.Interface;

    /// <summary>The stations that have something to do from time to time.</summary>
    public IEnumerable<Station> Stations => Outsides;

    /// <summary>The record of its flows, which outlives it for a moment; null: none is asked for.</summary>
    public FlowLogFile? FlowLog { get; private set; }

    /// <summary>What becomes of this interface of the host matters here; while there is no way out, any may become one, and one where the
    /// host has an address may be one by which forwards are asked.</summary>
    public bool DependsOn(int index) =>
        _link is null || _link.Index == index || Open.Any(way => way.Link!.Index == index) || _host.Index == index
        || (_forwards.Length > 0 && _facts?.Addresses.Any(address => address.Interface == index) == true);

    /// <summary>Ports that the host's kernel may choose as well.</summary>
    public IEnumerable<TransportPorts> ChosenByHost => IsShared ? _ports.ChosenByHost : [];

    /// <summary>The outside address is the host's.</summary>
    public bool IsShared => _model.SharesHost;

    /// <summary>A way out leads by an interface, and guests leave by it from ports of the pool.</summary>
    public bool IsOn(int index) => _link?.Index == index || Open.Any(way => way.Link!.Index == index && !way.OnlyAnswers);

    /// <summary>Guests of both may leave from the same ports.</summary>
    public bool SharesPorts(OutsideState other) => _networks.Any(network => other.SharesPorts(network.Nat.Outside));

    /// <summary>Guests here may leave from the same ports as those behind another outside.</summary>
    private bool SharesPorts(OutsideModel other) => _networks.Any(network => network.Nat.Outside.Ports.Overlaps(other.Ports));

    /// <summary>Opens what there is to open at start.</summary>
    /// <param name="isPatient">What isn't there yet comes when it is; else one that is named must be there.</param>
    /// <returns>False: something was refused, and is to be tried again.</returns>
    /// <exception cref="StartRefusedException">It isn't, or the machine refused what it won't give later.</exception>
    public bool Start(HostIpv4 host, bool isPatient)
    {
        try
        {
            Inherit(host);
            var obstacle = Bring(host, AnswerMilliseconds);
            if (obstacle is not null && (_model.Interface is not null || _own.IsAwaited) && !isPatient && !IsLeaseAwaited)
                throw new StartRefusedException($"network {Name}: outside: {obstacle}");
            Begin(obstacle);
            return !_own.IsAwaited && !_isForwardRefused;
        }
        catch (SystemCallException e) when (isPatient && !e.IsForWantOfRights)
        {
            Begin(Mistake.Text(e));
            return false;
        }
        catch (Exception e) when (e is SystemCallException or OutOfMemoryException)
        {
            throw new StartRefusedException($"network {Name}: outside: {Mistake.Text(e)}");
        }
    }

    /// <summary>Tells at the start how it begins: with a way out, or with an obstacle that may go later.</summary>
    public void Begin(string? obstacle)
    {
        FollowFlowLogs();
        Tell(obstacle);
        _targets.TellWaiting();
    }

    /// <summary>Brings everything in line with what the host has now. What the kernel refuses is told, and tried again with the next news
    /// or second.</summary>
    /// <returns>False: something was refused.</returns>
    public bool Follow(HostIpv4 host)
    {
        try
        {
            Tell(Bring(host, 0));
            return !_own.IsAwaited && !_isForwardRefused;
        }
        catch (Exception e)
        {
            Tell(Mistake.Text(e));
            return false;
        }
    }

    /// <summary>The foremost way that is open and stays so, to which gateways of others may lead as well; null: there is none.</summary>
    public Outside? Station => _facts is null ? null : Open.FirstOrDefault(way => !way.OnlyAnswers && !_closing.Contains(way))?.Station;

    /// <summary>Tells the gateways of the others' ways, which may have become others.</summary>
    public void Introduce()
    {
        if (!_hasEnded)
            Publish();
    }

    public void Dispose()
    {
        _hasEnded = true;
        _facts = null;
        Publish();
        _routing?.Dispose();
        var toHost = _host.Way?.Translator;
        Array.ForEach(_ways, way => way.Close());
        _host.Dispose();
        Array.ForEach(_ways, way => way.Dispose());
        _ports.Dispose();
        _own.Dispose();
        _lease?.Dispose();
        foreach (var translator in Translators.Append(toHost).OfType<Napt>())
            EndFlows(translator);
        FlowLog?.Finish();
    }

    private IEnumerable<Napt> Translators => _ways.Select(way => way.Translator);

    private static Dictionary<int, string> NamesOf(IEnumerable<NatNetwork> networks) =>
        networks.ToDictionary(network => network.Policy, network => network.Model.Name);

    /// <summary>The ways that are open, the foremost first.</summary>
    private IEnumerable<OutsideWay> Open => _ways.Where(way => way.Station is not null);

    private OutsideWay? Foremost => Open.FirstOrDefault(way => !way.OnlyAnswers);

    /// <summary>Where forwards lead from.</summary>
    private IEnumerable<Outside> Asked =>
        _ways.Where(way => way.IsAsked).Select(way => way.Station).Append(_host.Way?.Station).OfType<Outside>();

    private IEnumerable<Outside> Outsides =>
        _ways.Select(way => way.Station).Append(_host.Way?.Station).OfType<Outside>();

    /// <summary>The flows of a translator that no worker uses any more end with it.</summary>
    private void EndFlows(Napt translator)
    {
        if (FlowLog is null)
            return;
        // What has timed out ended before.
        translator.Sweep(new(Environment.TickCount64), translator.SlotCount);
        FlowLog.End(translator);
    }

    private void Tell(string? obstacle)
    {
        if (obstacle is not null && obstacle != _obstacle)
            _running.Log.News(LogSubject.OfOutside(Name), LogLevel.Warning, obstacle);
        _obstacle = obstacle;
    }
}
