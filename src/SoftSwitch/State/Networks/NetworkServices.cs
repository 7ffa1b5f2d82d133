using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Forwarding.Services;
using SoftSwitch.Forwarding.Services.Dhcp;
using SoftSwitch.Forwarding.Services.Dns;
using SoftSwitch.Forwarding.Stations;
using SoftSwitch.Model;
using SoftSwitch.Persistence;
using SoftSwitch.State.Names;

namespace SoftSwitch.State.Networks;

/// <summary>
/// What a network does for its guests beside carrying their frames: it gives them addresses, and tells them names. Where it translates, its
/// gateway does that; else a station of its own gives addresses, as long as there is something to do, at one that the file gives to nobody
/// (<see cref="DhcpScopes.ServerOf"/>). Used by the control loop alone, but for what it shows.
/// </summary>
/// <param name="name">The network's.</param>
/// <param name="bridge">Where the guests are.</param>
/// <param name="gateway">Ours in it; null: it doesn't translate.</param>
/// <param name="macs">What makes the addresses of stations.</param>
/// <param name="kept">Has what it gave before.</param>
internal sealed class NetworkServices(string name, Bridge bridge, Gateway? gateway, StationMacs macs, NetworkLeases kept)
{
    private volatile LeaseTable? _leases;
    private volatile Station? _server;
    private ServiceRow? _addresses, _names, _streams;

    /// <summary>What it has given by DHCP; null: it gives nothing. For any thread.</summary>
    public LeaseTable? Leases => _leases;

    /// <summary>Serves where there is no gateway; null: nobody. For any thread.</summary>
    public Station? Server => _server;

    /// <summary>Tells names at the gateway, and whom it asks; null: nobody does.</summary>
    public NamedNetwork? Names { get; private set; }

    /// <summary>Gives the guests addresses and tells them names, or others than before, or none any more.</summary>
    public void Serve(NetworkModel network, SwitchModel model)
    {
        var station = ServeAddresses(network, model) ?? gateway;
        ServeNames(network, model);
        if (station is null)
            return;
        ServiceRow[] rows = [.. ((ServiceRow?[])[_addresses, _names, _streams]).OfType<ServiceRow>()];
        station.Services = rows.Length == 0 ? null : new(rows);
    }

    /// <returns>Where addresses are given; null: nowhere.</returns>
    private Station? ServeAddresses(NetworkModel network, SwitchModel model)
    {
        if (network.Dhcp is null || DhcpScopes.Of(network, model) is not { } scope)
        {
            (_leases, _addresses) = (null, null);
            Leave();
            return null;
        }
        if (_leases is { } leases)
        {
            leases.Scope = scope;
        }
        else
        {
            leases = new(bridge, scope);
            kept.Restore(name, leases);
            _addresses = new DhcpServer(leases).Row;
        }
        var station = gateway ?? Place(network, model, scope);
        _leases = leases;
        return station;
    }

    private void ServeNames(NetworkModel network, SwitchModel model)
    {
        if (gateway is null || network.Dns is not { } dns || DnsScopes.Of(network, model) is not { } scope)
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
        Names = new(name, server, gateway, dns.Servers);
    }

    /// <summary>Takes a place in the network, or stays there.</summary>
    private Station Place(NetworkModel network, SwitchModel model, DhcpScope scope)
    {
        if (_server is { } before && before.Address == scope.Server)
            return before;
        Leave();
        var server = new Station(
            $"{name}.server", macs.Server(name), scope.Server, scope.Subnet, network.Mtu, model.Workers);
        bridge.SetUp(bridge.Attach(server), true);
        return _server = server;
    }

    private void Leave()
    {
        if (_server is { Membership: { } member })
            bridge.Detach(member);
        _server = null;
    }
}
