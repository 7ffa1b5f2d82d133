using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Linux.HostFacts;
using SoftSwitch.Logging;
using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.State.Nat;

/// <summary>
/// Networks come, change and go while the others' flows live. First all that may be refused (<see cref="Prepare"/>); then those go that go
/// (<see cref="Leave"/>), here and behind the other outsides; then the rest becomes what a model says (<see cref="Change"/>). A flow that
/// has lost its network, its forward or its port ends at once, and both its ends are told.
/// <code>
///   a forward goes     translator: its flows end ──► both ends are told ──► guard, wire, way to the host ──► its port is anybody's
///   a forward comes    its port is ours ──► guard ──► wire ──► translator ──► way to the host
/// </code>
/// </summary>
internal sealed partial class OutsideState
{
    /// <summary>Turns in which the ends of flows are told before what they are told by is closed: 130,000 ends and more.</summary>
    private const int MostTurnsToTell = 1024;

    /// <summary>Between <see cref="Leave"/> and <see cref="Change"/>: the networks behind it, or how they are translated, become
    /// others.</summary>
    private bool _isChanging;

    /// <summary>Takes what <see cref="Change"/> needs and may not get.</summary>
    /// <param name="model">What is to run.</param>
    /// <param name="networks">Those that will be behind it, known as they are; none: it goes.</param>
    /// <param name="elsewhere">Ports that another outside has, and gives back before they are needed here.</param>
    /// <returns>What the machine refuses; empty: nothing.</returns>
    /// <exception cref="OutOfMemoryException">It can't be had, and nothing is another.</exception>
    public IReadOnlyList<string> Prepare(
        SwitchModel model, IReadOnlyCollection<NatNetwork> networks, IReadOnlySet<ForwardedPort> elsewhere)
    {
        NatModel[] nats = [.. networks.Select(network => network.In(model).Nat!)];
        foreach (var translator in Translators)
            Array.ForEach(nats, nat => translator.Prepare(NaptOptionsOf.Policy(nat, isHost: false)));
        if (_host.Way?.Translator is { } toHost)
            Array.ForEach(nats, nat => toHost.Prepare(NaptOptionsOf.Policy(nat, isHost: true)));
        return IsShared ? [.. _ports.Prepare(nats, elsewhere).Select(refused => $"network {Name}: {refused}")] : [];
    }

    /// <summary>What was prepared isn't needed.</summary>
    public void TakeBack() => _ports.TakeBack();

    /// <summary>Ports of the host that are kept for its forwards.</summary>
    public IReadOnlySet<ForwardedPort> Kept => IsShared ? _ports.Kept : new HashSet<ForwardedPort>();

    /// <summary>Where one that is named leads out; null where the file names nothing, or something is in the way.</summary>
    /// <param name="obstacle">What that is; null: nothing.</param>
    public OutsideLink? Named(HostIpv4 host, out string? obstacle)
    {
        obstacle = null;
        if (_model.Interface is null || OutsideLink.FindInterface(_model, _links, host, _link?.Index ?? 0, out obstacle) is not { } at
            || !IsShared)
            return null;
        var link = OutsideLink.Of(at, null, host, out var missing);
        obstacle = link is null ? missing : null;
        return link;
    }

    /// <summary>Ends what networks have here that are no more, or are elsewhere. Their gateways are still in place. Ports that aren't
    /// forwarded or translated with any more are given back, so that another outside may have them.</summary>
    /// <param name="leaving">Those networks.</param>
    /// <param name="model">What is to run.</param>
    /// <param name="networks">All that will be behind it.</param>
    public void Leave(
        IReadOnlyCollection<NatNetwork> leaving, SwitchModel model, IReadOnlyCollection<NatNetwork> networks, Instant now)
    {
        // Where forwards lead depends on reservations and on ports' addresses, too.
        _isChanging = leaving.Count > 0 || !_networks.SequenceEqual(networks)
            || _networks.Any(network => network.In(model) != network.Model || !AddressesIn(model, network).SequenceEqual(
                AddressesIn(_switch, network)));
        if (_isChanging)
            _ports.Use([.. networks.Select(network => network.In(model).Nat!)]);
        if (leaving.Count == 0)
            return;
        NatNetwork[] stay = [.. _networks.Except(leaving)];
        _routing?.Follow(stay);
        foreach (var network in leaving)
            network.Gateway.Ways = WaysOut.None;
        ForTranslators((translator, ended) =>
        {
            foreach (var network in leaving)
                translator.RemovePolicy(network.Policy, now, ended);
        });
        _networks = stay;
        TellInside();
        // Its number may be another's when no worker brings packets of it any more.
        _running.Workers.Settle();
    }

    /// <summary>Ends what ports have begun here that leave their networks.</summary>
    public void EndFlowsOf(IReadOnlyCollection<Membership> ports, Instant now)
    {
        var slots = ports.ToLookup(port => port.Bridge, port => port.Slot);
        ForTranslators((translator, ended) =>
        {
            foreach (var network in _networks)
            {
                if (network.Gateway.Membership is { Bridge: var bridge } && slots.Contains(bridge))
                    translator.EndFlowsOf(network.Policy, slots[bridge].ToHashSet(), now, ended);
            }
        });
    }

