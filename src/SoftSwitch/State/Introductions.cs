using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Kinds;
using SoftSwitch.Model;
using SoftSwitch.State.Ports;

namespace SoftSwitch.State;

/// <summary>
/// Who is to be told which MAC an address has now: whoever comes back after a restart may remember another one, and would wait until it
/// has run out. Where a port comes up, the
/// gateway or the host says its address to all of that network, once for many ports that come at one moment; and an interface that was
/// given an address says its own, a few a second, for each is
/// heard by everybody. Used by the control loop alone.
/// </summary>
internal sealed class Introductions(SwitchModel model)
{
    private const int PortsPerTick = 16;

    private readonly HashSet<string> _hosts = [.. model.Networks.Select(network => network.HostInterface).OfType<string>()];
    private readonly Queue<PortState> _newcomers = [];
    private HashSet<Bridge> _bridges = [];

    /// <summary>A port has come up.</summary>
    public void Add(PortState state)
    {
        _bridges.Add(state.Bridge);
        if (state.Model is InterfaceModel { Address: not null } && !IsHost(state))
            _newcomers.Enqueue(state);
    }

    /// <summary>The bridges in which a port has come up since the last call; the host has said its address there.</summary>
    public IReadOnlySet<Bridge> TakeBridges(IEnumerable<PortState> all)
    {
        if (_bridges.Count == 0)
            return _bridges;
        var bridges = _bridges;
        _bridges = [];
        if (_hosts.Count > 0)
        {
            foreach (var state in all.Where(state => IsHost(state) && bridges.Contains(state.Bridge)))
                state.Endpoint.Announce();
        }
        return bridges;
    }

    /// <summary>About once a second: some of the ports that have come up say their addresses.</summary>
    public void Tick()
    {
        for (var left = PortsPerTick; left > 0 && _newcomers.TryDequeue(out var state); left--)
            state.Endpoint.Announce();
    }

    /// <summary>The host's interface in a host-only network is named like its port.</summary>
    private bool IsHost(PortState state) => state.Model is TapModel && _hosts.Contains(state.Model.Name);
}
