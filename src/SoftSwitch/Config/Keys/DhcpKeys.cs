using SoftSwitch.Config.Rows;
using SoftSwitch.Model;

namespace SoftSwitch.Config.Keys;

/// <summary>The keys of DHCP.</summary>
internal sealed class DhcpKeys : Table<DhcpModel>
{
    public static readonly ScalarRow<AddressRange> Range = Key("range", Scalars.Range,
        dhcp => dhcp.Range, (dhcp, range) => dhcp with { Range = range },
        "the addresses that are given") with { Otherwise = "everything that is free" };

    public static readonly ScalarRow<TimeSpan> Lease = Key("lease", TimeScalars.Duration("60s", "365d"),
        dhcp => dhcp.Lease, (dhcp, lease) => dhcp with { Lease = lease },
        "how long an address is lent");

    public static readonly ScalarRow<int> LeasesPerPort = Key("leases-per-port", PlainScalars.Integer(1, 65536),
        dhcp => dhcp.LeasesPerPort, (dhcp, leases) => dhcp with { LeasesPerPort = leases },
        "the most addresses of the range that clients behind one port have, at most half of them; a port at it gives up one of its own "
            + "that nobody uses");

    public static readonly MapListRow<ReservationModel> Reservations = MapsKey("reservations", "a reservation", ReservationKeys.All,
        "{ mac: \"52:54:00:00:00:01\", address: 10.10.0.10, name: web }", new(),
        dhcp => dhcp.Reservations, (dhcp, reservations) => dhcp with { Reservations = reservations },
        "addresses that one station alone gets");

    public static readonly IReadOnlyList<Row> All = [Range, Lease, LeasesPerPort, Reservations];
}
