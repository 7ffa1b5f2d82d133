using System.Globalization;
using System.Net;
using SoftSwitch.Addressing;
using SoftSwitch.Errors;
using SoftSwitch.Kinds;
using SoftSwitch.Logging;
using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.Lab;

/// <summary>
/// Makes the plan of a configuration: names the domains, hands out addresses, plays the outside.
/// <para>
/// Where no taps can be had, the host can't be a station of the switch's (it is one by a tap), and its address can't be shared (its own way
/// to the guests is a tap): nat networks then go out with an address of their own, and what that leaves out is named.
/// </para>
/// </summary>
internal sealed class LabPlanner
{
    private const uint RouterNumber = 1, HostNumber = 2, OwnNumber = 10, HostOctet = 254;

    /// <summary>The domain is an octet of the address.</summary>
    private const int MostDomains = 254;

    private readonly LabRung _rung;
    private readonly SwitchModel _model;
    private readonly LabPrefixes _prefixes;
    private readonly Ipv4Subnet _shared;
    private readonly List<string> _domains;
    private readonly int[] _members = new int[MostDomains];
    private readonly List<LabStation> _stations = [];
    private readonly List<LabWire> _wires = [];
    private readonly List<LabOutside> _outsides = [];
    private readonly List<string> _unshared = [];

    private LabPlanner(SwitchModel model, LabRung rung)
    {
        _rung = rung;
        _model = NetworkAddresses.Complete(model, null, static () => [], new RememberedLog());
        if (!HasHost)
            _model = _model with { Networks = [.. _model.Networks.Select(WithoutHost)] };
        _prefixes = new(_model);
        _shared = _prefixes.ForStations();
        _domains = [.. _model.Networks.Where(network => PortsOf(network).Any()).Select(network => network.Name)];
    }

    private bool HasHost => _rung == LabRung.Taps;

    /// <exception cref="CommandException">There are more ports than a lab plays.</exception>
    public static LabPlan Plan(SwitchModel model, LabRung rung)
    {
        if (model.Ports.Count > LabPlan.MaximumStations)
            throw new CommandException(ExitStatus.Mistake,
                $"{model.Ports.Count} ports are more than a lab plays ({LabPlan.MaximumStations}): try a part of the file");
        return new LabPlanner(model, rung).Plan(model);
    }

    private LabPlan Plan(SwitchModel model)
    {
        foreach (var network in _model.Networks)
        {
            var ports = PortsOf(network).ToList();
            var inside = InsideAddresses(network, ports);
            foreach (var port in ports)
                AddPort(network, port, inside.TryGetValue(port.Name, out var address) ? address : null);
        }
        foreach (var network in _model.Networks)
        {
            if (network.Nat is not null)
                AddOutside(network);
        }
        if (HasHost)
            AddHost();
        return new()
        {
            Model = _model with { Networks = [.. _model.Networks.Select(Played)], State = null },
            Stations = _stations,
            Wires = _wires,
            Outsides = _outsides,
            NotShown = [.. HasHost ? [] : NotShown(model)],
        };
    }

    private IEnumerable<string> NotShown(SwitchModel model)
    {
        if (_unshared.Count > 0)
            yield return $"the host's address, shared ({string.Join(", ", _unshared)}: with one of its own here)";
        if (model.Networks.Any(network => network.Mode != NetworkMode.Internal))
            yield return "the host, which is a station by a tap";
    }

    private void AddPort(NetworkModel network, PortModel port, InterfaceAddress? inside)
    {
        var station = new LabStation(_stations.Count, port.Name, port is NicModel ? LabRole.Lan : LabRole.Guest, port, network,
            [NewAddress(network.Name)], inside);
        _stations.Add(station);
        if (port is NicModel nic)
            _wires.Add(new(nic.Interface, network.Name, station.Number, nic.Mtu));
    }

    /// <summary>Addresses in the network's subnet: the file's, those that forwards lead to, and for whoever is left the next free
    /// ones.</summary>
    private static Dictionary<string, InterfaceAddress> InsideAddresses(NetworkModel network, IReadOnlyList<PortModel> ports)
    {
        var inside = new Dictionary<string, InterfaceAddress>();
        foreach (var port in ports)
        {
            if (port is InterfaceModel { Address: { } own })
                inside.Add(port.Name, own);
        }
        if (network is not { Subnet: { } subnet, Gateway: { } gateway })
            return inside;
        var taken = inside.Values.Select(own => own.Address).Append(gateway).ToHashSet();
        var wanted = new Queue<Ipv4Address>((network.Nat?.Forwards ?? []).Where(forward => forward.Address is not null)
            .Select(forward => forward.Address!.Value).Distinct().Where(address => !taken.Contains(address)));
        taken.UnionWith(wanted);
        var next = subnet.First.Value;
        foreach (var port in ports.Where(port => !inside.ContainsKey(port.Name)))
        {
            if (!wanted.TryDequeue(out var address))
            {
                while (taken.Contains(new(next)) && next < subnet.Last.Value)
                    next++;
                if (next > subnet.Last.Value)
                    break;
                address = new(next++);
            }
            inside.Add(port.Name, new(address, subnet.PrefixLength));
        }
        return inside;
    }

