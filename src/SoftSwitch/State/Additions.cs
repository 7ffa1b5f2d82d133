using SoftSwitch.Kinds;
using SoftSwitch.Linux;
using SoftSwitch.Model;
using SoftSwitch.State.Changes;
using SoftSwitch.State.Networks;
using SoftSwitch.State.Ports;

namespace SoftSwitch.State;

/// <summary>Opens the ports that come with a model, one after the other, and can take all of them back. What can't be opened is found all
/// in one go. Used by the control loop alone.</summary>
/// <param name="ports">Where they are put.</param>
/// <param name="isPatient">What this machine can't give now waits and is retried; else it is an obstacle. What it may not give always
/// is one.</param>
/// <param name="goesOn">The program before has run all of it: whatever this machine refuses by now, the rest goes on.</param>
internal sealed class Additions(SwitchPorts ports, bool isPatient, bool goesOn = false)
{
    /// <summary>Ports that an obstacle names.</summary>
    private const int MostNamed = 5;

    private readonly List<PortState> _added = [];
    private readonly List<PortState> _hosts = [];
    private readonly List<string> _obstacles = [];
    private readonly List<(NetworkState Network, PortState Port)> _brought = [];
    private readonly HashSet<NetworkState> _joined = [];
    private readonly List<(PortState Port, NetworkState Network)> _uplinks = [];

    /// <summary>Opens a port of the file.</summary>
    public void Open(PortModel port, NetworkState network)
    {
        if (Add(port, network) is not { } opened)
            return;
        _joined.Add(network);
        if (port is NicModel { IsUplink: true })
            _uplinks.Add((opened, network));
    }

    /// <summary>Opens the ports that come with uplinks, when all of the file are there: the host as a neighbor of the guests. Where that
    /// can't be the rest runs all the same. Those that are there already hear of the new guests.</summary>
    /// <param name="closed">Ports that are there and have given up their names.</param>
    public void OpenHosts(IReadOnlyCollection<PortState> closed)
    {
        foreach (var network in _joined)
            network.TellHost();
        foreach (var (uplink, network) in _uplinks)
        {
            var (host, endpoint) = HostAndUplink.Of(uplink, uplink.Model.Name, uplink.Model.Mtu, ports.All.Except(closed),
                () => HostAndUplink.Guests(ports.All.Select(state => state.Model), network.Model.Name));
            endpoint.ReachesAll = network.Model.HostReach == HostReach.All;
            _hosts.Add(ports.Add(
                host, endpoint, network.Bridge, static e => e is SystemCallException or InvalidOperationException, needs: uplink));
            Bring(_hosts[^1], network);
        }
    }

    /// <summary>Opens a port that the mode of a network brings.</summary>
    public void OpenModePort(PortModel port, NetworkState network)
    {
        if (Add(port, network) is { } opened)
            Bring(opened, network);
    }

    /// <summary>Where one couldn't be opened, or of those that may wait not one could, the change is none.</summary>
    /// <exception cref="ChangeRefusedException">So it is.</exception>
    public void Require()
    {
        if (_obstacles.Count > 0)
            throw new ChangeRefusedException(Some(_obstacles));
        if (!goesOn && _added.Count > 0 && _added.TrueForAll(port => port.Status == PortStatus.Failed || port.Held is not null))
            throw new ChangeRefusedException(Some([.. _added.Select(port => Obstacle(port.Model, port.Reason!))]));
    }

    public void TakeBack()
    {
        foreach (var (network, port) in _brought)
            network.ModePorts.Remove(port);
        ports.Remove([.. _added, .. _hosts]);
    }

    private void Bring(PortState port, NetworkState network)
    {
        network.ModePorts.Add(port);
        _brought.Add((network, port));
    }

    private static string[] Some(List<string> obstacles) => obstacles.Count <= MostNamed ? [.. obstacles]
        : [.. obstacles.Take(MostNamed), $"and {obstacles.Count - MostNamed} more"];

    /// <returns>Null: it can't be.</returns>
    private PortState? Add(PortModel port, NetworkState network)
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
            _obstacles.Add(Obstacle(port, e.Message));
            return null;
        }
    }

    private bool MayWait(Exception e) =>
        goesOn || (isPatient && (e is ArgumentException or SystemCallException { IsForWantOfRights: false }));

    private static string Obstacle(PortModel port, string reason) => $"port {port.Name}: {reason}";
}
