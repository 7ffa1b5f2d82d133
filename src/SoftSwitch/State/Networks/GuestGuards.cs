using System.Collections.Frozen;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Services.Dhcp;
using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.State.Networks;

/// <summary>The guards of a network's ports, by their names.</summary>
internal static class GuestGuards
{
    /// <param name="leases">What the network lends; null: it lends nothing.</param>
    public static FrozenDictionary<string, GuestGuard> Of(NetworkModel network, SwitchModel model, LeaseTable? leases)
    {
        PortModel[] guarded = [.. model.Ports.Where(port => port.Network == network.Name && port.Guard != Guarding.Off)];
        var lent = leases?.Follow(guarded.Where(ChecksAddresses).Select(port => port.Name).ToHashSet());
        return guarded.ToFrozenDictionary(port => port.Name, port => new GuestGuard(
            port.Guard == Guarding.Ip ? null : port.GuestMac, ChecksAddresses(port), [.. GivenTo(port, network)],
            lent?.GetValueOrDefault(port.Name)));
    }

    private static bool ChecksAddresses(PortModel port) => port.Guard is Guarding.Ip or Guarding.On;

    /// <summary>The address that the file gives the port, and those that it reserves for the port's station.</summary>
    private static IEnumerable<Ipv4Address> GivenTo(PortModel port, NetworkModel network)
    {
        if (port is InterfaceModel { Address: { } own })
            yield return own.Address;
        foreach (var reservation in network.Dhcp?.Reservations ?? [])
        {
            if (reservation.Mac is { } mac && mac == port.GuestMac)
                yield return reservation.Address;
        }
    }
}
