using SoftSwitch.Kinds;
using SoftSwitch.Linux.Endpoints;
using SoftSwitch.Linux.Endpoints.HostNeighbor;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.State.Ports;

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
    /// <param name="nic">What the host's port is called after.</param>
    /// <param name="mtu">The longest packet for the host, where the NIC takes as much.</param>
    /// <param name="ports">Those whose names are taken.</param>
    /// <param name="guests">Says, whenever it is opened, the guests whose addresses are known.</param>
    public static (HostModel Model, HostNeighborEndpoint Endpoint) Of(
        PortState port, string nic, int mtu, IEnumerable<PortState> ports, Func<IReadOnlyCollection<MacAddress>> guests)
    {
        var uplink = (InterfaceModel)port.Model;
        var name = $"sh-{nic}"[..int.Min(InterfaceName.MaxLength, nic.Length + 3)];
        var taken = ports.Select(state => state.Model.Name).ToHashSet();
        var first = name[..int.Min(name.Length, InterfaceName.MaxLength - 3)];
        for (var number = 2; taken.Contains(name); number++)
            name = $"{first}-{number}";
        return (
            new() { Name = name, Network = uplink.Network, Interface = name, Mtu = uplink.Mtu },
            new(new(name, uplink.Interface, mtu), (InterfaceEndpoint)port.Endpoint, guests));
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
