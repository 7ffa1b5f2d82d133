using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.Config;

/// <summary>Holds the addresses of one network against its subnet and each other.</summary>
internal static class NetworkCheck
{
    public static void Check(NetworkConfig network, MistakeList mistakes)
    {
        if (network.Gateway is { } gateway)
            CheckInside("gateway", gateway, network, mistakes);
        if (network.Dhcp is { } dhcp)
            CheckDhcp(dhcp, network, mistakes);
        if (network.Outside is { } outside)
            CheckOutside(outside, network, mistakes);
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

    private static void CheckOutside(OutsideConfig outside, NetworkConfig network, MistakeList mistakes)
    {
        if (outside.Address is { } own && network.Subnet is { } inside && inside.Value.Overlaps(own.Value.Subnet))
            mistakes.Add(own.At, $"the outside {own.Value.Subnet} overlaps the inside {inside.Value}: choose another subnet inside");
        if (outside.Gateway is not { } gateway || outside.AddressRefused)
            return;
        if (outside.Address is not { } address)
            mistakes.Add(gateway.At, "'gateway' goes only with an address of its own: leave it out, or write address: 192.0.2.10/24");
        else if (!address.Value.Subnet.Contains(gateway.Value))
            mistakes.Add(gateway.At, $"gateway {gateway.Value} is outside {address.Value.Subnet}, the subnet of the address: write one inside it");
        else if (address.Value.Address == gateway.Value)
            mistakes.Add(gateway.At, $"gateway {gateway.Value} is the network's own outside address: write the router's");
    }

    /// <summary>The gateway as written, or the first address; null where there is none or it isn't known.</summary>
    public static Ipv4Address? GatewayOf(NetworkConfig network) =>
        network.Mode?.Value is not (NetworkMode.Nat or NetworkMode.HostOnly) ? null
        : network.Gateway?.Value ?? (network.Subnet is { } subnet ? new(subnet.Value.Address.Value + 1) : null);

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
            mistakes.Add(address.At, $"{what} {address.Value} {problem} the subnet {subnet.Value}: write one of {FirstHost(subnet.Value)} to {LastHost(subnet.Value)}");
    }

    private static Ipv4Address FirstHost(Ipv4Subnet subnet) => new(subnet.Address.Value + 1);

    private static Ipv4Address LastHost(Ipv4Subnet subnet) => new(subnet.Broadcast.Value - 1);
}
