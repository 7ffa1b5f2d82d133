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
        DhcpCheck.Check(network, mistakes);
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

    /// <summary>The gateway as written, or the first address; null where there is none or it isn't known.</summary>
    public static Ipv4Address? GatewayOf(Entry<NetworkModel> network) =>
        network.Model.Gateway is { } gateway && NetworkKeys.ModeOf(network) is NetworkMode.Nat or NetworkMode.HostOnly ? gateway : null;

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
