using SoftSwitch.Errors;
using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Forwarding.Stations;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Kinds;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Endpoints.Outside;
using SoftSwitch.Linux.HostFacts;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Logging;
using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.State.Nat;

/// <summary>
/// One outside address that lives, and the nat networks behind it. It has up to two ways out: the wire, by a NIC of the host, and where the
/// host's address is shared, the host itself (<see cref="HostWay"/>), with whom the ports are shared too (<see cref="SharedPorts"/>).
/// <para>
/// It follows the host: when interface, address or MTU change, the wire is made anew; when only routes do, they are exchanged. A translator
/// lives as long as its address, so a link that goes down and up again loses no flow. Used by the control loop alone, but for
/// <see cref="Look"/>.
/// </para>
/// </summary>
internal sealed partial class OutsideState : IDisposable
{
    private const int AnswerMilliseconds = 2000;

    private readonly INatSwitch _running;
    private readonly OutsideModel _model;
    private SwitchModel _switch;
    private readonly NatNetwork[] _networks;
    private readonly Dictionary<int, string> _names;
    private readonly Links _links;
    private readonly NaptOptionsOf _options;
    private readonly ForwardTargets _targets;
    private readonly SharedPorts _ports;
    private readonly AwaitedPorts _awaited;
    private readonly HostWay _host;
    private readonly OwnAddress _own = new();
    private readonly Func<OutsideState, OutsideLink, string?> _taken;
    private volatile OutsideLink? _link;
    private Napt? _translator;
    private volatile OutsideBridge? _wire;
    private volatile string? _obstacle;
    /// <param name="running">The switch that it is part of.</param>
    /// <param name="model">What is to run.</param>
    /// <param name="networks">At least one, all with the same outside.</param>
    /// <param name="links">The host's interfaces.</param>
    /// <param name="taken">The network that shares the host's address on an interface already, by another name for it; null: none.</param>
    public OutsideState(
        INatSwitch running, SwitchModel model, NatNetwork[] networks, Links links, Func<OutsideState, OutsideLink, string?> taken)
    {
        _switch = model;
        _taken = taken;
        _running = running;
        _networks = networks;
        _names = networks.ToDictionary(network => network.Policy, network => network.Model.Name);
        Name = networks[0].Model.Name;
        _links = links;
        _model = networks[0].Nat.Outside;
        _options = new(networks);
        _targets = new(model, networks, running.Addresses, () => running.Ports.All, running.Log);
        _ports = new(networks);
        _awaited = new(_ports, _targets, Name, running.Log);
        _host = new(running, Name, links);
        NaptFlowLog[] logs = [.. new[] { _options.WireLog, _options.HostLog }.OfType<NaptFlowLog>()];
        FlowLog = logs.Length > 0 ? new(networks, logs, running.Log) : null;
    }

    /// <summary>What may be seen of it from any thread.</summary>
    public OutsideSnapshot Look()
    {
        Outside[] outsides = [.. Outsides];
        return new(
            _names, Interface, _wire?.Station.Address, _obstacle,
            outsides, [.. outsides.Select(outside => outside.Translator)], _targets.Status, _ports.Sockets.Refused,
            _host.Refused, _host.GivenUp);
    }

    /// <summary>What its ports and its news are called: the first of the networks with which it began.</summary>
    public string Name { get; }

    /// <summary>The interface that leads out; null while there is no way out.</summary>
    public string? Interface => _link?.Interface;

    /// <summary>The stations that have something to do from time to time.</summary>
    public IEnumerable<Station> Stations => Outsides;

    /// <summary>The record of its flows, which outlives it for a moment; null: none is asked for.</summary>
    public FlowLogFile? FlowLog { get; }

    /// <summary>What becomes of this interface of the host matters here; while there is no way out, any may become one.</summary>
    public bool DependsOn(int index) =>
        _link is not { } link || link.Index == index || _host.Index == index || Array.Exists(_networks, network => network.ReachesAll);

    /// <summary>Ports that the host's kernel may choose as well.</summary>
    public IEnumerable<TransportPorts> ChosenByHost => IsShared ? _ports.ChosenByHost : [];

    /// <summary>The outside address is the host's.</summary>
    public bool IsShared => _model.Address is null;

