using SoftSwitch.Kinds;
using SoftSwitch.Linux.Endpoints;
using SoftSwitch.Linux.Endpoints.HostNeighbor;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Model;
using SoftSwitch.State.Ports;

namespace SoftSwitch.State.Networks;

/// <summary>
/// The host as a neighbor on its own NIC: which port an uplink brings with it, and that the two belong together when the one or the other
/// comes. Used by the control loop alone.
/// </summary>
internal static class HostAndUplink
{
    /// <summary>The group of the two in their network.</summary>
    private const ushort Group = 1;

    /// <summary>The port for the host that belongs to an uplink.</summary>
    /// <param name="uplink">The uplink.</param>
    /// <param name="model">All there is: names that are taken, addresses of guests.</param>
    /// <param name="open">The ports that are open already.</param>
    public static (HostModel Model, HostNeighborEndpoint Endpoint) Of(NicModel uplink, SwitchModel model, IReadOnlyList<PortState> open)
    {
        var name = $"sh-{uplink.Name}"[..int.Min(InterfaceName.MaxLength, uplink.Name.Length + 3)];
        var taken = model.Ports.Concat(open.Select(state => state.Model)).Select(port => port.Name).ToHashSet();
        var first = name[..int.Min(name.Length, InterfaceName.MaxLength - 3)];
        for (var number = 2; taken.Contains(name); number++)
            name = $"{first}-{number}";
        var guests = model.Ports.Where(port => port.Network == uplink.Network && !PortKinds.Of(port).LeadsToLan)
            .Select(port => port.GuestMac).OfType<Packets.MacAddress>();
        return (
            new() { Name = name, Network = uplink.Network, Interface = name, Mtu = uplink.Mtu },
            new(new InterfaceOptions(name, uplink.Interface, uplink.Mtu), [.. guests.Distinct()]));
    }

    /// <summary>Joins the ports of uplink and host again after one of them was opened, before it takes part in forwarding.</summary>
    public static void Join(PortState opened, IEnumerable<PortState> all)
    {
        if (opened.Model is not NicModel { IsUplink: true } && opened.Endpoint is not HostNeighborEndpoint)
            return;
        var pair = all.Where(state => state.Bridge == opened.Bridge && state.Model is NicModel { IsUplink: true } or HostModel).ToArray();
        var host = pair.FirstOrDefault(state => state.Endpoint is HostNeighborEndpoint)?.Membership;
        var uplink = pair.FirstOrDefault(state => state.Model is NicModel)?.Membership;
        if (host is { Port: HostNeighborPort port })
            port.Membership = host;
        if (host is null || uplink is null)
            return;
        host.Group = uplink.Group = Group;
        host.Uplink = uplink;
    }
}
