using System.Runtime.CompilerServices;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Kinds;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Model;
using SoftSwitch.Packets;
using SoftSwitch.State.Changes;
using SoftSwitch.State.Nat;
using SoftSwitch.State.Networks;

namespace SoftSwitch.State;

/// <content>
/// How it becomes what a model says. First all that can be refused: what can't change while it runs, memory, and whatever is to be opened;
/// an obstacle takes back what was begun. From then on nothing is refused: what goes is closed, what changes is told.
/// </content>
internal sealed partial class RunningSwitch
{
    /// <summary>Ports with the addresses that were made for them. One that is compiled to what it was is the same object here, and so it is
    /// completed.</summary>
    private readonly ConditionalWeakTable<PortModel, PortModel> _completed = [];

    /// <summary>
    /// Makes what runs what a model says, or changes nothing. What isn't another is not touched: its ports aren't opened anew, its stations
    /// and flows stay, its counters go on. Returns when all is done.
    /// </summary>
    /// <param name="model">What is to run.</param>
    /// <returns>What has changed.</returns>
    /// <exception cref="ChangeRefusedException">All that can't be changed while it runs, or what the machine refused.</exception>
    public ModelDifference Apply(SwitchModel model) => Apply(model, isPatient: false);

    /// <summary>Says what a model would change, and what is in its way as far as that is known without doing it.</summary>
    public (ModelDifference Difference, IReadOnlyList<string> Obstacles) Compare(SwitchModel model)
    {
        model = Complete(model);
        var difference = ModelDifference.Between(_model, model);
        IReadOnlyList<string> obstacles = [];
        _control.Invoke(() => obstacles = [.. Plan(difference).Obstacles, .. TranslationObstacles(model)]);
        return (difference, obstacles);
    }

    private ModelDifference Apply(SwitchModel model, bool isPatient)
    {
        ModelDifference? difference = null;
        _control.Invoke(() => difference = Become(Complete(isPatient ? _subnets.Complete(model) : model), isPatient));
        return difference!;
    }

    private SwitchModel Complete(SwitchModel model) => KeptMacs.In(Macs.Complete(model, _completed), _model);

    /// <summary>What the machine may refuse comes first: memory and what is to be opened. The rest it can't: what goes is closed, what
    /// changes is told, and a mishap in one part costs that part alone.</summary>
    private ModelDifference Become(SwitchModel model, bool isPatient)
    {
        var difference = ModelDifference.Between(_model, model);
        if (_model is null)
        {
            Workers.Start(model, patient: isPatient ? Log : null);
            // Nothing is forwarded before all is known that was known before.
            if (Inherited.IsThere)
                Workers.Hold();
            Step(HearOwnNamespace);
        }
        var plan = Plan(difference);
        if (_model is not null && plan.Obstacles.Count > 0)
            throw new ChangeRefusedException(plan.Obstacles);
        var translated = Translated(model);
        var isStart = _model is null;
        var staying = new Adaptations(Ports);
        Membership[] leaving = [.. difference.Ports.Removed.Concat(plan.Ports.Moving.Select(change => change.Before))
            .Select(port => Ports.Of(port).Membership).OfType<Membership>()];
        var networks = Prepare(difference, plan, staying, model, translated, isPatient);
        // Both ends of what goes are told while all is there by which they are.
        if (!isStart)
            LeaveTranslation(leaving);
        staying.Commit(_networks.All);
        plan.Departures.Commit(networks.Values);
        Step(() => _nat?.EndFlowsOf(leaving, new(Environment.TickCount64)));
        Ports.Spread();
        Workers.Commit(model);
        foreach (var change in difference.Networks.Changed)
            Step(() => Change(networks[change.After.Name], change.After));
        _networks.All = [.. model.Networks.Select(network => networks[network.Name])];
        if (!isStart)
            Step(() => Retranslate(translated));
        foreach (var name in difference.TouchedNetworks)
            Step(() => networks.GetValueOrDefault(name)?.Bind(model));
        _subnets.Keep(_networks.All);
        Workers.Forget();
        _hasLeftTables |= difference.Networks.Removed.Count > 0 || difference.Networks.Changed.Any(PortPlan.IsRemade);
        foreach (var change in plan.Ports.Moving)
            Step(networks[change.After.Network].TellHost);
        // From here on this is what runs, and what the next model is held against.
        _model = model;
        if (!isStart)
            ChangeTranslation(model);
        FollowNames();
        Step(() => _resolvers.Follow(model));
        Step(() => TellHost(Environment.TickCount64));
        Introduce();
        return difference;
    }

