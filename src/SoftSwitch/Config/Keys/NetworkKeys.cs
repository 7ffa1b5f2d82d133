using SoftSwitch.Config.Rows;
using SoftSwitch.Config.Writing;
using SoftSwitch.Model;

namespace SoftSwitch.Config.Keys;

/// <summary>The keys of a network, and which modes take each.</summary>
internal sealed class NetworkKeys : Table<NetworkModel>
{
    private static readonly string s_internal = NetworkMode.Internal.Word();
    private static readonly string s_bridged = NetworkMode.Bridged.Word();
    private static readonly string s_nat = NetworkMode.Nat.Word();
    private static readonly string s_hostOnly = NetworkMode.HostOnly.Word();

    public static readonly ScalarRow<NetworkMode> Mode = Key("mode", PlainScalars.OneOf(Words.NetworkModes),
        network => network.Mode, (network, mode) => network with { Mode = mode },
        "whom its guests reach beside each other: the LAN (`bridged`), the outside, translated (`nat`), the host (`host-only`), "
            + "nobody (`internal`)") with { Need = "mode: internal, bridged, nat or host-only" };

    public static readonly ScalarRow<string> Uplink = Key("uplink", HostScalars.Interface,
        network => network.Uplink, (network, name) => network with { Uplink = name },
        "the NIC that is its way to the LAN; it becomes a port of kind `nic` with its name") with { Where = [s_bridged] };

    public static readonly ScalarRow<TimeSpan> Ageing = Key("ageing", TimeScalars.Duration("10s", "86400s"),
        network => network.Ageing, (network, time) => network with { Ageing = time },
        "how long a silent station is remembered");

    public static readonly ScalarRow<ControlFrames> ControlFrames = Key("control-frames", PlainScalars.OneOf(Words.ControlFrames),
        network => network.ControlFrames, (network, frames) => network with { ControlFrames = frames },
        "what becomes of STP, LACP, 802.1X, LLDP and whatever else is sent to 01:80:c2:00:00:00 to 0f: they end here (`drop`), or go to "
            + "everybody (`forward`), so that STP of guests finds their loops; PAUSE always ends here");

    public static readonly ScalarRow<ArpQuestions> Arp = Key("arp", PlainScalars.OneOf(Words.ArpQuestions),
        network => network.Arp, (network, questions) => network with { Arp = questions },
        "whom a question in ARP goes to: behind whose port its answer is known, he alone, and what isn't answered goes to everybody "
            + "when it is asked again (`quiet`); or everybody each time (`flood`)");

    public static readonly ScalarRow<Guarding> Guard = Key("guard", PlainScalars.OneOf(Words.Guardings),
        network => network.Guard, (network, guard) => network with { Guard = guard },
        "what holds for ports of guests that have no `guard` of their own");

    public static readonly ScalarRow<Packets.Ipv4Subnet> Subnet = Key("subnet", Scalars.Subnet,
        network => network.Subnet, (network, subnet) => network with { Subnet = subnet },
        "the addresses of its ports lie in it. No two of a file overlap; /30 is the smallest, of `nat` /16 the widest") with
    {
        Where = [s_internal, s_nat, s_hostOnly],
        Otherwise = "`internal`: none; else a free /24 of private space that no route of the host overlaps, remembered in `state`",
    };

    public static readonly ScalarRow<Packets.Ipv4Address> Gateway = Key("gateway", Scalars.Address,
        network => network.Gateway, (network, address) => network with { Gateway = address },
        "the gateway's address in it; in `host-only` that is the host's",
        otherwise: network => network.Subnet?.First) with { Where = [s_nat, s_hostOnly], Otherwise = "the first" };

    public static readonly MapRow Dhcp = MapKey("dhcp", DhcpKeys.All,
        "off, or a map such as { range: 10.10.0.50-10.10.0.200, lease: 12h }; {} for the defaults",
        network => network.Dhcp ?? new(), (network, dhcp) => network with { Dhcp = dhcp },
        "gives the guests addresses; in `nat` the gateway does, else a station of the switch at the subnet's last address that the file "
            + "gives to nobody") with
    {
        Otherwise = "`{}` in `nat` and `host-only`, `off` in `internal`",
        Where = [s_internal, s_nat, s_hostOnly],
        Off = network => (NetworkModel)network with { Dhcp = null },
        IsOff = network => ((NetworkModel)network).Dhcp is null,
    };

