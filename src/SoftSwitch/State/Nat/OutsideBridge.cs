using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Model;
using SoftSwitch.State.Ports;

namespace SoftSwitch.State.Nat;

/// <summary>One way out of translating networks: a bridge of its own with a port to the world or to the host, and the station that
/// translates.</summary>
internal sealed record OutsideBridge(PortState Port, Bridge Bridge, Outside Station)
{
    /// <summary>Stations on the link that are told apart; a router and some neighbors are usual.</summary>
    private const int Stations = 4096;

    public Napt Translator => Station.Translator;

    /// <summary>Opens the port, and puts the station in place behind it.</summary>
    /// <param name="station">Made when the port is open; where that fails, nothing of the port is left either.</param>
    /// <exception cref="Linux.SystemCallException">The port can't be opened; nothing of it is left.</exception>
    public static OutsideBridge Open(INatSwitch running, PortModel port, Endpoint endpoint, Func<Outside> station)
    {
        var bridge = new Bridge(port.Name, TimeSpan.FromSeconds(300), Stations);
        var state = running.Ports.Add(port, endpoint, bridge);
        try
        {
            var inner = station();
            bridge.SetUp(bridge.Attach(inner), true);
            return new(state, bridge, inner);
        }
        catch
        {
            running.Ports.Remove([state]);
            throw;
        }
    }

    /// <summary>Closes it: when this returns, no worker is in it.</summary>
    public void Close(INatSwitch running)
    {
        Bridge.Detach(Station.Membership!);
        running.Ports.Remove([Port]);
        // Guests' ports may still lead here, until every worker has ended its turn.
        running.Workers.Settle();
    }
}
