using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Linux;
using SoftSwitch.Model;
using SoftSwitch.State.Ports;

namespace SoftSwitch.State;

/// <summary>
/// Who is to be told which MAC an address has now: whoever comes back after a restart may remember another one, and would wait until it
/// has run out. Where a port comes up, the gateway or the host says its address to all of that network, once for many ports that come at
/// one moment; and an interface that was given an address says its own, a few a second, for each is heard by everybody. Used by the control
/// loop alone.
/// </summary>
/// <param name="failed">Told what a port's endpoint threw.</param>
internal sealed class Introductions(Action<PortState, Exception> failed)
{
    private const int PortsPerTick = 16;

    private readonly Queue<PortState> _newcomers = [];
    private HashSet<Bridge> _bridges = [];

    /// <summary>A port has come up.</summary>
    public void Add(PortState state)
    {
        _bridges.Add(state.Bridge);
        if (state.Model is InterfaceModel { Address: not null })
            _newcomers.Enqueue(state);
    }

    /// <summary>The bridges in which a port has come up since the last call.</summary>
    public IReadOnlySet<Bridge> TakeBridges()
    {
        var bridges = _bridges;
        _bridges = [];
        return bridges;
    }

    /// <summary>About once a second: some of the ports that have come up say their addresses.</summary>
    /// <param name="isHost">Whether a port is the host's, who speaks with the gateways.</param>
    public void Tick(Func<PortState, bool> isHost)
    {
        for (var left = PortsPerTick; left > 0 && _newcomers.TryDequeue(out var state);)
        {
            // One that has gone since has nothing to say.
            if (isHost(state) || state.Port is null)
                continue;
            Bulkhead.Run(state.Endpoint.Announce, e => failed(state, e));
            left--;
        }
    }
}
