using System.Globalization;
using SoftSwitch.Api;
using SoftSwitch.Api.Lists;
using SoftSwitch.Api.Views;
using SoftSwitch.Config;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Model;
using SoftSwitch.Packets;
using SoftSwitch.State;
using SoftSwitch.State.Networks;
using SoftSwitch.State.Ports;

namespace SoftSwitch.Tests.Api;

/// <summary>
/// A switch that holds still: three ports, a network of each routed mode and two others, and as many stations and flows as a test wants.
/// The stations are in a real bridge; the items of the other lists are made up.
/// </summary>
internal sealed class SampleSwitch
{
    /// <summary>Flow table entries that one request looks at.</summary>
    public const int FlowsLookedAt = 100;

    private const string Written = """
        networks: { quiet: { mode: internal }, dev: { mode: internal }, out: { mode: nat }, lab: { mode: host-only } }
        ports:
          vm1: { network: dev, kind: guest }
          vm2: { network: dev, kind: guest }
          box1: { network: quiet, kind: tap }
        """;

    private static readonly Instant s_now = new(1_000_000);
    private readonly Lazy<Bridge[]> _bridges;

    public SampleSwitch() => _bridges = new(Bridges);

    public SwitchModel Model { get; init; } = ConfigFile.Parse("", Written).Model!;

    public int Stations { get; init; } = 3;

    public long FlowCount { get; init; } = 4;

    /// <summary>The most flows that were asked for at once.</summary>
    public int LargestFlowLimit { get; private set; }

    public Action OnLook { get; init; } = () => { };

    /// <summary>What there is of it.</summary>
    public SwitchSnapshot Look()
    {
        OnLook();
        var networks = Model.Networks.Select((network, i) => new NetworkSnapshot(network, _bridges.Value[i], null)).ToList();
        return new(Model, DateTimeOffset.UnixEpoch, s_now, networks, [.. Model.Ports.Select(port => Port(port, networks))], []);
    }

    /// <summary>The lists of the API, with what is in them.</summary>
    public IReadOnlyList<IApiList> Lists =>
    [
        .. ApiLists.All.Select(list => list.Name switch
        {
            "networks" => ApiLists.Networks with { Items = _ => Networks() },
            "ports" => ApiLists.Ports with { Items = _ => Ports() },
            "flows" => ApiLists.Flows with { Pieces = (_, query) => Flows(query) },
            "names" => ApiLists.Names with { Items = _ => Names() },
            "neighbors" => ApiLists.Neighbors with { Items = _ => Neighbors() },
            "forwards" => ApiLists.Forwards with { Items = _ => Forwards() },
            "outside" => ApiLists.Outside with { Items = _ => Ways() },
            "drops" => ApiLists.Drops with { Items = _ => Drops() },
            _ => list,
        }),
    ];

    private IEnumerable<NetworkView> Networks() =>
    [
        new("quiet", "internal", 1500, 300, 1, 0, 0, 0, 0, 0, 0, 0),
        new("dev", "internal", 1500, 300, 2, Stations, 1, 2, 3, 4, 5, 6),
        new("out", "nat", 1500, 300, 0, 0, 0, 0, 0, 0, 0, 0, "10.10.0.0/24", "10.10.0.1",
            Nat: new("eth0", "192.0.2.7", "16384-29999", FlowCount, 2, 5, 3, 1)),
        new("lab", "host-only", 1500, 300, 0, 0, 0, 0, 0, 0, 0, 0, "192.168.56.0/24", "192.168.56.1", "ss-lab"),
    ];

    private static IEnumerable<PortView> Ports() =>
    [
        new("vm2", "guest", "dev", "waiting", "52:54:00:00:00:02", 1500, new(0, 0, 0), new(1, 60, 2), "vm2"),
        new("vm1", "guest", "dev", "up", "52:54:00:00:00:01", 1500, new(10, 1500, 1), new(20, 2_000_000, 0), "vm1"),
        new("box1", "tap", "quiet", "failed", null, 9000, new(0, 0, 0), new(0, 0, 0), "box1", "box1", "no namespace box1"),
    ];