    /// <summary>What becomes of the ports, and what is in the way of that.</summary>
    private (PortPlan Ports, BroughtPorts Brought, Departures Departures, IReadOnlyList<string> Obstacles) Plan(ModelDifference difference)
    {
        var ports = PortPlan.Of(difference, _model);
        var brought = BroughtPorts.Of(_networks.All, difference, Macs);
        var departures = new Departures(Ports);
        foreach (var port in ports.Going.Select(Ports.Of).Concat(brought.Going))
            departures.Add(port);
        PortModel[] kept = [.. _networks.ModePorts.Where(port => !departures.Has(port)).Select(port => port.Model)];
        return (ports, brought, departures, WhileRunning.Obstacles(difference, ports, kept, Privilege.Lack));
    }

    /// <summary>A network of the same mode takes what is another.</summary>
    private void Change(NetworkState network, NetworkModel after)
    {
        network.Change(after);
        foreach (var port in Ports.All.Where(port => port.Bridge == network.Bridge))
            port.Endpoint.ReachesAll = after.HostReach == HostReach.All;
    }

    /// <summary>Also while no port is open in it: its interfaces may come at any time.</summary>
    private void HearOwnNamespace()
    {
        using var own = NetworkNamespace.Current();
        _own ??= _links.Keep(own);
    }

    /// <summary>Has all that may be refused.</summary>
    /// <returns>The networks by their names.</returns>
    private Dictionary<string, NetworkState> Prepare(
        ModelDifference difference, (PortPlan, BroughtPorts, Departures, IReadOnlyList<string>) plan, Adaptations staying,
        SwitchModel model, OrderedDictionary<string, NatNetwork> translated, bool isPatient)
    {
        try
        {
            var networks = _networks.For(model, translated.Values, Macs);
            if (_model is not null)
                PrepareTranslation(model, translated);
            Open(difference, plan, staying, model, networks, isPatient);
            return networks;
        }
        catch (OutOfMemoryException)
        {
            throw new ChangeRefusedException([MemoryLimit.Describe()]);
        }
    }

    private void Open(
        ModelDifference difference, (PortPlan Ports, BroughtPorts Brought, Departures Departures, IReadOnlyList<string>) plan,
        Adaptations staying, SwitchModel model, Dictionary<string, NetworkState> networks, bool isPatient)
    {
        var additions = new Additions(Ports, isPatient, goesOn: Inherited.IsThere);
        var remade = difference.Networks.Changed.Where(PortPlan.IsRemade).Select(change => change.After);
        NetworkState[] added = [.. difference.Networks.Added.Concat(remade).Select(network => networks[network.Name])];
        NetworkState[] touched = [.. difference.TouchedNetworks.Select(networks.GetValueOrDefault).OfType<NetworkState>()];
        var isMade = false;
        if (isPatient)
            _subnets.Look(model, added);
        _news.HoldFailures();
        try
        {
            if (_model is not null)
                Workers.Prepare(model);
            SwitchNetworks.Guard(touched, model, difference.Leaving);
            plan.Departures.MakeRoomFor([.. plan.Ports.Coming, .. plan.Brought.Coming]);
            foreach (var port in plan.Ports.Coming)
                additions.Open(port, networks[port.Network]);
            additions.OpenHosts(plan.Departures.Closed);
            foreach (var port in plan.Brought.Coming)
                additions.OpenModePort(port, networks[port.Network]);
            additions.Require();
            foreach (var (port, after) in plan.Brought.Adapting)
                staying.Adapt(port, after);
            foreach (var change in plan.Ports.Adapting)
                staying.Adapt(Ports.Of(change.Before), change.After);
            foreach (var change in plan.Ports.Moving)
                staying.Move(Ports.Of(change.Before), change.After, networks[change.After.Network]);
            if (_model is null)
                OpenTranslation(model, added, isPatient);
            if (isPatient)
                _subnets.Look(model, added);
            _subnets.Tell();
            isMade = true;
        }
        finally
        {
            if (!isMade)
            {
                Step(staying.TakeBack);
                Step(additions.TakeBack);
                Step(plan.Departures.TakeBack);
                Step(() => SwitchNetworks.Guard(touched, _model, []));
                if (_model is not null)
                {
                    Step(Workers.TakeBack);
                    Step(TakeBackTranslation);
                }
            }
            _news.TellFailures(isMade);
        }
    }

    /// <summary>Has others asked for the networks that tell names, once there is one.</summary>
    private void FollowNames()
    {
        var named = Named;
        if (named.Length == 0 && _names is null)
            return;
        _names ??= new(Workers, Log);
        _names.Follow(named, [.. _networks.All
            .Select(network => network.Nat?.Gateway.Address ?? network.Services.Server?.Address).OfType<Ipv4Address>()]);
    }

    private void OpenTranslation(SwitchModel model, NetworkState[] added, bool isPatient)
    {
        NatNetwork[] translated = [.. added.Select(network => network.Nat).OfType<NatNetwork>()];
        if (translated.Length == 0)
            return;
        foreach (var network in added)
            network.PlaceGateway();
        _nat = new(this, _control, _control.Post);
        _nat.Open(model, translated, isPatient);
        // What was remembered is asked for at once.
        _nat.Tick(new(Environment.TickCount64));
    }
}