    /// <summary>Another model runs. What is the same for a network stays as it is.</summary>
    /// <param name="networks">All that are behind it now, at least one, in the order of the file.</param>
    public void Change(SwitchModel model, IReadOnlyCollection<NatNetwork> networks, Instant now)
    {
        var before = _networks;
        if (_isChanging)
        {
            ForTranslators((translator, ended) =>
            {
                var isHost = translator == _host.Way?.Translator;
                foreach (var network in networks.Where(network => !before.Contains(network) || network.In(model).Nat != network.Nat))
                    translator.SetPolicy(network.Policy, NaptOptionsOf.Policy(network.In(model).Nat!, isHost), now, ended);
            });
        }
        // A network is another when its translators know.
        foreach (var network in networks)
            network.Model = network.In(model);
        (_switch, _networks) = (model, [.. networks]);
        if (_isChanging)
            ChangeTranslation(now);
        _isChanging = false;
        TellInside();
    }

    private void ChangeTranslation(Instant now)
    {
        _model = _networks[0].Nat.Outside;
        _names = NamesOf(_networks);
        _options = new(_networks);
        _forwards = [.. _networks.SelectMany(network => network.Nat.Forwards)];
        _routing?.Follow(_networks);
        MakeRoomForFlows(now);
        FollowFlowLogs();
        var targets = new ForwardTargets(_switch, _networks, _running.Addresses, () => _running.Ports.All, _running.Log, _targets);
        ForTranslators((translator, ended) =>
        {
            // Those of ways that are closed as well: their flows wait there.
            var isHost = translator == _host.Way?.Translator;
            if (isHost || _ways.Any(way => way.IsAsked && way.Translator == translator))
                _targets.EndGone(targets, translator, isHost || !IsShared, now, ended);
        });
        targets.TakenByPrograms = [.. _ports.Sockets.Refused.Keys];
        targets.RenewAfter(_targets);
        _targets = targets;
        _awaited = new(_ports, _targets, () => _facts, Name, _running.Log);
        _absent = new(_networks, _running.Log, _absent);
        Step(() => UseOthers(now));
        _targets.TellWaiting();
    }

    /// <summary>Those that the file gives to the ports of a network.</summary>
    private static IEnumerable<(string, InterfaceAddress?)> AddressesIn(SwitchModel model, NatNetwork network) => model.Ports
        .OfType<InterfaceModel>().Where(port => port.Network == network.Model.Name).Select(port => (port.Name, port.Address));

    /// <summary>Guards, wires and translators have the pool and the forwards that there are now.</summary>
    private void UseOthers(Instant now)
    {
        if (IsShared)
        {
            Step(_ports.ClaimAgain);
            _awaited.Take(now);
            if (_facts is { } host)
                FollowAddresses(host);
        }
        foreach (var way in _ways.Where(way => !way.RenewPorts()).ToArray())
        {
            // Bring opens it at once, and its flows go on.
            Close(way);
        }
        UsePorts(now);
        foreach (var way in _ways)
            GiveWay(way);
    }

    private void FollowFlowLogs()
    {
        if (_networks.All(network => network.Nat.FlowLog is null))
        {
            if (FlowLog is not { } last)
                return;
            foreach (var translator in Translators.Append(_host.Way?.Translator).OfType<Napt>())
                translator.FlowLog = null;
            (FlowLog, _logs, _hostLog) = (null, null, null);
            Array.ForEach(_ways, way => way.Log = null);
            last.Dispose();
            return;
        }
        var logs = _logs ??= new();
        foreach (var way in _ways)
            way.Translator.FlowLog = way.Log ??= logs.Take();
        if (_host.Way is { } host)
            host.Translator.FlowLog = _hostLog ??= logs.Take();
        if (FlowLog is null)
            FlowLog = new(_networks, logs, _running.Log);
        else
            FlowLog.Follow(_networks);
    }

    /// <summary>Stations of ours know the networks behind them, and all subnets of this switch.</summary>
    private void TellInside()
    {
        foreach (var way in Open)
            way.Station!.Inside = InsideOf(way.Link);
        _host.Way?.Station.Inside = InsideOf(null);
    }

    /// <summary>Does something with each translator, and tells both ends of the flows that have ended by it.</summary>
    /// <param name="ends">Adds those flows.</param>
    private void ForTranslators(Action<Napt, List<OpenFlow>> ends)
    {
        foreach (var way in _ways)
            End(way.Translator, way.Station);
        if (_host.Way is { } host)
            End(host.Translator, host.Station);

        void End(Napt translator, Outside? station)
        {
            var ended = new List<OpenFlow>();
            ends(translator, ended);
            if (ended.Count == 0)
                return;
            TellGuests(ended);
            if (station is not null)
                ended.ForEach(flow => station.End(flow));
            for (var left = MostTurnsToTell; left > 0 && (station is { IsTelling: true } || _networks.Any(IsTelling)); left--)
                TellEnds(station);
        }
    }

    private static bool IsTelling(NatNetwork network) => network.Gateway.IsTelling;

    private void TellEnds(Outside? station)
    {
        if (station is not null)
            _running.Workers.First.Resume(station, e => _running.Log.Failed(new(Name), e));
        foreach (var network in _networks.Where(IsTelling))
            _running.Workers.First.Resume(network.Gateway, e => _running.Log.Failed(new(Name), e));
        _running.Workers.Settle();
    }

    /// <summary>Opens what there is to open, while the switch runs: what this machine can't give now comes when it can.</summary>
    public void Begin(HostIpv4 host)
    {
        try
        {
            Begin(Bring(host, 0));
        }
        catch (Exception e)
        {
            Begin(Mistake.Text(e));
        }
    }

    /// <summary>It is never to be opened: what it has taken is given back.</summary>
    public void Withdraw()
    {
        Dispose();
        FlowLog?.Dispose();
    }
}