    public static readonly MapRow Dns = MapKey("dns", DnsKeys.All, "off, or a map such as { servers: [auto], hosts: { db: 10.10.0.20 } }",
        network => network.Dns ?? new(), (network, dns) => network with { Dns = dns },
        "tells the guests addresses of names: of each other, and what resolvers know that they may ask; in `nat` the gateway does, in "
            + "`host-only` the station of the switch that gives addresses") with
    {
        Otherwise = "`{}`",
        Where = [s_nat, s_hostOnly],
        Off = network => (NetworkModel)network with { Dns = null },
        IsOff = network => ((NetworkModel)network).Dns is null,
    };

    public static readonly ScalarRow<string> Domain = Key("domain", Scalars.DomainName,
        network => network.Domain, (network, domain) => network with { Domain = domain },
        "what stands behind the names of its guests: `web` is `web.NAME.internal` as well") with
    {
        Where = [s_nat, s_hostOnly],
        Otherwise = "the network's name and `.internal`",
    };

    public static readonly ScalarRow<string> HostInterface = Key("interface", HostScalars.Interface,
        network => network.HostInterface, (network, name) => network with { HostInterface = name },
        "`host-only`: the interface that appears on the host, with the gateway's address",
        otherwise: network => network.Mode != NetworkMode.HostOnly ? null
            : $"ss-{network.Name}"[..Math.Min("ss-".Length + network.Name.Length, HostScalars.LongestInterface)])
        with { IsAlwaysWritten = true, Otherwise = "`ss-` and the network's name, cut to 15" };

    public static readonly ScalarRow<HostReach> Reach = Key("reach", PlainScalars.OneOf(Words.HostReaches),
        network => network.HostReach, (network, reach) => network with { HostReach = reach },
        "which of the host's addresses guests reach: those that it has in this network, or `all`; never 127.0.0.0/8, and the host is no "
            + "router for them. In `bridged` they reach what any machine of the LAN does, and with `all` the host hears routers that are "
            + "guests. In `nat` they reach all either way");

    public static readonly MapRow Host = MapKey("host", [HostInterface, Reach], "a map such as { reach: all }",
        network => network, (_, network) => network,
        "the host in this network");

    /// <summary>In the order in which they are written.</summary>
    public static readonly IReadOnlyList<Row> All =
    [
        Mode, Uplink, .. NamedKeys.All, Ageing, ControlFrames, Arp, Guard, Subnet, Gateway, Dhcp, Dns, Domain,
        .. Part(NatKeys.All, network => network.Nat!, (network, nat) => network with { Nat = nat })
            .Select(row => row with { Where = [s_nat] }),
        Host,
    ];

    /// <summary>The mode that the file gives; null where it gives none that is right.</summary>
    public static NetworkMode? ModeOf(Entry<NetworkModel> network) => network.Places.Of(Mode)?.Value;

    /// <summary>Reads one network of the file.</summary>
    public static NetworkModel Read(Section section, Places places, string name)
    {
        Mode.Read(section, Blank(name, null), places);
        var mode = places.Of(Mode)?.Value;
        var rows = Of(mode);
        var network = rows.Read(section, Blank(name, mode), places, Mode,
            key => mode?.Word() is { } word ? All.Elsewhere("mode", word, key) : null);
        // What stands there all the same is looked at, so that all mistakes are told in one go.
        var other = Blank(name, null);
        foreach (var row in All)
        {
            if (mode is { } word && !row.IsFor(word.Word()))
                row.Read(section, other, new(section.At));
        }
        return network;
    }

    public static WrittenKey Write(NetworkModel network) =>
        new(network.Name, Of(network.Mode).Write(network, Blank(network.Name, network.Mode)));

    /// <summary>A network of which the file says no more than this. Where the mode isn't known, it has what any mode can have.</summary>
    public static NetworkModel Blank(string name, NetworkMode? mode) =>
        new()
        {
            Name = name,
            Mode = mode ?? default,
            Nat = mode is null or NetworkMode.Nat ? new() : null,
            Dhcp = mode is NetworkMode.Nat or NetworkMode.HostOnly ? new() : null,
            Dns = mode is NetworkMode.Nat or NetworkMode.HostOnly ? new() : null,
        };

    /// <summary>The keys of one mode, or all where the mode isn't known.</summary>
    private static IReadOnlyList<Row> Of(NetworkMode? mode) => mode is { } known ? s_byMode[known] : All;

    private static readonly Dictionary<NetworkMode, IReadOnlyList<Row>> s_byMode = Enum.GetValues<NetworkMode>()
        .ToDictionary(mode => mode, IReadOnlyList<Row> (mode) => [.. All.Where(row => row.IsFor(mode.Word()))]);
}
