using SoftSwitch.Errors;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Kinds;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Endpoints;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Linux.Privileges;
using SoftSwitch.Linux.Workers;
using SoftSwitch.Logging;
using SoftSwitch.Model;
using SoftSwitch.Packets;
using SoftSwitch.Persistence;
using SoftSwitch.State.Changes;
using SoftSwitch.State.Names;
using SoftSwitch.State.Nat;
using SoftSwitch.State.Networks;
using SoftSwitch.State.Ports;

namespace SoftSwitch.State;

/// <summary>
/// A configuration that lives: workers, networks and ports (Config → Model → State). It becomes what a model says by the difference to what
/// runs, and starting is the difference to nothing: <see cref="Apply(SwitchModel)"/>. One control loop owns all of it; what the API shows
/// is read beside that, never through it.
/// <para>
/// A model is applied as a whole or not at all: the first obstacle undoes what was begun. Only at a start that isn't strict, what the
/// machine can't give now waits. A port that waits for that, or fails later, is closed, counted, reported and retried, less and less
/// often, but at once when its interface comes back; the rest goes on.
/// </para>
/// </summary>
internal sealed class RunningSwitch : INatSwitch, IDisposable
{
    private readonly ControlLoop _control;
    private readonly PortNews _news;
    private readonly SwitchNetworks _networks;
    private readonly AwaitedSubnets _subnets;
    private readonly Introductions _introductions;
    private readonly LinkWatch _links;
    private readonly NamespaceResolvers _resolvers;
    private readonly HostNames _hostNames;
    private IDisposable? _own;
    private UpstreamNames? _names;
    private volatile SwitchModel? _model;
    private volatile NatState? _nat;

    private RunningSwitch(
        StationMacs macs, AddressMemory addresses, LeaseMemory leases, OutsideLeaseMemory outsideLeases, ISwitchLog log, InterfaceMark mark)
    {
        (Macs, Addresses, OutsideLeases, Log) = (macs, addresses, outsideLeases, log);
        _control = new(Tick, Broken);
        Workers = new((port, reason) => _control.Post(() => Ports!.Fail(port, reason)), e => log.Failed(new("workers"), e));
        _news = new(log);
        _networks = new(log, leases);
        _introductions = new(_news.TellMistake);
        _links = new(_control, Heard, Broken);
        _resolvers = new(log, mark);
        _hostNames = HostNames.Start(log, _control.Post);
        Ports = new(
            new(Workers, _control, _links, _news, HostAndUplink.Join, _introductions.Add) { Mark = mark },
            Workers, _news, _networks.Brought, _control.Post);
        _subnets = new(Ports, log);
    }

    public StationMacs Macs { get; }

    public AddressMemory Addresses { get; }

    public OutsideLeaseMemory OutsideLeases { get; }

    public ISwitchLog Log { get; }

    public SwitchWorkers Workers { get; }

    public SwitchPorts Ports { get; }

    public Bridge? BridgeOn(int index, string name) => Ports.All.FirstOrDefault(
        port => port is { Model: NicModel { IsUplink: true }, Endpoint: InterfaceEndpoint nic }
            && (nic.Index == 0 ? nic.LatestName == name : nic.Index == index))?.Bridge;

    public DateTimeOffset Started { get; } = DateTimeOffset.UtcNow;

    /// <summary>What may be seen of it from any thread: the parts that its control loop has published.</summary>
    public SwitchSnapshot Look() =>
        new(_model!, Started, new(Environment.TickCount64), _networks.Look(), Ports.Look(), _nat?.Look() ?? []);

