using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Kinds;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Endpoints.HostNeighbor;
using SoftSwitch.Linux.Endpoints.Outside;
using SoftSwitch.State.Ports;

namespace SoftSwitch.State.Nat;

/// <summary>
/// The LAN of a NIC on which stations of ours have addresses of their own: one bridge, in which they are machines beside the host. Whoever
/// of them speaks to another is switched here, for neither wire nor kernel brings back to a NIC what has left by it.
/// <code>
///   wire ── NIC ──┬── c.out, d.out, …      (stations)
///   host ── sh-NIC┘                        (as in a bridged network, HostNeighborEndpoint)
/// </code>
/// Used by the control loop alone.
/// </summary>
internal sealed class OwnLan
{
    /// <summary>Stations on the link that are told apart; a router and some neighbors are usual.</summary>
    private const int Stations = 4096;

    private readonly LanEndpoint _endpoint;
    private readonly PortState _wire;
    private readonly PortState _host;

    private OwnLan(Bridge bridge, LanEndpoint endpoint, PortState wire, PortState host) =>
        (Bridge, _endpoint, _wire, _host) = (bridge, endpoint, wire, host);

    public Bridge Bridge { get; }

    /// <summary>No station is there.</summary>
    public bool IsEmpty => _endpoint.Stations.Count == 0;

    /// <param name="network">The first network with a station there.</param>
    /// <param name="port">What the NIC's port is called.</param>
    /// <exception cref="SystemCallException">The NIC can't be opened; nothing is left. Where the host can't be a neighbor, the rest is
    /// there all the same, and the port of the host is retried.</exception>
    public static OwnLan Open(INatSwitch running, OutsideLink link, string network, string port)
    {
        var bridge = new Bridge(port, TimeSpan.FromSeconds(300), Stations);
        var endpoint = new LanEndpoint(new(port, link.Interface, link.Mtu));
        var model = new NicModel { Name = port, Network = network, Interface = link.Interface, Mtu = link.Mtu };
        var wire = running.Ports.Add(model, endpoint, bridge);
        try
        {
            // Both are as long as the NIC takes.
            var (host, neighbor) = HostAndUplink.Of(wire, link.Interface, int.MaxValue, running.Ports.All, () => endpoint.Stations);
            return new(bridge, endpoint, wire, running.Ports.Add(
                host, neighbor, bridge, static e => e is SystemCallException or InvalidOperationException, needs: wire));
        }
        catch
        {
            running.Ports.Remove([wire]);
            throw;
        }
    }

    /// <summary>Hears for a station, and lets the host know it before it has said anything.</summary>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public void Add(Outside station)
    {
        _endpoint.Add(station.Mac, station.Address);
        ((HostNeighborEndpoint)_host.Endpoint).Follow();
    }

    /// <summary>Hears for it no more.</summary>
    public void Remove(Outside station) => _endpoint.Remove(station.Mac);

    /// <summary>Closes it: when this returns, no worker is in it.</summary>
    public void Close(INatSwitch running) => running.Ports.Remove([_host, _wire]);
}
