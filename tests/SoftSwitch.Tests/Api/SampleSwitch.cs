using SoftSwitch.Api;
using SoftSwitch.Api.Views;
using SoftSwitch.Packets;

namespace SoftSwitch.Tests.Api;

/// <summary>A switch that holds still: three ports, a network of each routed mode and two others, and as many stations and flows as a test wants.</summary>
internal sealed class SampleSwitch : ISwitchView
{
    /// <summary>Flow table entries that one request looks at.</summary>
    public const int FlowsLookedAt = 100;

    public int Stations { get; init; } = 3;

    public long FlowCount { get; init; } = 4;

    /// <summary>The most flows that were asked for at once.</summary>
    public int LargestFlowLimit { get; private set; }

    public Action OnStatus { get; init; } = () => { };

    public StatusView Status()
    {
        OnStatus();
        return new("0.1.0", 4711, DateTimeOffset.UnixEpoch, 60, 1, true);
    }

    public IReadOnlyList<NetworkView> Networks() =>
    [
        new("quiet", "internal", 1500, 300, 1, 0, 0, 0, 0, 0, 0, 0),
        new("dev", "internal", 1500, 300, 2, Stations, 1, 2, 3, 4, 5, 6),
        new("out", "nat", 1500, 300, 0, 0, 0, 0, 0, 0, 0, 0, "10.10.0.0/24", "10.10.0.1", Nat: new("eth0", "192.0.2.7", "16384-29999", FlowCount, 2, 5, 3, 1)),
        new("lab", "host-only", 1500, 300, 0, 0, 0, 0, 0, 0, 0, 0, "192.168.56.0/24", "192.168.56.1", "ss-lab"),
    ];

    public IReadOnlyList<PortView> Ports() =>
    [
        new("vm2", "guest", "dev", "waiting", "52:54:00:00:00:02", 1500, new(0, 0, 0), new(1, 60, 2), "vm2"),
        new("vm1", "guest", "dev", "up", "52:54:00:00:00:01", 1500, new(10, 1500, 1), new(20, 2_000_000, 0), "vm1"),
        new("box1", "tap", "quiet", "failed", null, 9000, new(0, 0, 0), new(0, 0, 0), "box1", "box1", "no namespace box1"),
    ];

    public IReadOnlyList<FdbEntryView> Fdb(FdbQuery query) =>
    [
        .. Enumerable.Range(1, Stations)
            .Select(i => (Key: new FdbKey("dev", new MacAddress(0x0200_0000_0000UL + (ulong)i)), Port: i % 2 == 0 ? "vm2" : "vm1"))
            .Where(entry => query.Network is null or "dev")
            .Where(entry => query.Port is null || query.Port == entry.Port)
            .Where(entry => query.After is not { } after || entry.Key.CompareTo(after) > 0)
            .Take(query.Limit)
            .Select(entry => new FdbEntryView("dev", entry.Key.Mac.ToString(), entry.Port, 7, "dynamic")),
    ];

    /// <summary>Every second flow is of 10.10.0.5, and one in a thousand is udp.</summary>
    public FlowPiece Flows(FlowQuery query)
    {
        LargestFlowLimit = Math.Max(LargestFlowLimit, query.Limit);
        var found = new List<FlowView>();
        var at = query.From;
        for (; at < FlowCount && at < query.From + FlowsLookedAt && found.Count < query.Limit; at++)
        {
            var inside = new Ipv4Address(at % 2 == 0 ? 0x0A0A0005u : 0x0A0A0006);
            var protocol = at % 1000 == 3 ? "udp" : "tcp";
            if (query.Network is null or "out" && (query.Protocol is null || query.Protocol == protocol) && (query.Inside is null || query.Inside == inside))
                found.Add(new("out", protocol, $"{inside}:{40000 + at % 10000}", $"192.0.2.7:{16384 + at % 10000}", "198.51.100.9:443", protocol == "udp" ? "active" : "established", 65, 7));
        }
        return new(found, at < FlowCount ? at : null);
    }

    public IReadOnlyList<NeighborView> Neighbors() =>
    [
        new("out", "10.10.0.10", null, null, "incomplete", 1),
        new("out", "10.10.0.5", "02:00:00:00:00:05", "vm1", "reachable", 65),
    ];

    public IReadOnlyList<ForwardView> Forwards() =>
    [
        new("out", "udp/5000-5010", "10.10.0.20", "192.0.2.7:5000-5010", "10.10.0.20:5000-5010", "active"),
        new("out", "tcp/12222", "web:22", "192.0.2.7:12222", null, "waiting", "no address is known of the guest behind port web: it has not been heard"),
        new("out", "tcp/2222", "web:22", "192.0.2.7:2222", "10.10.0.10:22", "active"),
    ];

    public IReadOnlyList<DropView> Drops() =>
    [
        new("vm2", "out", "too-long", 2, "The frame is longer than the MTU of the port it should leave by."),
        new("vm1", "in", "malformed", 1, "The frame isn't one."),
    ];

    public string ConfigJson() => """{"networks":{"dev":{"mode":"internal"}},"ports":{}}""";
}
