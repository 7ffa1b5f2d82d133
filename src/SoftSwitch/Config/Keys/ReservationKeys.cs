using SoftSwitch.Config.Rows;
using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.Config.Keys;

/// <summary>The keys of an address that one station alone gets.</summary>
internal sealed class ReservationKeys : Table<ReservationModel>
{
    public static readonly ScalarRow<MacAddress> Mac = Key("mac", Scalars.Mac,
        reservation => reservation.Mac, (reservation, mac) => reservation with { Mac = mac },
        "the station, by the source address of its frames") with { Otherwise = "it has a `client`" };

    public static readonly ScalarRow<string> Client = Key("client", DhcpScalars.Client,
        reservation => reservation.Client, (reservation, client) => reservation with { Client = client },
        "the station, by the identifier that it says (option 61): its bytes, or a text, before which a byte 0 may stand") with
    {
        Otherwise = "it has a `mac`",
    };

    public static readonly ScalarRow<Ipv4Address> Address = Key("address", Scalars.Address,
        reservation => reservation.Address, (reservation, address) => reservation with { Address = address },
        "its address") with { Need = "address: 10.10.0.10" };

    public static readonly ScalarRow<string> Name = Key("name", Scalars.HostName,
        reservation => reservation.Name, (reservation, name) => reservation with { Name = name },
        "its name");

    public static readonly IReadOnlyList<Row> All = [Mac, Client, Address, Name];
}
