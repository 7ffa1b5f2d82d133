using System.Globalization;
using SoftSwitch.Config.Rows;
using SoftSwitch.Model;
using SoftSwitch.Packets;

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

    public static readonly ScalarRow<PortGateway> Router = Key("router", Scalars.PortGateway,
        dhcp => new PortGateway(dhcp.Router, dhcp.TellsGateway),
        (dhcp, router) => dhcp with { Router = router.Own, TellsGateway = router.IsTaken },
        "the router that guests are told; `auto`: the gateway in `nat`, else nobody");

    public static readonly PairsRow<Ipv4Address> Routes = PairsKey("routes", DhcpScalars.RouteTo, Scalars.Address,
        "{ 10.20.0.0/16: 10.10.0.2 }",
        dhcp => dhcp.Routes.Select(route => ($"{route.To}", route.Router)),
        (dhcp, routes) => dhcp with { Routes = [.. routes.Select(route => new RouteModel(DhcpScalars.SubnetOf(route.Name), route.Value))] },
        "routes beside the default one, each with its router in the network") with { Names = "subnets" };

    public static readonly ScalarListRow<Ipv4Address> Dns = ListKey("dns", Scalars.Address, "a list such as [192.0.2.53]",
        dhcp => dhcp.Dns, (dhcp, servers) => dhcp with { Dns = servers },
        "the resolvers that guests are told") with { Otherwise = "who serves `dns`, where that is on", IsNeverEmpty = true };

    public static readonly ScalarRow<string> Domain = Key("domain", Scalars.DomainName,
        dhcp => dhcp.Domain, (dhcp, domain) => dhcp with { Domain = domain },
        "the domain that guests are told, where `dns` is off") with { Otherwise = "the network's `domain`, where `dns` is on" };

    public static readonly ScalarListRow<string> Search = ListKey("search", Scalars.DomainName, "a list such as [dev.example, example]",
        dhcp => dhcp.Search, (dhcp, domains) => dhcp with { Search = domains },
        "the domains in which guests look for a name, in this order") with { IsNeverEmpty = true };

    public static readonly ScalarListRow<Ipv4Address> Ntp = ListKey("ntp", Scalars.Address, "a list such as [192.0.2.123]",
        dhcp => dhcp.Ntp, (dhcp, servers) => dhcp with { Ntp = servers },
        "the servers of time that guests are told") with { IsNeverEmpty = true };

    public static readonly ScalarRow<Ipv4Address> NextServer = Key("next-server", Scalars.Address,
        dhcp => dhcp.NextServer, (dhcp, server) => dhcp with { NextServer = server },
        "the TFTP server that has what a guest boots (PXE)");

    public static readonly ScalarRow<string> FileName = Key("filename", DhcpScalars.FileName,
        dhcp => dhcp.FileName, (dhcp, name) => dhcp with { FileName = name },
        "what a guest boots: a file of `next-server`, or a URL");

    public static readonly PairsRow<OptionModel> Options = PairsKey("options", DhcpScalars.OptionNumber, DhcpScalars.OptionValue,
        "{ 150: 10.0.0.9 }",
        dhcp => dhcp.Options.Select(option => (option.Number.ToString(CultureInfo.InvariantCulture), option)),
        (dhcp, options) => dhcp with
        {
            Options = [.. options.Select(option => option.Value with { Number = DhcpScalars.NumberOf(option.Name) })],
        },
        "any other options, by number, as a guest that asks for one is told it") with { Names = "numbers" };

    public static readonly IReadOnlyList<Row> All =
    [
        Range, Lease, LeasesPerPort, Reservations, Router, Routes, Dns, Domain, Search, Ntp, NextServer, FileName, Options,
    ];
}
