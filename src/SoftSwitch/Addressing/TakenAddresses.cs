using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.Addressing;

/// <summary>The addresses of a network that somebody has by the file: the gateway's, those of ports, those that are forwarded to, and those
/// that are reserved.</summary>
internal static class TakenAddresses
{
    public static IEnumerable<Ipv4Address> Of(NetworkModel network, SwitchModel model) =>
    [
        .. network.Gateway is { } gateway ? (Ipv4Address[])[gateway] : [],
        .. model.Ports.OfType<InterfaceModel>().Where(port => port.Network == network.Name && port.Address is not null)
            .Select(port => port.Address!.Value.Address),
        .. network.Nat?.Forwards.Select(forward => forward.Address).OfType<Ipv4Address>() ?? [],
        .. network.Dhcp?.Reservations.Select(reservation => reservation.Address) ?? [],
    ];
}
