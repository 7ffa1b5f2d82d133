using SoftSwitch.Forwarding.Time;
using SoftSwitch.Linux.Host;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Linux.Ports;
using SoftSwitch.Model;

namespace SoftSwitch.State;

/// <summary>
/// The host as a neighbour on its own NIC: which port an uplink brings with it, and what keeps the two together while the one or the other comes and
/// goes. Used by the control loop alone.
/// </summary>
internal static class HostNeighbour
{
    /// <summary>The group of the two in their network.</summary>
    private const ushort HostAndWire = 1;

    /// <summary>The port for the host that belongs to an uplink.</summary>
    /// <param name="uplink">The uplink.</param>
    /// <param name="model">All there is: names that are taken, addresses of guests.</param>
    /// <param name="open">The ports that are open already.</param>
    public static (HostModel Model, HostAttachment Attachment) Of(NicModel uplink, SwitchModel model, IReadOnlyList<PortState> open)
    {
        var name = $"sh-{uplink.Name}"[..int.Min(InterfaceName.MaxLength, uplink.Name.Length + 3)];
        var taken = model.Ports.Concat(open.Select(state => state.Model)).Select(port => port.Name).ToHashSet();
        var first = name[..int.Min(name.Length, InterfaceName.MaxLength - 3)];
        for (var number = 2; taken.Contains(name); number++)
            name = $"{first}-{number}";
        var guests = model.Ports.Where(port => port.Network == uplink.Network && port is not NicModel).Select(port => port.GuestMac).OfType<Packets.MacAddress>();
        return (
            new() { Name = name, Network = uplink.Network, Interface = name, Mtu = uplink.Mtu },
            new(new AttachmentOptions(name, uplink.Interface, uplink.Mtu), [.. guests.Distinct()]));
    }

    /// <summary>Joins the ports of uplink and host again after one of them was opened, before it takes part in forwarding.</summary>
    public static void Join(PortState opened, IEnumerable<PortState> all)
    {
        if (opened.Model is not NicModel { IsUplink: true } && opened.Attachment is not HostAttachment)
            return;
        var pair = all.Where(state => state.Bridge == opened.Bridge && state.Model is NicModel { IsUplink: true } or HostModel).ToArray();
        var host = pair.FirstOrDefault(state => state.Attachment is HostAttachment)?.Membership;
        var uplink = pair.FirstOrDefault(state => state.Model is NicModel)?.Membership;
        if (host is { Port: HostPort port })
            port.Membership = host;
        if (host is null || uplink is null)
            return;
        host.Group = uplink.Group = HostAndWire;
        host.Wire = uplink;
    }

    /// <summary>About once a second: stations that have moved to the wire are withdrawn.</summary>
    /// <param name="state">Any port.</param>
    /// <param name="now">The time.</param>
    /// <param name="refresh">Looks at the port anew.</param>
    /// <param name="settle">Returns when every worker has ended the turn it was in.</param>
    public static void Tick(PortState state, Instant now, Action<PortState> refresh, Action settle)
    {
        if (state.Port is not HostPort port)
            return;
        port.Withdraw(now, settle);
        refresh(state);
    }
}
