using SoftSwitch.Kinds;
using SoftSwitch.Linux;
using SoftSwitch.Model;
using SoftSwitch.Persistence;
using SoftSwitch.State.Changes;
using SoftSwitch.State.Networks;
using SoftSwitch.State.Ports;

namespace SoftSwitch.State;

/// <summary>Opens the ports that come with a model, one after the other, and can take all of them back. Used by the control loop
/// alone.</summary>
/// <param name="ports">Where they are put.</param>
/// <param name="model">What is to run.</param>
/// <param name="macs">What makes the addresses of stations.</param>
internal sealed class Additions(SwitchPorts ports, SwitchModel model, StationMacs macs)
{
    private readonly List<PortState> _opened = [];

    /// <summary>Opens a port of the file, and what comes with it.</summary>
    /// <exception cref="ChangeRefusedException">An obstacle of the machine.</exception>
    public void Open(PortModel port, NetworkState network)
    {
        Add(port, network);
        if (port is not NicModel { IsUplink: true } uplink)
            return;
        // The host as a neighbor of the guests: where that can't be the rest runs all the same.
        var (host, endpoint) = HostAndUplink.Of(uplink, model, ports.All);
        _opened.Add(ports.AddOrRetry(host, endpoint, network.Bridge));
        network.ModePorts.Add(_opened[^1]);
    }

    /// <summary>Opens the ports that the mode of a network brings.</summary>
    /// <exception cref="ChangeRefusedException">An obstacle of the machine.</exception>
    public void OpenModePorts(NetworkState network)
    {
        foreach (var port in ModePorts.Of(network.Model, macs))
            network.ModePorts.Add(Add(port, network));
    }

    public void TakeBack() => ports.Remove(_opened);

    private PortState Add(PortModel port, NetworkState network)
    {
        try
        {
            _opened.Add(ports.Add(port, PortKinds.Endpoint(port), network.Bridge));
            return _opened[^1];
        }
        catch (Exception e) when (e is SystemCallException or ArgumentException)
        {
            throw new ChangeRefusedException([$"port {port.Name}: {e.Message}"]);
        }
    }
}
