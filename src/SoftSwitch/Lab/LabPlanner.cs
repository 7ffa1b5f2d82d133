using SoftSwitch.Addressing;
using SoftSwitch.Errors;
using SoftSwitch.Kinds;
using SoftSwitch.Logging;
using SoftSwitch.Model;

namespace SoftSwitch.Lab;

/// <summary>
/// Makes the plan of a configuration: names the domains, hands out addresses, plays the outside.
/// <para>
/// Two things take a tap: the host as a station of the switch, and sharing the host's address. Where no taps can be had, nat networks go
/// out with an address of their own, and what that leaves out is named.
/// </para>
/// </summary>
internal sealed class LabPlanner
{
    private const uint OwnNumber = 10, HostOctet = 254;

    private readonly LabRung _rung;
    private readonly SwitchModel _model;
    private readonly LabDomains _domains;
    private readonly List<LabStation> _stations = [];
    private readonly LabWires _wires;
    private readonly List<LabOutside> _outsides = [];
    private readonly List<string> _unshared = [], _leased = [];

    private LabPlanner(SwitchModel model, LabRung rung)
    {
        _rung = rung;
        _model = NetworkAddresses.Complete(model, null, static () => [], new RememberedLog());
        if (!HasHost)
            _model = _model with { Networks = [.. _model.Networks.Select(WithoutHost)] };
        var prefixes = new LabPrefixes(_model);
        _domains = new(prefixes.ForStations());
        foreach (var network in _model.Networks.Where(network => PortsOf(network).Any()))
            _domains.Add(network.Name);
        _wires = new(_model, prefixes, _domains, _stations);
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
            var inside = InsideAddresses.Of(network, ports, areTold: _rung != LabRung.Memory);
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
            Wires = _wires.All,
            Outsides = _outsides,
            NotShown = [.. HasHost ? [] : NotShown(model), .. NotLeased()],
        };
    }

    private IEnumerable<string> NotLeased()
    {
        if (_leased.Count > 0)
            yield return $"an outside address by DHCP ({string.Join(", ", _leased)}: with one that is written here)";
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
        var leadsToLan = PortKinds.Of(port).LeadsToLan;
        var station = new LabStation(_stations.Count, port.Name, leadsToLan ? LabRole.Lan : LabRole.Guest, port, network,
            [_domains.NewAddress(network.Name)], inside)
        {
            BootsByDhcp = inside is null && network is { Dhcp: not null, Subnet: not null },
        };
        _stations.Add(station);
        if (leadsToLan)
            _wires.All.Add(new(((InterfaceModel)port).Interface, network.Name, station.Number, port.Mtu));
    }

    private void AddOutside(NetworkModel network)
    {
        var outside = network.Nat!.Outside;
        var wire = _wires.For(outside.Interface);
        var router = wire.Router;
        var seenAs = wire.Host!.Value;
        var hasWay = wire.IsDefault;
        if (outside.Address is { } own)
        {
            seenAs = own;
            router = outside.Gateway ?? new(own.Address.Value == own.Subnet.First.Value ? own.Subnet.Last.Value : own.Subnet.First.Value);
            hasWay = outside.Gateway is not null;
        }
        else if (outside.IsLeased || !HasHost)
        {
            // Each that leases has another.
            var number = OwnNumber + (uint)_outsides.Count(other => other.Network.Nat!.Outside.IsLeased);
            seenAs = new(new(wire.Host.Value.Subnet.Address.Value + number), wire.Host.Value.PrefixLength);
            hasWay = true;
            (outside.IsLeased ? _leased : _unshared).Add(network.Name);
        }
        // One more hop away: an address that only the default route, or the gateway that the file names, leads to.
        _outsides.Add(new(network, wire.Interface, wire.Station, seenAs, router,
            hasWay ? wire.Far : router, outside.SharesHost && HasHost));
    }

    private void AddHost()
    {
        var domains = _model.Networks.Where(network => HostIsOn(network)).Select(network => network.Name)
            .Concat(_wires.All.Where(wire => _stations[wire.Station].Role == LabRole.Internet).Select(wire => wire.Domain)).ToList();
        if (domains.Count > 0)
            _stations.Add(new(_stations.Count, "HOST", LabRole.Host, null, null,
                [.. domains.Select(domain => _domains.NewAddress(domain, HostOctet))], null));
    }

    private bool HostIsOn(NetworkModel network) => PortsOf(network).Any()
        && (network.Mode == NetworkMode.HostOnly || PortsOf(network).Any(port => port is NicModel { IsUplink: true }));

    private IEnumerable<PortModel> PortsOf(NetworkModel network) => _model.Ports.Where(port => port.Network == network.Name);

    private static NetworkModel WithoutHost(NetworkModel network) => network.Mode == NetworkMode.HostOnly
        ? network with { Gateway = null, HostInterface = null }
        : network;

    /// <summary>What is built from the file's network: nothing is written outside the lab, and what this ground can't have is played
    /// another way.</summary>
    private NetworkModel Played(NetworkModel network)
    {
        network = network with { Dns = network.Dns is { } dns ? dns with { TellsHost = false } : null };
        if (network.Nat is not { } nat)
            return network;
        var outside = _outsides.Find(one => one.Network.Name == network.Name)!;
        return network with
        {
            Nat = nat with
            {
                FlowLog = null,
                Outside = nat.Outside.Address is not null || (HasHost && nat.Outside.SharesHost)
                    ? nat.Outside
                    : nat.Outside with
                    {
                        Interface = outside.Interface, Address = outside.SeenAs, IsLeased = false, Gateway = outside.Router,
                    },
            },
        };
    }
}
