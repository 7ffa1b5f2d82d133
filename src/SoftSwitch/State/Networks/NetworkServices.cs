using SoftSwitch.Addressing;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Forwarding.Services;
using SoftSwitch.Forwarding.Services.Dhcp;
using SoftSwitch.Forwarding.Services.Dns;
using SoftSwitch.Forwarding.Stations;
using SoftSwitch.Model;
using SoftSwitch.Packets;
using SoftSwitch.Persistence;
using SoftSwitch.State.Names;

namespace SoftSwitch.State.Networks;

/// <summary>
/// What a network does for its guests beside carrying their frames: it gives them addresses, and tells them names. Where it translates, its
/// gateway does that; else a station of its own, as long as there is something to do, at an address that the file gives to nobody
/// (<see cref="ServerAddress"/>). Used by the control loop alone, but for what it shows.
/// </summary>
/// <param name="name">The network's.</param>
/// <param name="bridge">Where the guests are.</param>
/// <param name="first">The gateway, ours in it; null: it doesn't translate.</param>
/// <param name="macs">What makes the addresses of stations.</param>
/// <param name="kept">Has what it gave before.</param>
internal sealed class NetworkServices(string name, Bridge bridge, Gateway? first, StationMacs macs, NetworkLeases kept)
{
    private Gateway? _gateway = first;
    private volatile LeaseTable? _leases;
    private volatile Station? _server;
    private volatile GuestNames? _called;
    private ServiceRow? _addresses, _names, _streams;

    /// <summary>What it has given by DHCP; null: it gives nothing. For any thread.</summary>
    public LeaseTable? Leases => _leases;

    /// <summary>Serves where there is no gateway; null: nobody. For any thread.</summary>
    public Station? Server => _server;

    /// <summary>Tells names, and whom it asks; null: nobody does.</summary>
    public NamedNetwork? Names { get; private set; }

    /// <summary>What its addresses are called, told or not; null: nobody knows. For any thread.</summary>
    public GuestNames? Called => _called;

    /// <summary>Another gateway is in the network, or none: to be followed by <see cref="Serve"/>.</summary>
    public void Follow(Gateway? gateway) => _gateway = gateway;

    /// <summary>Gives the guests addresses and tells them names, or others than before, or none any more.</summary>
    public void Serve(NetworkModel network, SwitchModel model)
    {
        var (addresses, names) = (DhcpScopes.Of(network, model), DnsScopes.Of(network, model));
        if (_gateway is null && (addresses?.Server ?? names?.Server) is { } server)
            Place(server, network, model);
        else
            Leave();
        ServeAddresses(addresses);
        _called = DnsScopes.Known(network, model) is { } known ? new(known, _leases) : null;
        if ((_gateway ?? _server) is not { } station)
        {
            Names = null;
            return;
        }
        ServeNames(names, station, DnsScopes.ResolversOf(network));
        ServiceRow[] rows = [.. ((ServiceRow?[])[_addresses, _names, _streams]).OfType<ServiceRow>()];
        station.Services = rows.Length == 0 ? null : new(rows);
    }

    private void ServeAddresses(DhcpScope? scope)
    {
        if (scope is null)
        {
            (_leases, _addresses) = (null, null);
            return;
        }
        // Of another subnet nobody can keep an address.
        if (_leases is { } before && before.Scope.Subnet == scope.Subnet)
        {
            before.Scope = scope;
            return;
        }
        var leases = new LeaseTable(bridge, scope);
        kept.Restore(name, leases);
        _addresses = new DhcpServer(leases).Row;
        _leases = leases;
    }

    private void ServeNames(DnsScope? scope, Station station, IReadOnlyList<Ipv4Address?> resolvers)
    {
        if (scope is null)
        {
            (Names, _names, _streams) = (null, null, null);
            return;
        }
        var server = Names?.Server;
        if (server is null)
        {
            server = new(scope, _leases);
            (_names, _streams) = (server.Row, new DnsStreams(server).Row);
        }
        (server.Scope, server.Leases) = (scope, _leases);
        Names = new(name, server, station, resolvers);
    }

    /// <summary>Takes a place in the network, or stays there.</summary>
    private void Place(Ipv4Address address, NetworkModel network, SwitchModel model)
    {
        if (_server is { } before && (before.Address, before.Subnet) == (address, network.Subnet!.Value))
        {
            before.Mtu = network.Mtu;
            return;
        }
        Leave();
        var server = new Station($"{name}.server", macs.Server(name), address, network.Subnet!.Value, network.Mtu, model.Workers);
        bridge.SetUp(bridge.Attach(server), true);
        _server = server;
    }

    private void Leave()
    {
        if (_server is { Membership: { } member })
            bridge.Detach(member);
        _server = null;
    }
}
