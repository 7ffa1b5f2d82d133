using SoftSwitch.Kinds;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Endpoints.HostNeighbor;
using SoftSwitch.Model;
using SoftSwitch.Persistence;
using SoftSwitch.State.Changes;
using SoftSwitch.State.Networks;
using SoftSwitch.State.Ports;

namespace SoftSwitch.State;

/// <summary>Opens the ports that come with a model, one after the other, and can take all of them back. Used by the control loop
/// alone.</summary>
/// <param name="ports">Where they are put.</param>
/// <param name="macs">What makes the addresses of stations.</param>
/// <param name="isPatient">What this machine can't give now waits and is retried; else it is an obstacle. What it may not give always
/// is one.</param>
internal sealed class Additions(SwitchPorts ports, StationMacs macs, bool isPatient)
{
    /// <summary>Ports that an obstacle names.</summary>
    private const int MostNamed = 5;

    private readonly List<PortState> _added = [];
    private readonly List<PortState> _hosts = [];
    private readonly HashSet<NetworkState> _joined = [];
    private readonly List<(PortState Port, NetworkState Network)> _uplinks = [];

    /// <summary>Opens a port of the file.</summary>
    /// <exception cref="ChangeRefusedException">An obstacle of the machine.</exception>
    public void Open(PortModel port, NetworkState network)
    {
        var opened = Add(port, network);
        _joined.Add(network);
        if (port is NicModel { IsUplink: true })
            _uplinks.Add((opened, network));
    }

    /// <summary>Opens the ports that come with uplinks, when all of the file are there: the host as a neighbor of the guests. Where that
    /// can't be the rest runs all the same. Those that are there already hear of the new guests.</summary>
    public void OpenHosts()
    {
        foreach (var host in _joined.SelectMany(network => network.ModePorts).Select(port => port.Endpoint).OfType<HostNeighborEndpoint>())
            host.Follow();
        foreach (var (uplink, network) in _uplinks)
        {
            var (host, endpoint) = HostAndUplink.Of(uplink, uplink.Model.Name, uplink.Model.Mtu, ports,
                () => HostAndUplink.Guests(ports.All.Select(state => state.Model), network.Model.Name));
            endpoint.ReachesAll = network.Model.HostReach == HostReach.All;
            _hosts.Add(ports.Add(
                host, endpoint, network.Bridge, static e => e is SystemCallException or InvalidOperationException, needs: uplink));
            network.ModePorts.Add(_hosts[^1]);
        }
    }

    /// <summary>Opens the ports that the mode of a network brings.</summary>
    /// <exception cref="ChangeRefusedException">An obstacle of the machine.</exception>
    public void OpenModePorts(NetworkState network)
    {
        foreach (var port in ModePorts.Of(network.Model, macs))
            network.ModePorts.Add(Add(port, network));
    }

    /// <summary>Where not one could be opened, nothing is there that could go on.</summary>
    /// <exception cref="ChangeRefusedException">So it is.</exception>
    public void RequireOne()
    {
        if (_added.Count > 0 && _added.TrueForAll(port => port.Status == PortStatus.Failed || port.Held is not null))
            throw new ChangeRefusedException([.. _added.Take(MostNamed).Select(port => Obstacle(port.Model, port.Reason!)),
                .. _added.Count > MostNamed ? [$"and {_added.Count - MostNamed} more"] : Array.Empty<string>()]);
    }

    public void TakeBack() => ports.Remove([.. _added, .. _hosts]);

    private PortState Add(PortModel port, NetworkState network)
    {
        try
        {
            var endpoint = PortKinds.Endpoint(port);
            endpoint.ReachesAll = network.Model.HostReach == HostReach.All;
            _added.Add(ports.Add(port, endpoint, network.Bridge, MayWait, held: network.Obstacle));
            return _added[^1];
        }
        catch (Exception e) when (e is SystemCallException or ArgumentException)
        {
            throw new ChangeRefusedException([Obstacle(port, e.Message)]);
        }
    }

    private bool MayWait(Exception e) => isPatient && (e is ArgumentException or SystemCallException { IsForWantOfRights: false });

    private static string Obstacle(PortModel port, string reason) => $"port {port.Name}: {reason}";
}
