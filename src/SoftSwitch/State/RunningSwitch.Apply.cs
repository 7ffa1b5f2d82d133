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
        var difference = ModelDifference.Between(_model, Macs.Complete(model));
        IReadOnlyList<string> obstacles = [];
        _control.Invoke(() => obstacles = WhileRunning.Obstacles(difference, _networks.ModePorts, Privilege.Lack));
        return (difference, obstacles);
    }

    private ModelDifference Apply(SwitchModel model, bool isPatient)
    {
        ModelDifference? difference = null;
        _control.Invoke(() => difference = Become(Macs.Complete(isPatient ? _subnets.Complete(model) : model), isPatient));
        return difference!;
    }

    /// <summary>What the machine may refuse comes first: memory and what is to be opened. The rest it can't: what goes is closed, what
    /// changes is told.</summary>
    private ModelDifference Become(SwitchModel model, bool isPatient)
    {
        var difference = ModelDifference.Between(_model, model);
        if (_model is null)
        {
            Workers.Start(model, patient: isPatient ? Log : null);
            Step(HearOwnNamespace);
        }
        else if (WhileRunning.Obstacles(difference, _networks.ModePorts, Privilege.Lack) is { Count: > 0 } obstacles)
            throw new ChangeRefusedException(obstacles);
        var translating = _nat;
        var networks = Prepare(difference, model, isPatient);
        Ports.Remove([
            .. difference.Ports.Removed.Select(Ports.Of),
            .. difference.Networks.Removed.SelectMany(network => _networks.Of(network).ModePorts)]);
        foreach (var change in difference.Networks.Changed)
            networks[change.After.Name].Change(change.After);
        foreach (var change in difference.Ports.Changed)
            Ports.Of(change.Before).Change(change.After);
        _networks.All = [.. model.Networks.Select(network => networks[network.Name])];
        _networks.Bind(model);
        // From here on this is what runs, and what the next model is held against.
        _model = model;
        translating?.Change(model, new(Environment.TickCount64));
        FollowNames();
        Step(() => _resolvers.Follow(model));
        Step(() => TellHost(Environment.TickCount64));
        Introduce();
        return difference;
    }

    /// <summary>Also while no port is open in it: its interfaces may come at any time.</summary>
    private void HearOwnNamespace()
    {
        using var own = NetworkNamespace.Current();
        _own ??= _links.Keep(own);
    }

    /// <summary>Has all that may be refused.</summary>
    /// <returns>The networks by their names.</returns>
    private Dictionary<string, NetworkState> Prepare(ModelDifference difference, SwitchModel model, bool isPatient)
    {
        try
        {
            // Those that translate come with the start.
            var networks = _networks.For(model, _model is null ? NatNetwork.AllOf(model, Macs) : [], Macs);
            _nat?.Prepare(model);
            OpenAdded(difference, model, networks, isPatient);
            return networks;
        }
        catch (OutOfMemoryException)
        {
            throw new ChangeRefusedException([MemoryLimit.Describe()]);
        }
    }

    private void OpenAdded(ModelDifference difference, SwitchModel model, Dictionary<string, NetworkState> networks, bool isPatient)
    {
        var additions = new Additions(Ports, Macs, isPatient);
        NetworkState[] added = [.. difference.Networks.Added.Select(network => networks[network.Name])];
        var isMade = false;
        if (isPatient)
            _subnets.Look(model, added);
        _news.HoldFailures();
        try
        {
            SwitchNetworks.Guard(networks.Values, model);
            foreach (var port in difference.Ports.Added)
                additions.Open(port, networks[port.Network]);
            additions.OpenHosts();
            Array.ForEach(added, additions.OpenModePorts);
            additions.RequireOne();
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
                additions.TakeBack();
                SwitchNetworks.Guard(networks.Values, _model);
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
        _nat = new(this, _control, _control.Post, model, translated);
        _nat.Open(isPatient);
        // What was remembered is asked for at once.
        _nat.Tick(new(Environment.TickCount64));
    }
}
