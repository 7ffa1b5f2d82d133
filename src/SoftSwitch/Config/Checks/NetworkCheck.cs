using SoftSwitch.Config.Yaml;
using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.Config.Checks;

/// <summary>Holds the addresses of one network against its subnet and each other.</summary>
internal static class NetworkCheck
{
    /// <summary>A prefix: each address of a nat network has a place of its own in its gateway's table of 65,536 neighbors.</summary>
    private const int WidestInside = 16;

    /// <summary>RFC 3927.</summary>
    private static readonly Ipv4Subnet LinkLocal = new(new(0xA9FE0000), 16);

    public static void Check(NetworkConfig network, MistakeList mistakes)
    {
        if (network.Gateway is { } gateway)
            CheckInside("gateway", gateway, network, mistakes);
        if (network.Dhcp is { } dhcp)
            CheckDhcp(dhcp, network, mistakes);
        if (network is { Subnet: { } subnet, Mode.Value: NetworkMode.Nat or NetworkMode.HostOnly } && subnet.Value.Overlaps(LinkLocal))
            mistakes.Add(subnet.At, $"subnet {subnet.Value} has link-local addresses ({LinkLocal}), which no router passes on: write a private one such as 10.10.0.0/24");
        if (network is { Subnet: { } wide, Mode.Value: NetworkMode.Nat } && wide.Value.PrefixLength < WidestInside)
            mistakes.Add(wide.At, $"subnet {wide.Value} is wider than a gateway has neighbors: write a prefix of {WidestInside} to 30");
        if (network is { FlowsPerGuest: { } guest, Flows: var flows } && guest.Value > (flows?.Value ?? NatModel.DefaultFlows))
            mistakes.Add(guest.At, $"{guest.Value} flows a guest are more than the {flows?.Value ?? NatModel.DefaultFlows} of the network: write fewer, or a larger 'flows'");
    }

    private static void CheckDhcp(DhcpConfig dhcp, NetworkConfig network, MistakeList mistakes)
    {
        if (network is { Mode.Value: NetworkMode.Internal, HasSubnet: false } && !dhcp.Off)
            mistakes.Add(dhcp.At, "'dhcp' on an internal network needs a subnet: write subnet: 10.10.0.0/24");
        if (dhcp.Range is { } range)
        {
            CheckInside("range", new(range.Value.First, range.At), network, mistakes);
            if (network.Subnet is not { } subnet || subnet.Value.Contains(range.Value.First))
                CheckInside("range", new(range.Value.Last, range.At), network, mistakes, askForSubnet: false);
        }
        var macs = new FirstSeen<MacAddress>(mistakes);
        var addresses = new FirstSeen<Ipv4Address>(mistakes);
        var names = new FirstSeen<string>(mistakes);
        foreach (var reservation in dhcp.Reservations)
        {
            if (reservation.Mac is { } mac)
                macs.Add(mac.Value, mac.At, first => $"{mac.Value} is reserved a second time, the first is at {first}: one reservation a station");
            if (reservation.Name is { } name)
                names.Add(name.Value, name.At, first => $"the name '{name.Value}' is reserved a second time, the first is at {first}: give it another name");
            if (reservation.Address is not { } address)
                continue;
            addresses.Add(address.Value, address.At, first => $"{address.Value} is reserved a second time, the first is at {first}: one station an address");
            CheckInside("address", address, network, mistakes);
            if (GatewayOf(network) == address.Value)
                mistakes.Add(address.At, $"{address.Value} is the gateway's: reserve another address");
        }
    }

    /// <summary>The gateway as written, or the first address; null where there is none or it isn't known.</summary>
    public static Ipv4Address? GatewayOf(NetworkConfig network) =>
        network.Mode?.Value is not (NetworkMode.Nat or NetworkMode.HostOnly) ? null
        : network.Gateway?.Value ?? network.Subnet?.Value.First;

    /// <summary>Reports an address that no station of the network can have.</summary>
    public static void CheckInside(string what, Located<Ipv4Address> address, NetworkConfig network, MistakeList mistakes, bool askForSubnet = true)
    {
        if (network.Subnet is not { } subnet)
        {
            // Without a subnet of its own the network gets one that nobody knows while writing.
            if (!network.HasSubnet && askForSubnet && network.Mode?.Value is NetworkMode.Nat or NetworkMode.HostOnly)
                mistakes.Add(address.At, $"{what} {address.Value} needs a subnet that holds it: write subnet: {Ipv4Subnet.Containing(address.Value, 24)}");
            return;
        }
        var problem = !subnet.Value.Contains(address.Value) ? "is outside"
            : address.Value == subnet.Value.Address ? "is the network's own address in"
            : address.Value == subnet.Value.Broadcast ? "is the broadcast address of"
            : null;
        if (problem is not null)
            mistakes.Add(address.At, $"{what} {address.Value} {problem} the subnet {subnet.Value}: write one of {subnet.Value.First} to {subnet.Value.Last}");
    }
}