    private void AddOutside(NetworkModel network)
    {
        var outside = network.Nat!.Outside;
        var wire = WireFor(outside.Interface);
        var router = wire.Router;
        var seenAs = wire.Host!.Value;
        var hasWay = wire.IsDefault;
        if (outside.Address is { } own)
        {
            seenAs = own;
            router = outside.Gateway ?? new(own.Address.Value == own.Subnet.First.Value ? own.Subnet.Last.Value : own.Subnet.First.Value);
            hasWay = outside.Gateway is not null;
        }
        else if (!HasHost)
        {
            seenAs = new(new(wire.Host.Value.Subnet.Address.Value + OwnNumber), wire.Host.Value.PrefixLength);
            hasWay = true;
            _unshared.Add(network.Name);
        }
        // One more hop away: an address that only the default route, or the gateway that the file names, leads to.
        _outsides.Add(new(network, wire.Interface, wire.Station, seenAs, router,
            hasWay ? wire.Far : router, outside.Address is null && HasHost));
    }

    /// <summary>The wire at an interface; null: where the host's default route leads. A NIC's LAN gets the way out when it is asked
    /// for.</summary>
    private LabWire WireFor(string? name)
    {
        var found = name is null ? _wires.FindIndex(wire => wire.IsDefault) : _wires.FindIndex(wire => wire.Interface == name);
        if (found >= 0 && _wires[found].Host is not null)
            return _wires[found];
        var subnet = _prefixes.ForWire();
        var wire = found >= 0 ? _wires[found] : NewWire(name ?? DefaultInterface());
        wire = wire with
        {
            Host = new(new(subnet.Address.Value + HostNumber), subnet.PrefixLength),
            Router = new(subnet.Address.Value + RouterNumber),
            Far = _prefixes.ForWire().First,
            IsDefault = !_wires.Exists(one => one.IsDefault) && (name is null || !_model.Networks.Any(network => network.Nat is { Outside.Interface: null })),
        };
        if (found >= 0)
            _wires[found] = wire;
        else
            _wires.Add(wire);
        return wire;
    }

    private LabWire NewWire(string name)
    {
        var domain = $"the wire at {name}";
        if (_domains.Count == MostDomains)
            throw new CommandException(ExitStatus.Mistake, $"more networks than a lab plays ({MostDomains}): try a part of the file");
        _domains.Add(domain);
        var others = _stations.Count(station => station.Role == LabRole.Internet);
        var station = new LabStation(_stations.Count, others == 0 ? "INTERNET" : string.Create(CultureInfo.InvariantCulture, $"INTERNET{others + 1}"),
            LabRole.Internet, null, null, [NewAddress(domain)], null);
        _stations.Add(station);
        return new(name, domain, station.Number, 1500);
    }

    /// <summary>A name that the file needs for nothing else.</summary>
    private string DefaultInterface()
    {
        var taken = _model.Ports.Select(port => port is NicModel nic ? nic.Interface : port.Name)
            .Concat(_model.Networks.Select(network => network.HostInterface ?? network.Nat?.Outside.Interface ?? "")).ToHashSet();
        return Enumerable.Range(0, taken.Count + 1).Select(i => string.Create(CultureInfo.InvariantCulture, $"wan{i}")).First(name => !taken.Contains(name));
    }

    private void AddHost()
    {
        var domains = _model.Networks.Where(network => HostIsOn(network)).Select(network => network.Name)
            .Concat(_wires.Where(wire => _stations[wire.Station].Role == LabRole.Internet).Select(wire => wire.Domain)).ToList();
        if (domains.Count > 0)
            _stations.Add(new(_stations.Count, "HOST", LabRole.Host, null, null, [.. domains.Select(domain => NewAddress(domain, HostOctet))], null));
    }

    private bool HostIsOn(NetworkModel network) => PortsOf(network).Any()
        && (network.Mode == NetworkMode.HostOnly || PortsOf(network).Any(port => port is NicModel { IsUplink: true }));

    private IEnumerable<PortModel> PortsOf(NetworkModel network) => _model.Ports.Where(port => port.Network == network.Name);

    private LabAddress NewAddress(string domain, uint? number = null)
    {
        var octet = (uint)_domains.IndexOf(domain) + 1;
        var host = number ?? (uint)++_members[octet - 1];
        return new(domain, new(_shared.Address.Value | octet << 8 | host),
            IPAddress.Parse(string.Create(CultureInfo.InvariantCulture, $"fd00::{octet:x}:{host:x}")));
    }

    private static NetworkModel WithoutHost(NetworkModel network) => network.Mode == NetworkMode.HostOnly
        ? network with { Gateway = null, HostInterface = null }
        : network;

    /// <summary>What is built from the file's network: nothing is written outside the lab, and what this ground can't have is played
    /// another way.</summary>
    private NetworkModel Played(NetworkModel network)
    {
        if (network.Nat is not { } nat)
            return network;
        var outside = _outsides.Find(one => one.Network.Name == network.Name)!;
        return network with
        {
            Nat = nat with
            {
                FlowLog = null,
                Outside = HasHost || nat.Outside.Address is not null
                    ? nat.Outside
                    : nat.Outside with { Interface = outside.Interface, Address = outside.SeenAs, Gateway = outside.Router },
            },
        };
    }
}
