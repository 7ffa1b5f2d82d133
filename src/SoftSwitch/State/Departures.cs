using SoftSwitch.Model;
using SoftSwitch.State.Changes;
using SoftSwitch.State.Networks;
using SoftSwitch.State.Ports;

namespace SoftSwitch.State;

/// <summary>The ports that go with a change. They are there until nothing can be refused any more, but for those that are in the way of
/// what comes: these are closed before, and opened again where the change is refused. Used by the control loop alone.</summary>
/// <param name="ports">Where they are.</param>
internal sealed class Departures(SwitchPorts ports)
{
    private readonly HashSet<PortState> _leaving = [];
    private PortState[] _closed = [];

    /// <summary>Those that are closed already.</summary>
    public IReadOnlyCollection<PortState> Closed => _closed;

    /// <summary>A port goes.</summary>
    public bool Has(PortState port) => _leaving.Contains(port);

    /// <summary>A port is to go, and what comes with it.</summary>
    public void Add(PortState port)
    {
        _leaving.Add(port);
        if (port.NeededBy is { } other)
            _leaving.Add(other);
    }

    /// <summary>Closes those that what comes can't be open beside.</summary>
    public void MakeRoomFor(IReadOnlyCollection<PortModel> coming)
    {
        var inTheWay = _leaving.Where(port => coming.Any(one => Collision.Of(port.Model, one))).ToHashSet();
        _closed = [.. _leaving.Where(port => inTheWay.Contains(port) || (port.Needs is { } needed && inTheWay.Contains(needed)))];
        ports.Suspend(_closed);
    }

    public void TakeBack() => ports.Resume(_closed);

    /// <summary>They go.</summary>
    /// <param name="networks">Those that have brought some of them.</param>
    public void Commit(IEnumerable<NetworkState> networks)
    {
        if (_leaving.Count == 0)
            return;
        ports.Remove(_leaving);
        foreach (var network in networks)
            network.ModePorts.RemoveAll(_leaving.Contains);
    }
}
