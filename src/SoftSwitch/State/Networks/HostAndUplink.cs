using SoftSwitch.Kinds;
using SoftSwitch.Linux.Endpoints;
using SoftSwitch.Linux.Endpoints.HostNeighbor;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Model;
using SoftSwitch.Packets;
using SoftSwitch.State.Ports;

namespace SoftSwitch.State.Networks;

/// <summary>
/// The host as a neighbor on its own NIC: which port an uplink brings with it, and that the two belong together. It is open only while its
/// uplink is: a NIC that the uplink was refused is left alone. Used by the control loop alone.
/// </summary>
internal static class HostAndUplink
{
    /// <summary>The group of the two in their network.</summary>
    private const ushort Group = 1;

    /// <summary>The port for the host that belongs to an uplink.</summary>
    /// <param name="port">The uplink's.</param>
    /// <param name="model">What is to run: names that are taken.</param>
    /// <param name="ports">Those that live: more names, and whenever it is opened, the guests whose addresses are known.</param>
    public static (HostModel Model, HostNeighborEndpoint Endpoint) Of(PortState port, SwitchModel model, SwitchPorts ports)
    {
        var uplink = (NicModel)port.Model;
        var name = $"sh-{uplink.Name}"[..int.Min(InterfaceName.MaxLength, uplink.Name.Length + 3)];
        var taken = model.Ports.Concat(ports.All.Select(state => state.Model)).Select(other => other.Name).ToHashSet();
        var first = name[..int.Min(name.Length, InterfaceName.MaxLength - 3)];
        for (var number = 2; taken.Contains(name); number++)
            name = $"{first}-{number}";
        return (
            new() { Name = name, Network = uplink.Network, Interface = name, Mtu = uplink.Mtu },
            new(new(name, uplink.Interface, uplink.Mtu), (InterfaceEndpoint)port.Endpoint,
                () => Guests(ports.All.Select(state => state.Model), uplink.Network))
            {
                ReachesAll = model.Networks.Any(network => network.Name == uplink.Network && network.HostReach == HostReach.All),
            });
    }

    /// <summary>Joins the port of the host to its uplink's, which is open before it, when it was opened and doesn't take part in forwarding
    /// yet.</summary>
    public static void Join(PortState opened)
    {
        if (opened is not { Membership: { Port: HostNeighborPort port } host, Needs.Membership: { } uplink })
            return;
        port.Membership = host;
        host.Group = uplink.Group = Group;
        host.Uplink = uplink;
    }

    /// <summary>The addresses in a network that don't come by its uplink.</summary>
    public static MacAddress[] Guests(IEnumerable<PortModel> ports, string network) =>
    [
        .. ports.Where(port => port.Network == network && PortKinds.Find(port.Kind) is { LeadsToLan: false })
            .Select(port => port.GuestMac).OfType<MacAddress>().Distinct(),
    ];
}
