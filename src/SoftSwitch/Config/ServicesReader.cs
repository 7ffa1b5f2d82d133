using SoftSwitch.Config.Rows;
using SoftSwitch.Config.Yaml;
using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.Config;

/// <summary>Reads what a network does beyond switching: where it meets the outside, DHCP, DNS, forwards.</summary>
internal static class ServicesReader
{
    private static readonly ScalarType<TimeSpan> Lease = Scalars.Duration("60s", "365d");

    // The least each may be: RFC 4787, REQ-5; RFC 5382, REQ-5 for both of TCP; RFC 5508, REQ-2.
    private static readonly ScalarType<TimeSpan> UdpTimeout = Scalars.Duration("120s", "7d");

    private static readonly ScalarType<TimeSpan> TcpTimeout = Scalars.Duration("7440s", "7d");

    private static readonly ScalarType<TimeSpan> TransitoryTimeout = Scalars.Duration("240s", "7d");

    private static readonly ScalarType<TimeSpan> IcmpTimeout = Scalars.Duration("60s", "7d");

    private static readonly ScalarType<InterfaceAddress?> OutsideAddress = new(
        "host, or an address of its own such as 192.0.2.10/24", (string text, out InterfaceAddress? value) =>
        {
            value = Scalars.InterfaceAddress.Parse(text, out var address) ? address : null;
            return value is not null || text is "host" or "dhcp";
        });

    public static OutsideConfig? Outside(Section network)
    {
        if (network.Inner("outside", "a map such as { interface: auto, address: host }") is not { } outside)
            return null;
        outside.RefuseOthers(["interface", "address", "gateway", "ports"]);
        var name = outside.Value("interface", HostScalars.Interface);
        var address = outside.Value("address", OutsideAddress);
        return new()
        {
            Interface = name?.Value == "auto" ? null : name,
            DhcpAt = outside.Node("address") is TextNode { Text: "dhcp" } dhcp ? dhcp.At : null,
            Address = address?.Value is { } own ? new(own, address.At) : null,
            AddressRefused = outside.Has("address") && address is null,
            Gateway = outside.Value("gateway", Scalars.Address),
            Ports = outside.Value("ports", Scalars.PortPool),
        };
    }

    public static TimeoutsConfig? Timeouts(Section network)
    {
        if (network.Inner("timeouts", "a map such as { udp: 300s, tcp: 7440s, tcp-transitory: 240s, icmp: 60s }") is not { } timeouts)
            return null;
        timeouts.RefuseOthers(["udp", "tcp", "tcp-transitory", "icmp"]);
        return new()
        {
            Udp = timeouts.Value("udp", UdpTimeout),
            Tcp = timeouts.Value("tcp", TcpTimeout),
            TcpTransitory = timeouts.Value("tcp-transitory", TransitoryTimeout),
            Icmp = timeouts.Value("icmp", IcmpTimeout),
        };
    }

    public static DhcpConfig? Dhcp(Section network)
    {
        const string Expected = "off, or a map such as { range: 10.10.0.50-10.10.0.200, lease: 12h }; {} for the defaults";
        if (network.Node("dhcp") is TextNode { Text: "off" })
            return new() { At = network.KeyAt("dhcp"), Off = true };
        if (network.Inner("dhcp", Expected) is not { } dhcp)
            return null;
        dhcp.RefuseOthers(["range", "lease", "reservations"]);
        return new()
        {
            At = dhcp.At,
            Range = dhcp.Value("range", Scalars.Range),
            Lease = dhcp.Value("lease", Lease),
            Reservations = [.. dhcp.InnerList("reservations", "a reservation", "{ mac: \"52:54:00:00:00:01\", address: 10.10.0.10, name: web }").Select(Reservation)],
        };
    }

    private static ReservationConfig Reservation(Section reservation)
    {
        reservation.RefuseOthers(["mac", "address", "name"]);
        reservation.Require("mac", "mac: \"52:54:00:00:00:01\"");
        reservation.Require("address", "address: 10.10.0.10");
        return new()
        {
            Mac = reservation.Value("mac", Scalars.Mac),
            Address = reservation.Value("address", Scalars.Address),
            Name = reservation.Value("name", Scalars.HostName),
        };
    }

    public static DnsConfig? Dns(Section network)
    {
        if (network.Node("dns") is TextNode { Text: "off" })
            return new() { At = network.KeyAt("dns"), Off = true };
        if (network.Inner("dns", "off, or a map such as { servers: [auto] }") is not { } dns)
            return null;
        dns.RefuseOthers(["servers"]);
        List<Located<Ipv4Address?>> servers = [];
        foreach (var node in dns.List("servers", "a list such as [auto] or [192.0.2.53]")?.Items ?? [])
        {
            if (dns.Read("servers", node, Scalars.Resolver) is { } server)
                servers.Add(server);
        }
        return new() { At = dns.At, Servers = servers };
    }

    public static IReadOnlyList<ForwardConfig> Forwards(Section network) =>
        [.. network.InnerList("forwards", "a forward", "{ from: tcp/2222, to: \"web:22\" }").Select(Forward)];

    private static ForwardConfig Forward(Section forward)
    {
        forward.RefuseOthers(["from", "to"]);
        forward.Require("from", "from: tcp/2222");
        forward.Require("to", "to: \"web:22\"");
        return new() { From = forward.Value("from", Scalars.ForwardFrom), To = forward.Value("to", Scalars.ForwardTo) };
    }
}
