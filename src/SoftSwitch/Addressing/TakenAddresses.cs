using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.Addressing;

/// <summary>The addresses of a network that somebody has by the file: the gateway's, those of ports, those that are forwarded to, those
/// that are reserved, and those that guests are told of.</summary>
internal static class TakenAddresses
{
    public static IEnumerable<Ipv4Address> Of(NetworkModel network, SwitchModel model) =>
    [
        .. ByOthers(network, model),
        .. network.Nat?.Forwards.Select(forward => forward.Address).OfType<Ipv4Address>() ?? [],
        .. network.Dhcp is { } dhcp ? Told(dhcp) : [],
    ];

    /// <summary>Those that somebody has himself: who is forwarded to, or told of, may be the one who asks.</summary>
    public static IEnumerable<Ipv4Address> ByOthers(NetworkModel network, SwitchModel model) =>
    [
        .. network.Gateway is { } gateway ? (Ipv4Address[])[gateway] : [],
        .. model.Ports.OfType<InterfaceModel>().Where(port => port.Network == network.Name && port.Address is not null)
            .Select(port => port.Address!.Value.Address),
        .. network.Dhcp?.Reservations.Select(reservation => reservation.Address) ?? [],
    ];

    /// <summary>Of stations that it tells the others about, as well.</summary>
    private static IEnumerable<Ipv4Address> Told(DhcpModel dhcp) =>
    [
        .. ((Ipv4Address?[])[dhcp.Router, dhcp.NextServer]).OfType<Ipv4Address>(),
        .. dhcp.Routes.Select(route => route.Router),
        .. dhcp.Dns,
        .. dhcp.Ntp,
    ];
}
