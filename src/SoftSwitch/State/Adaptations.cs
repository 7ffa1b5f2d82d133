using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Linux;
using SoftSwitch.Model;
using SoftSwitch.State.Changes;
using SoftSwitch.State.Networks;
using SoftSwitch.State.Ports;

namespace SoftSwitch.State;

/// <summary>The ports that stay open in a change: they move to another network, or take what is another where they are. What the machine
/// may refuse comes first, and can be taken back. Used by the control loop alone.</summary>
/// <param name="ports">Where they are.</param>
internal sealed class Adaptations(SwitchPorts ports)
{
    private readonly List<(PortState Port, PortModel After)> _adapting = [];
    private readonly List<(PortState Port, PortModel After, NetworkState To, Membership? Place)> _moving = [];
    private readonly List<(PortState Port, int Before)> _resized = [];

    /// <summary>A port takes what is another where it is.</summary>
    /// <exception cref="ChangeRefusedException">The machine refuses.</exception>
    public void Adapt(PortState port, PortModel after)
    {
        Resize(port, after.Mtu);
        _adapting.Add((port, after));
        // What comes with an uplink is as long as that.
        if (port.NeededBy is { } host && host.Model.Mtu != after.Mtu)
            Adapt(host, host.Model with { Mtu = after.Mtu });
    }

    /// <summary>A port gets a place in another network, where it takes no part yet.</summary>
    /// <exception cref="ChangeRefusedException">The machine refuses.</exception>
    public void Move(PortState port, PortModel after, NetworkState to)
    {
        Resize(port, after.Mtu);
        try
        {
            _moving.Add((port, after, to, ports.Place(port, to.Bridge, after)));
        }
        catch (InvalidOperationException e)
        {
            throw new ChangeRefusedException([$"port {after.Name}: {e.Message}"]);
        }
    }

    public void TakeBack()
    {
        foreach (var (_, _, _, place) in _moving)
        {
            if (place is not null)
                place.Bridge.Detach(place);
        }
        foreach (var (port, before) in _resized)
        {
            try
            {
                port.Resize(before);
            }
            catch (SystemCallException)
            {
                // Its interface is on its way out, which the port hears by news.
            }
        }
    }

    /// <summary>They are what they are to be.</summary>
    /// <param name="networks">Where those that move have been.</param>
    public void Commit(IEnumerable<NetworkState> networks)
    {
        var homes = _moving.Count == 0 ? [] : networks.ToDictionary(network => network.Bridge);
        foreach (var (port, after, to, place) in _moving)
        {
            var from = port.Bridge;
            ports.Move(port, after, to.Bridge, place, to.Obstacle);
            if (from != to.Bridge && homes.GetValueOrDefault(from) is { } home)
                home.Services.Leases?.Release(after.Name);
        }
        foreach (var (port, after) in _adapting)
            ports.Change(port, after);
    }

    private void Resize(PortState port, int mtu)
    {
        var before = port.Model.Mtu;
        if (before == mtu)
            return;
        _resized.Add((port, before));
        try
        {
            port.Resize(mtu);
        }
        catch (SystemCallException e)
        {
            throw new ChangeRefusedException([$"port {port.Model.Name}: mtu {mtu}: {e.Message}"]);
        }
    }
}
