using SoftSwitch.Config.Keys;
using SoftSwitch.Config.Rows;
using SoftSwitch.Config.Yaml;
using SoftSwitch.Model;
using SoftSwitch.Packets;
using SoftSwitch.Packets.Dhcp;

namespace SoftSwitch.Config.Checks;

/// <summary>Holds what a network gives and tells by DHCP against its subnet, and its parts against each other.</summary>
internal static class DhcpCheck
{
    /// <summary>Bytes of an option that every client reads: one that comes in pieces (RFC 3396) not all do.</summary>
    private const int LongestOption = byte.MaxValue;

    public static void Check(Entry<NetworkModel> network, MistakeList mistakes)
    {
        if (network.Model.Dhcp is not { } model)
            return;
        var (mode, places) = (NetworkKeys.ModeOf(network), network.Places);
        var dhcp = places.In(NetworkKeys.Dhcp);
        if (mode == NetworkMode.Internal && !places.Has(NetworkKeys.Subnet))
            mistakes.Add(places.KeyAt(NetworkKeys.Dhcp), "'dhcp' on an internal network needs a subnet: write subnet: 10.10.0.0/24");
        if (dhcp.Of(DhcpKeys.Range) is { } range)
        {
            NetworkCheck.CheckInside("range", new(range.Value.First, range.At), network, mistakes);
            if (places.Of(NetworkKeys.Subnet) is not { } subnet || subnet.Value.Contains(range.Value.First))
                NetworkCheck.CheckInside("range", new(range.Value.Last, range.At), network, mistakes, askForSubnet: false);
        }
        CheckReservations(network, dhcp, mistakes);
        CheckTold(network, dhcp, mistakes);
        CheckSizes(model, dhcp, mistakes);
    }

    private static void CheckReservations(Entry<NetworkModel> network, Places dhcp, MistakeList mistakes)
    {
        var macs = new FirstSeen<MacAddress>(mistakes);
        var clients = new FirstSeen<string>(mistakes);
        var addresses = new FirstSeen<Ipv4Address>(mistakes);
        var names = new FirstSeen<string>(mistakes);
        foreach (var (_, reservation) in dhcp.Of(DhcpKeys.Reservations))
        {
            CheckWhose(reservation, mistakes);
            if (reservation.Of(ReservationKeys.Mac) is { } mac)
                macs.Add(mac.Value, mac.At,
                    first => $"{mac.Value} is reserved a second time, the first is at {first}: one reservation a station");
            if (reservation.Of(ReservationKeys.Client) is { } client)
                clients.Add(client.Value, client.At,
                    first => $"client {client.Value} is reserved a second time, the first is at {first}: one reservation a client");
            if (reservation.Of(ReservationKeys.Name) is { } name)
                names.Add(name.Value, name.At,
                    first => $"the name '{name.Value}' is reserved a second time, the first is at {first}: give it another name");
            if (reservation.Of(ReservationKeys.Address) is not { } address)
                continue;
            addresses.Add(address.Value, address.At,
                first => $"{address.Value} is reserved a second time, the first is at {first}: one station an address");
            NetworkCheck.CheckInside("address", address, network, mistakes);
            if (NetworkCheck.GatewayOf(network) == address.Value)
                mistakes.Add(address.At, $"{address.Value} is the gateway's: reserve another address");
        }
    }

    /// <summary>A reservation is one station's, known by one of two.</summary>
    private static void CheckWhose(Places reservation, MistakeList mistakes)
    {
        var (isByMac, isByClient) = (reservation.Has(ReservationKeys.Mac), reservation.Has(ReservationKeys.Client));
        if (isByMac && isByClient)
            mistakes.Add(reservation.KeyAt(ReservationKeys.Client), "a reservation is by 'mac' or by 'client': leave one of the two out");
        else if (!isByMac && !isByClient)
            mistakes.Add(reservation.At, "a reservation has no 'mac': write mac: \"52:54:00:00:00:01\", or client: and its identifier");
    }

    private static void CheckTold(Entry<NetworkModel> network, Places dhcp, MistakeList mistakes)
    {
        if (dhcp.Of(DhcpKeys.Router) is { Value.Own: { } router } located)
            NetworkCheck.CheckInside("router", new(router, located.At), network, mistakes);
        foreach (var route in dhcp.Of(DhcpKeys.Routes))
            NetworkCheck.CheckInside($"the router of {route.Value.Name},", new(route.Value.Value, route.At), network, mistakes);
        if (dhcp.Of(DhcpKeys.Domain) is { } domain && network.Model.Dns is not null)
            mistakes.Add(domain.At, $"names of guests end in the network's domain here: write domain: {domain.Value} in the network, or "
                + "dns: off");
        if (dhcp.Of(DhcpKeys.FileName) is { } file && !dhcp.Has(DhcpKeys.NextServer)
            && !file.Value.Contains("://", StringComparison.Ordinal))
            mistakes.Add(file.At, $"'{file.Value}' is a file of a server that isn't named: write next-server: 10.10.0.5, or a URL");
    }

    private static void CheckSizes(DhcpModel model, Places dhcp, MistakeList mistakes)
    {
        foreach (var (row, size) in ((Row, int)[])
        [
            (DhcpKeys.Dns, model.Dns.Count * Ipv4Address.Size),
            (DhcpKeys.Ntp, model.Ntp.Count * Ipv4Address.Size),
            (DhcpKeys.Search, DhcpSearchList.Write(model.Search).Length),
            // With the default route, which stands among them.
            (DhcpKeys.Routes, DhcpRoutes.SizeOf(default) + model.Routes.Sum(route => DhcpRoutes.SizeOf(route.To))),
        ])
        {
            if (size > LongestOption && dhcp.Has(row))
                mistakes.Add(dhcp.KeyAt(row),
                    $"'{row.Name}' takes {size} bytes, and an option has {LongestOption}: write fewer");
        }
    }
}