    /// <summary>Every second flow is of 10.10.0.5, and one in a thousand is udp.</summary>
    private ListPage<FlowView> Flows(ListQuery query)
    {
        LargestFlowLimit = Math.Max(LargestFlowLimit, query.Limit);
        var found = new List<FlowView>();
        var from = FlowView.Slot(query);
        var at = from;
        for (; at < FlowCount && at < from + FlowsLookedAt && found.Count < query.Limit; at++)
        {
            var inside = new Ipv4Address(at % 2 == 0 ? 0x0A0A0005u : 0x0A0A0006).ToString();
            var protocol = at % 1000 == 3 ? "udp" : "tcp";
            if (query.Allows("network", "out") && query.Allows("protocol", protocol) && query.Allows("inside", inside))
                found.Add(new("out", protocol, $"{inside}:{40000 + at % 10000}", $"192.0.2.7:{16384 + at % 10000}", "198.51.100.9:443",
                    protocol == "udp" ? "active" : "established", 65, 7,
                    inside == "10.10.0.5" ? "vm1" : null));
        }
        return new(found, at < FlowCount ? at.ToString(CultureInfo.InvariantCulture) : null);
    }

    private static IEnumerable<NeighborView> Neighbors() =>
    [
        new("out", "10.10.0.10", null, null, "incomplete", 1, null),
        new("out", "10.10.0.5", "02:00:00:00:00:05", "vm1", "reachable", 65, "web"),
    ];

    private static IEnumerable<NameView> Names() =>
    [
        new("dev", "web", "web.dev.internal", "10.10.0.10", NameView.File),
        new("dev", "vm1", "vm1.dev.internal", "10.10.0.10", NameView.File),
        new("dev", "mail", "mail.dev.internal", "10.10.0.11", NameView.Guest),
        new("dev", "www.example.org", "www.example.org", "10.10.0.10", NameView.File),
        new("lab", "web", "web.lab.internal", "192.168.56.10", NameView.File),
    ];

    private static IEnumerable<ForwardView> Forwards() =>
    [
        new("out", "udp/5000-5010", "10.10.0.20", "192.0.2.7:5000-5010", "10.10.0.20:5000-5010", "active"),
        new("out", "tcp/12222", "web:22", "192.0.2.7:12222", null, "waiting",
            "no address is known of the guest behind port web: it has not been heard"),
        new("out", "tcp/2222", "web:22", "192.0.2.7:2222", "10.10.0.10:22", "active"),
    ];

    private static IEnumerable<OutsideView> Ways() =>
    [
        new("out", "vpn", "10.8.0.2", "open", 3, "rule 32764, table 51820", 65),
        new("out", "eth0", "192.0.2.7", "closed", 1, "the host does not have this address there now: the flows wait for it", 7),
        new("new", null, null, "none", 0, "the host has no default route; name an interface, or wait for one"),
    ];

    private static IEnumerable<DropView> Drops() =>
    [
        new("vm2", "out", "too-long", 2, "The frame is longer than the MTU of the port it should leave by."),
        new("vm1", "in", "malformed", 1, "The frame isn't one."),
    ];

    /// <summary>Of each network one; in that of the guests the stations were heard seven seconds ago, by turns behind slot 1 and
    /// 2.</summary>
    private Bridge[] Bridges() =>
    [
        .. Model.Networks.Select(network =>
        {
            var bridge = new Bridge(network.Name, network.Ageing);
            foreach (var port in Model.Ports.Where(port => port.Network == network.Name))
                bridge.Attach(new MemoryPort(port.Name));
            for (var i = 1; network.Name == "dev" && i <= Stations; i++)
                Assert.True(bridge.Fdb.Learn(0x0200_0000_0000UL + (ulong)i, (ushort)(i % 2 == 0 ? 2 : 1), new(s_now.Milliseconds - 7000)));
            return bridge;
        }),
    ];

    private static PortSnapshot Port(PortModel port, IEnumerable<NetworkSnapshot> networks) => new(
        port, networks.First(network => network.Model.Name == port.Network).Bridge, (ushort)(port.Name == "vm2" ? 2 : 1), PortStatus.Up,
        null, port.Name, null, null,
        () => new PortCounters());
}
