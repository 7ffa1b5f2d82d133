using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Linux;
using SoftSwitch.Linux.HostFacts;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Logging;
using SoftSwitch.Model;
using SoftSwitch.State.Changes;

namespace SoftSwitch.State.Nat;

/// <summary>
/// How its networks and outsides become others while flows live: those behind an outside that stays go on, whoever comes or goes beside
/// them. A network that moves to another place is a new one there (<see cref="NatNetworks"/>), whose flows here end.
/// <code>
///   Prepare ── whatever may be refused: memory, ports, interfaces ──► refused: TakeBack, and nothing was another
///   Leave   ── what goes ends, its ends are told, ports are free; outsides with nobody behind them close
///   Change  ── who stays or comes is translated as the model says; new outsides open
/// </code>
/// </summary>
internal sealed partial class NatState
{
    private readonly List<OutsideState> _coming = [];
    private IReadOnlyList<NatNetwork> _next = [];
    private SwitchModel? _nextModel;
    private string? _warned;

    /// <summary>It translates for nobody, and may be disposed of.</summary>
    public bool IsIdle => _outsides.Length == 0;

    /// <summary>Takes what the rest needs and may not get.</summary>
    /// <param name="model">What is to run.</param>
    /// <param name="networks">All of it that translate: those that are here already and stay, as they are, and those that come.</param>
    /// <exception cref="ChangeRefusedException">What the machine refuses, all of it; nothing is another.</exception>
    /// <exception cref="OutOfMemoryException">It can't be had, and nothing is another.</exception>
    public void Prepare(SwitchModel model, IReadOnlyList<NatNetwork> networks)
    {
        (_next, _nextModel) = (networks, model);
        try
        {
            foreach (var group in Groups(model).Where(group => _outsides.All(outside => outside.Place != group.Key)))
                _coming.Add(New(model, [.. group]));
            if (Refused(model) is { Count: > 0 } obstacles)
                throw new ChangeRefusedException(obstacles);
        }
        catch (Exception e)
        {
            TakeBack();
            if (e is SystemCallException)
                throw new ChangeRefusedException([e.Message]);
            throw;
        }
    }

    /// <summary>What was prepared isn't needed.</summary>
    public void TakeBack()
    {
        foreach (var outside in _coming)
            Step(outside.Withdraw);
        _coming.Clear();
        foreach (var outside in _outsides)
            outside.TakeBack();
        _next = _networks;
    }

    /// <summary>Ends what goes. The gateways of those that go are still in place, and so are their guests.</summary>
    public void Leave(Instant now)
    {
        NatNetwork[] leaving = [.. _networks.Except(_next)];
        foreach (var outside in _outsides)
        {
            bool IsHere(NatNetwork network) => network.Place == outside.Place;
            Step(() => outside.Leave([.. leaving.Where(IsHere)], _nextModel!, [.. _next.Where(IsHere)], now));
        }
        _networks = [.. _networks.Except(leaving)];
        OutsideState[] gone = [.. _outsides.Where(IsGoing)];
        _outsides = [.. _outsides.Except(gone)];
        foreach (var outside in gone)
            Step(outside.Withdraw);
    }

    /// <summary>Ends what ports have begun that leave networks which stay. It is done once while they are there, so that they are told, and
    /// again when they have gone: what they have begun meanwhile would count for who gets their places.</summary>
    public void EndFlowsOf(IReadOnlyCollection<Membership> ports, Instant now)
    {
        if (ports.Count == 0)
            return;
        foreach (var outside in _outsides)
            Step(() => outside.EndFlowsOf(ports, now));
    }

    /// <summary>Another model runs: what stays follows it, and what is new opens. The gateways are in their places.</summary>
    public void Change(SwitchModel model, Instant now)
    {
        _networks = _next;
        var groups = Groups(model).ToDictionary(group => group.Key);
        foreach (var outside in _outsides)
        {
            var group = groups[outside.Place];
            Step(() => outside.Change(model, [.. group], now));
        }
        OutsideState[] coming = [.. _coming];
        _coming.Clear();
        _outsides = [.. _outsides, .. coming];
        WarnOfPorts();
        Step(() =>
        {
            var host = coming.Length == 0 && _host is not null ? _host : Read(now);
            foreach (var outside in coming)
                outside.Begin(host);
            Follow(host);
        });
        if (_host is null)
            _news = RouteNews.Ways;
    }

    /// <summary>Nobody will be behind it.</summary>
    private bool IsGoing(OutsideState outside) => _next.All(network => network.Place != outside.Place);

    private IEnumerable<IGrouping<OutsidePlace, NatNetwork>> Groups(SwitchModel model) =>
        _next.GroupBy(network => OutsidePlace.Of(network.In(model)));

    /// <summary>All that the machine has against it, as far as that is known before it is done.</summary>
    private List<string> Refused(SwitchModel model)
    {
        var groups = Groups(model).ToDictionary(group => group.Key, group => group.ToArray());
        OutsideState[] all = [.. _outsides, .. _coming];
        var obstacles = new List<string>();
        var host = _coming.Count == 0 ? _host : HostIpv4.Read(_links);
        foreach (var outside in all)
        {
            var networks = groups.GetValueOrDefault(outside.Place) ?? [];
            var elsewhere = _outsides.Where(other => other != outside).SelectMany(other => other.Kept).ToHashSet();
            obstacles.AddRange(outside.Prepare(model, networks, elsewhere));
            if (host is null || networks.Length == 0)
                continue;
            var link = outside.Named(host, out var obstacle);
            // One that is there already may have lost its interface long ago: that refuses no change.
            if (obstacle is not null && _coming.Contains(outside))
                obstacles.Add($"network {outside.Name}: outside: {obstacle}");
            if (link is not null && all.FirstOrDefault(other => other != outside && other.IsShared && other.IsOn(link.Index)
                && OverlapPorts(model, networks, groups.GetValueOrDefault(other.Place) ?? [])) is { } sharer)
                obstacles.Add($"network {outside.Name}: outside: {outside.SharerOf(link, sharer.Name)}");
        }
        return obstacles;
    }

    private static bool OverlapPorts(SwitchModel model, NatNetwork[] some, NatNetwork[] others) => some.Any(one =>
        others.Any(other => one.In(model).Nat!.Outside.Ports.Overlaps(other.In(model).Nat!.Outside.Ports)));

    private OutsideState New(SwitchModel model, NatNetwork[] networks) => new(
        _running, FreeName(networks), model, networks, _links, _lans, Sharer, Lessee, Elsewhere, Introduce, _post, _control);

    /// <summary>An outside that stays may have the name of a network that has left it. What was left by the program before is called after
    /// the name that it had there, which need not be that of the network that is first by now.</summary>
    private string FreeName(NatNetwork[] networks)
    {
        HashSet<string> taken = [.. _outsides.Where(outside => !IsGoing(outside)).Concat(_coming).Select(outside => outside.Name)];
        string[] names = [.. networks.Select(network => network.Model.Name)];
        return names.Select(name => OutsideState.NameLeft(_running.Inherited, name)).OfType<string>().Concat(names)
            .FirstOrDefault(name => !taken.Contains(name))
            ?? Enumerable.Range(2, taken.Count).Select(number => $"{names[0]}.{number}").First(name => !taken.Contains(name));
    }

    private void WarnOfPorts()
    {
        var warning = EphemeralPorts.Warning([.. _outsides.SelectMany(outside => outside.ChosenByHost)]);
        if (warning is not null && warning != _warned)
            _running.Log.Write(LogLevel.Warning, warning);
        _warned = warning;
    }
}
