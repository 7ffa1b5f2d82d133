using SoftSwitch.Config.Keys;
using SoftSwitch.Config.Rows;
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
    private static readonly Ipv4Subnet s_linkLocal = new(new(0xA9FE0000), 16);

    public static void Check(Entry<NetworkModel> network, MistakeList mistakes)
    {
        var (model, places) = network;
        if (places.Of(NetworkKeys.Gateway) is { } gateway)
            CheckInside("gateway", gateway, network, mistakes);
        if (model.Dhcp is not null)
            CheckDhcp(network, mistakes);
        CheckServer(network, mistakes);
        var mode = NetworkKeys.ModeOf(network);
        var host = places.In(NetworkKeys.Host);
        if (mode is { } known and not NetworkMode.HostOnly && host.Has(NetworkKeys.HostInterface))
            mistakes.Add(host.KeyAt(NetworkKeys.HostInterface),
                $"key 'interface' is not for mode {known.Word()}, only for {NetworkMode.HostOnly.Word()}: leave it out");
        var subnet = places.Of(NetworkKeys.Subnet);
        if (subnet is not null && mode is NetworkMode.Nat or NetworkMode.HostOnly && subnet.Value.Overlaps(s_linkLocal))
            mistakes.Add(subnet.At, $"subnet {subnet.Value} has link-local addresses ({s_linkLocal}), which no router passes on: "
                + "write a private one such as 10.10.0.0/24");
        if (subnet is not null && mode == NetworkMode.Nat && subnet.Value.PrefixLength < WidestInside)
            mistakes.Add(subnet.At, $"subnet {subnet.Value} is wider than a gateway has neighbors: write a prefix of {WidestInside} to 30");
        if (places.Of(NatKeys.FlowsPerGuest) is { } guest && guest.Value > model.Nat!.Flows)
            mistakes.Add(guest.At,
                $"{guest.Value} flows a guest are more than the {model.Nat.Flows} of the network: write fewer, or a larger 'flows'");
    }

    /// <summary>What the file leaves out is off where there is no room for it; what it asks for is a mistake.</summary>
    private static void CheckServer(Entry<NetworkModel> network, MistakeList mistakes)
    {
        var (model, places) = network;
        if (model.HasRoomForServer || places.Of(NetworkKeys.Subnet) is not { } narrow)
            return;
        var asked = places.Has(NetworkKeys.Dhcp) && model.Dhcp is not null ? NetworkKeys.Dhcp.Name
            : places.Has(NetworkKeys.Dns) && model.Dns is not null ? NetworkKeys.Dns.Name : null;
        if (asked is not null)
            mistakes.Add(narrow.At, $"subnet {narrow.Value} has addresses for this machine and the {asked.ToUpperInvariant()} server "
                + $"alone: write a wider one, or {asked}: off");
    }

    private static void CheckDhcp(Entry<NetworkModel> network, MistakeList mistakes)
    {
        var (mode, places) = (NetworkKeys.ModeOf(network), network.Places);
        var dhcp = places.In(NetworkKeys.Dhcp);
        if (mode == NetworkMode.Internal && !places.Has(NetworkKeys.Subnet))
            mistakes.Add(places.KeyAt(NetworkKeys.Dhcp), "'dhcp' on an internal network needs a subnet: write subnet: 10.10.0.0/24");
        if (dhcp.Of(DhcpKeys.Range) is { } range)
        {
            CheckInside("range", new(range.Value.First, range.At), network, mistakes);
            if (places.Of(NetworkKeys.Subnet) is not { } subnet || subnet.Value.Contains(range.Value.First))
                CheckInside("range", new(range.Value.Last, range.At), network, mistakes, askForSubnet: false);
        }
        var macs = new FirstSeen<MacAddress>(mistakes);
        var addresses = new FirstSeen<Ipv4Address>(mistakes);
        var names = new FirstSeen<string>(mistakes);
        foreach (var (_, reservation) in dhcp.Of(DhcpKeys.Reservations))
        {
            if (reservation.Of(ReservationKeys.Mac) is { } mac)
                macs.Add(mac.Value, mac.At,
                    first => $"{mac.Value} is reserved a second time, the first is at {first}: one reservation a station");
            if (reservation.Of(ReservationKeys.Name) is { } name)
                names.Add(name.Value, name.At,
                    first => $"the name '{name.Value}' is reserved a second time, the first is at {first}: give it another name");
            if (reservation.Of(ReservationKeys.Address) is not { } address)
                continue;
            addresses.Add(address.Value, address.At,
                first => $"{address.Value} is reserved a second time, the first is at {first}: one station an address");
            CheckInside("address", address, network, mistakes);
            if (GatewayOf(network) == address.Value)
                mistakes.Add(address.At, $"{address.Value} is the gateway's: reserve another address");
        }
    }

    /// <summary>The gateway as written, or the first address; null where there is none or it isn't known.</summary>
    public static Ipv4Address? GatewayOf(Entry<NetworkModel> network) =>
        NetworkKeys.ModeOf(network) is NetworkMode.Nat or NetworkMode.HostOnly ? network.Model.Gateway : null;

    /// <summary>Reports an address that no station of the network can have.</summary>
    public static void CheckInside(string what, Located<Ipv4Address> address, Entry<NetworkModel> network, MistakeList mistakes,
        bool askForSubnet = true)
    {
        if (network.Places.Of(NetworkKeys.Subnet) is not { } subnet)
        {
            // Without a subnet of its own the network gets one that nobody knows while writing.
            if (!network.Places.Has(NetworkKeys.Subnet) && askForSubnet
                && NetworkKeys.ModeOf(network) is NetworkMode.Nat or NetworkMode.HostOnly)
                mistakes.Add(address.At,
                    $"{what} {address.Value} needs a subnet that holds it: write subnet: {Ipv4Subnet.Containing(address.Value, 24)}");
            return;
        }
        var problem = !subnet.Value.Contains(address.Value) ? "is outside"
            : address.Value == subnet.Value.Address ? "is the network's own address in"
            : address.Value == subnet.Value.Broadcast ? "is the broadcast address of"
            : null;
        if (problem is not null)
            mistakes.Add(address.At,
                $"{what} {address.Value} {problem} the subnet {subnet.Value}: write one of {subnet.Value.First} to {subnet.Value.Last}");
    }
}
