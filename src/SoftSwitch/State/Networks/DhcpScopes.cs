using System.Text;
using SoftSwitch.Addressing;
using SoftSwitch.Config.Rows;
using SoftSwitch.Forwarding.Services.Dhcp;
using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.State.Networks;

/// <summary>What a network gives by DHCP, from its model: addresses that nobody else has in the file, and where it translates the way to
/// its gateway.</summary>
internal static class DhcpScopes
{
    /// <returns>Null: it gives none, has no subnet yet, or nothing is left in it.</returns>
    public static DhcpScope? Of(NetworkModel network, SwitchModel model)
    {
        if (network is not { Subnet: { } subnet, Dhcp: { } dhcp } || ServerAddress.Of(network, model) is not { } server)
            return null;
        var range = dhcp.Range is { } named ? (named.First, named.Last) : Whole(subnet);
        Ipv4Address[] taken = [.. TakenAddresses.Of(network, model).Append(server).Distinct()];
        return new()
        {
            Server = server,
            Subnet = subnet,
            Range = range,
            Taken = taken,
            ByMac = ByMac(dhcp),
            ByClient = ByClient(dhcp),
            LeaseTime = dhcp.Lease,
            MostOfPort = int.Min(dhcp.LeasesPerPort, HalfOf(range, taken)),
            Options = [.. ToldOptions.Of(network, subnet, server)],
            Boot = dhcp.NextServer is null && dhcp.FileName is null ? null
                : (dhcp.NextServer ?? default, Encoding.ASCII.GetBytes(dhcp.FileName ?? "")),
        };
    }

    private static Dictionary<MacAddress, DhcpReservation> ByMac(DhcpModel dhcp) =>
        dhcp.Reservations.Where(one => one.Mac is not null).ToDictionary(one => one.Mac!.Value, Reserved);

    private static Dictionary<DhcpClient, DhcpReservation> ByClient(DhcpModel dhcp)
    {
        var reservations = new Dictionary<DhcpClient, DhcpReservation>(DhcpClient.Comparer);
        foreach (var reservation in dhcp.Reservations.Where(one => one.Client is not null))
        {
            var reserved = Reserved(reservation);
            foreach (var id in DhcpScalars.IdentifiersOf(reservation.Client!))
                reservations.TryAdd(new(id), reserved);
        }
        return reservations;
    }

    private static DhcpReservation Reserved(ReservationModel reservation) =>
        new(reservation.Address, Encoding.ASCII.GetBytes(reservation.Name ?? ""));

    /// <summary>What one port can have at most, whatever the file says: another finds something too.</summary>
    private static int HalfOf((Ipv4Address First, Ipv4Address Last) range, Ipv4Address[] taken)
    {
        var free = range.Last.Value - range.First.Value + 1L
            - taken.LongCount(address => address.Value >= range.First.Value && address.Value <= range.Last.Value);
        return (int)long.Clamp(free / 2, 1, DhcpScope.MostAddresses);
    }

    private static (Ipv4Address, Ipv4Address) Whole(Ipv4Subnet subnet) => (subnet.First, new(subnet.Broadcast.Value - 1));
}