    /// <summary>Opens what there is to open at start.</summary>
    /// <param name="isPatient">What isn't there yet comes when it is; else one that is named must be there.</param>
    /// <returns>False: something was refused, and is to be tried again.</returns>
    /// <exception cref="StartRefusedException">It isn't, or the machine refused what it won't give later.</exception>
    public bool Open(HostIpv4 host, bool isPatient)
    {
        try
        {
            var obstacle = Bring(host, AnswerMilliseconds);
            if (obstacle is not null && (_model.Interface is not null || _own.IsAwaited) && !isPatient)
                throw new StartRefusedException($"network {Name}: outside: {obstacle}");
            Begin(obstacle);
            return !_own.IsAwaited;
        }
        catch (Exception e) when (isPatient && e is OutOfMemoryException or SystemCallException { IsForWantOfRights: false })
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
            return !_own.IsAwaited;
        }
        catch (Exception e)
        {
            Tell(Mistake.Text(e));
            return false;
        }
    }

    /// <summary>Takes what <see cref="Change"/> needs and may not get.</summary>
    /// <exception cref="OutOfMemoryException">It can't be had, and nothing is another.</exception>
    public void Prepare(SwitchModel model) =>
        _options.ForChanged(model, _translator, _host.Way?.Translator, static (translator, _, policy) => translator.Prepare(policy));

    /// <summary>Another model runs, in which no more than translation is another for these networks: their flows stay.</summary>
    public void Change(SwitchModel model, Instant now)
    {
        _options.ForChanged(model, _translator, _host.Way?.Translator,
            (translator, number, policy) => translator.SetPolicy(number, policy, now));
        // A network is another when its translators know.
        Array.ForEach(_networks, network => network.Model = network.In(model));
        _switch = model;
    }

    public void Dispose()
    {
        Publish(null);
        var toHost = _host.Way?.Translator;
        CloseWire();
        _host.Dispose();
        _ports.Dispose();
        EndFlows(_translator);
        EndFlows(toHost);
        FlowLog?.Finish();
    }

    /// <param name="host">What the host has now.</param>
    /// <param name="milliseconds">How long it may wait for who may have an address of our own.</param>
    /// <returns>Why there is no way out; null: there is one, or nobody has answered yet who may have the address.</returns>
    private string? Bring(HostIpv4 host, int milliseconds)
    {
        var link = OutsideLink.Find(_model, _links, host, _link, out var obstacle);
        if (link is not null && IsShared && _taken(this, link) is { } other)
        {
            obstacle = $"network {other} shares the address of {link.Interface} already and names it otherwise: "
                + "write the same interface: in both, and they share it";
            link = null;
        }
        if (link is not null && !IsShared && (link != _link || _wire is null)
            && !_own.IsFree(link, _running.Macs.Outside(link.Address), milliseconds, out var taken))
        {
            obstacle = taken;
            link = null;
        }
        if (link is null)
        {
            // Nothing leaves with an address that isn't ours any more; the flows live on until it comes back.
            Publish(null);
            CloseWire();
            _link = null;
            return obstacle;
        }
        if (link != _link || _wire is null)
        {
            Publish(null);
            CloseWire();
            OpenWire(link, host);
            _running.Log.News(LogSubject.OfOutside(Name), LogLevel.Info,
                $"by {link.Interface} as {link.Address}{(IsShared ? $", the host's, with ports {_model.Ports}" : "")}");
        }
        else
        {
            _wire!.Station.NextHops = link.NextHops(_model, host);
        }
        _targets.ApplyChanged(Outsides, new(Environment.TickCount64));
        // The world is reached also while something is wrong with the way to the host.
        Publish(host);
        if (IsShared)
        {
            Ipv4Address[] reached = [.. _networks.SelectMany(network => network.Reached(host, link.Index)).Distinct()];
            if (_host.Follow(link, host, reached, address => _options.Translator(address, isHost: true), Inside))
                _targets.Renew();
            _targets.ApplyChanged(Outsides, new(Environment.TickCount64));
            Publish(host);
            _host.Listen(_ports, isNews: false);
        }
        return null;
    }

    private void OpenWire(OutsideLink link, HostIpv4 host)
    {
        if (_translator?.OutsideAddress != link.Address)
        {
            (var before, _translator) = (_translator, _options.Translator(link.Address, isHost: false));
            EndFlows(before);
        }
        // An address of its own has a MAC of its own, which no other host on that LAN makes.
        var mac = IsShared ? link.HostMac : _running.Macs.Outside(link.Address);
        var port = new NicModel
        {
            Name = $"{Name}.out", Network = Name, Interface = link.Interface, Mtu = link.Mtu, Mac = IsShared ? null : mac,
        };
        // The guard stands before the first packet can be translated.
        if (IsShared)
        {
            _awaited.Take(new(Environment.TickCount64));
            _ports.Guard(link);
        }
        var filter = IsShared ? OutsideFilter.Shared(link.Address, _ports.All) : OutsideFilter.Own(mac, link.Address);
        var endpoint = new OutsideEndpoint(
            new(port.Name, link.Interface, link.Mtu, port.Mac), filter, IsShared ? _ports.Hear(link.Address, _translator) : null,
            IsShared ? null : link.Address);
        _wire = OutsideBridge.Open(_running, port, endpoint, () => new(
            port.Name, mac, link.Address, link.Subnet, link.Mtu, _running.Workers.Count, _translator,
            ownsAddress: !IsShared, link.NextHops(_model, host)) { Inside = Inside });
        _link = link;
        _targets.Renew();
    }

    /// <summary>Tells the gateways where packets can go now.</summary>
    private void Publish(HostIpv4? host)
    {
        var inside = _switch.Networks.Select(network => network.Subnet).OfType<Ipv4Subnet>().ToArray();
        foreach (var network in _networks)
            network.Gateway.Ways = host is null ? new([], null, [], inside)
                : new(_wire is { } wire ? [wire.Station] : [], _host.Way?.Station, [.. network.Reached(host, _link?.Index ?? 0)], inside);
    }

    private void CloseWire()
    {
        _ports.EndHearing();
        _wire?.Close(_running);
        _wire = null;
    }

    /// <summary>The flows of a translator that no worker uses any more end with it.</summary>
    private void EndFlows(Napt? translator)
    {
        if (translator is null || FlowLog is null)
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

    private IEnumerable<Outside> Outsides => new[] { _wire, _host.Way }.OfType<OutsideBridge>().Select(way => way.Station);

    private InsideNetworks Inside => new([.. _networks.Select(network => network.Gateway)],
        [.. _switch.Networks.Where(one => one.Mode == NetworkMode.Nat).Select(one => one.Subnet).OfType<Ipv4Subnet>()]);
}
