using SoftSwitch.Api;
using SoftSwitch.Api.Views;
using SoftSwitch.Packets;

namespace SoftSwitch.Tests.Api;

/// <summary>A switch that holds still: three ports, two networks, and as many stations as a test wants.</summary>
internal sealed class SampleSwitch : ISwitchView
{
    public int Stations { get; init; } = 3;

    public Action OnStatus { get; init; } = () => { };

    public StatusView Status()
    {
        OnStatus();
        return new("0.1.0", 4711, DateTimeOffset.UnixEpoch, 60, 1, true);
    }

    public IReadOnlyList<NetworkView> Networks() =>
        [new("quiet", "internal", 1500, 300, 1, 0, 0, 0, 0, 0, 0, 0), new("dev", "internal", 1500, 300, 2, Stations, 1, 2, 3, 4, 5, 6)];

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

    public IReadOnlyList<DropView> Drops() =>
    [
        new("vm2", "out", "too-long", 2, "The frame is longer than the MTU of the port it should leave by."),
        new("vm1", "in", "malformed", 1, "The frame isn't one."),
    ];

    public string ConfigJson() => """{"networks":{"dev":{"mode":"internal"}},"ports":{}}""";
}
