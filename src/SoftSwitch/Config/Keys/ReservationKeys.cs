using SoftSwitch.Config.Rows;
using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.Config.Keys;

/// <summary>The keys of an address that one station alone gets.</summary>
internal sealed class ReservationKeys : Table<ReservationModel>
{
    public static readonly ScalarRow<MacAddress> Mac = Key("mac", Scalars.Mac,
        reservation => reservation.Mac, (reservation, mac) => reservation with { Mac = mac },
        "the station") with { Need = "mac: \"52:54:00:00:00:01\"" };

    public static readonly ScalarRow<Ipv4Address> Address = Key("address", Scalars.Address,
        reservation => reservation.Address, (reservation, address) => reservation with { Address = address },
        "its address") with { Need = "address: 10.10.0.10" };

    public static readonly ScalarRow<string> Name = Key("name", Scalars.HostName,
        reservation => reservation.Name, (reservation, name) => reservation with { Name = name },
        "its name");

    public static readonly IReadOnlyList<Row> All = [Mac, Address, Name];
}