    /// <summary>Opens everything, or what this machine can give.</summary>
    /// <param name="model">What to run.</param>
    /// <param name="isStrict">All or nothing; else what the machine can't give now comes by itself when it can.</param>
    /// <param name="macs">What makes the addresses of stations.</param>
    /// <param name="addresses">By which addresses guests were known before; disposed of with the switch.</param>
    /// <param name="leases">What they were given before; disposed of with the switch.</param>
    /// <param name="outsideLeases">What networks were lent outside before; disposed of with the switch.</param>
    /// <param name="log">Where news goes.</param>
    /// <param name="mark">What it writes on interfaces that outlive it; left out: nobody else is there.</param>
    /// <exception cref="StartRefusedException">An obstacle of the machine: where it isn't strict, one that is for want of rights, or there
    /// is no port without one.</exception>
    public static RunningSwitch Start(
        SwitchModel model, bool isStrict, StationMacs macs, AddressMemory addresses, LeaseMemory leases, OutsideLeaseMemory outsideLeases,
        ISwitchLog log, InterfaceMark? mark = null)
    {
        mark ??= InterfaceMark.Nameless;
        var running = new RunningSwitch(macs, addresses, leases, outsideLeases, log, mark);
        try
        {
            running.Apply(model, isPatient: !isStrict);
            running._control.Invoke(() => LeftTaps.Remove(model, mark, log));
            return running;
        }
        catch (Exception e)
        {
            running.Dispose();
            if (e is ChangeRefusedException)
                throw new StartRefusedException(e.Message);
            throw;
        }
    }

    /// <summary>
    /// Makes what runs what a model says, or changes nothing. What isn't another is not touched: its ports aren't opened anew, its stations
    /// and flows stay, its counters go on. Returns when all is done.
    /// </summary>
    /// <param name="model">What is to run.</param>
    /// <exception cref="ChangeRefusedException">All that can't be changed while it runs, or what the machine refused.</exception>
    public void Apply(SwitchModel model) => Apply(model, isPatient: false);

    /// <summary>Leaves the machine as it was found, but for taps that guests hold.</summary>
    public void Dispose()
    {
        _control.Invoke(() =>
        {
            Step(_resolvers.Dispose);
            Step(() => _names?.Dispose());
            Step(() => _nat?.Dispose());
            _nat = null;
            Step(Workers.Dispose);
            Step(() => Ports.Remove(Ports.All));
            Step(_networks.Dispose);
            Step(() => _own?.Dispose());
        });
        _control.Dispose();
        Addresses.Dispose();
        OutsideLeases.Dispose();
    }

    private void Apply(SwitchModel model, bool isPatient) =>
        _control.Invoke(() => Become(Macs.Complete(isPatient ? _subnets.Complete(model) : model), isPatient));

    /// <summary>What the machine may refuse comes first: memory and what is to be opened. The rest it can't: what goes is closed, what
    /// changes is told.</summary>
    private void Become(SwitchModel model, bool isPatient)
    {
        var difference = ModelDifference.Between(_model, model);
        if (_model is null)
        {
            Workers.Start(model, patient: isPatient ? Log : null);
            Step(HearOwnNamespace);
        }
        else if (WhileRunning.Obstacles(difference, _networks.ModePorts, Capabilities.Has) is { Count: > 0 } obstacles)
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

    /// <summary>Says the addresses of ours where a port has come up: who comes back may know them by other MACs.</summary>
    private void Introduce()
    {
        if (_introductions.TakeBridges() is not { Count: > 0 } bridges)
            return;
        _networks.AnnounceIn(bridges);
        _nat?.AnnounceIn(bridges);
    }

    private void Heard(IReadOnlySet<string>? interfaces)
    {
        Step(() => Ports.Heard(interfaces));
        Step(Introduce);
    }

    private void Tick(long now)
    {
        if (_model is not { } model)
            return;
        Step(() => Workers.Tick(now));
        Step(() => _subnets.Tick(model, now));
        Step(() => Ports.Tick(now));
        Step(() => _introductions.Tick(_networks.Brought));
        Step(Introduce);
        Step(() => _nat?.Tick(new(now)));
        Step(() => _networks.Tick(model, new(now)));
        Step(() => _networks.Tick(Workers.First, Broken));
        Step(() => TellHost(now));
    }

    private NamedNetwork[] Named => [.. _networks.All.Select(network => network.Services.Names).OfType<NamedNetwork>()];

    private void TellHost(long now) => _hostNames.Follow([.. ResolvedLink.Of(_model!, Named, Ports.All)], now);

    /// <summary>One of several that don't depend on each other.</summary>
    private void Step(Action step) => Bulkhead.Run(step, Broken);

    private void Broken(Exception e) => Log.Failed(new("control"), e);
}
