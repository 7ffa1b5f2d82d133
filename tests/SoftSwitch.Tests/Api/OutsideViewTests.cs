using SoftSwitch.Api.Views;
using SoftSwitch.Config;
using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Linux;
using SoftSwitch.Packets;
using SoftSwitch.State.Nat;
using SoftSwitch.Tests.Nat;

namespace SoftSwitch.Tests.Api;

public class OutsideViewTests
{
    private static readonly Instant s_now = new(100_000);

    [Fact]
    public void Each_network_of_an_outside_has_each_way_with_the_flows_of_its_own()
    {
        using var rig = new NatRig(new NaptPolicy(), new NaptPolicy());
        rig.Out("udp 10.0.0.5:40000 > 198.51.100.9:53");
        rig.Out("udp 10.0.0.6:40001 > 198.51.100.9:53");
        rig.Out("udp 10.0.1.5:40002 > 198.51.100.9:53", policy: 1);
        var ways = Ways(null,
            new WaySnapshot("eth0", NatRig.Outside, IsOpen: true, new(35_000), "rule 32766, table main", rig.Napt),
            new WaySnapshot("vpn", Ipv4Address.Parse("10.8.0.2"), IsOpen: false, s_now, "gone", rig.Napt));
        Assert.Equal(
        [
            new("dev", "eth0", "203.0.113.1", "open", 2, "rule 32766, table main", 65),
            new("dev", "vpn", "10.8.0.2", "closed", 2, "gone", 0),
            new("lab", "eth0", "203.0.113.1", "open", 1, "rule 32766, table main", 65),
            new("lab", "vpn", "10.8.0.2", "closed", 1, "gone", 0),
        ], ways);
        Assert.Equal(ways.Count, ways.Select(way => way.Key()).Distinct().Count());
    }

    [Fact]
    public void Where_there_is_no_way_out_it_says_what_is_missing() =>
        Assert.Equal([new("dev", null, null, "none", 0, "no default route"), new("lab", null, null, "none", 0, "no default route")],
            Ways("no default route"));

    private static List<OutsideView> Ways(string? obstacle, params WaySnapshot[] ways)
    {
        var outside = new OutsideSnapshot(new Dictionary<int, string> { [0] = "dev", [1] = "lab" }, null, null, obstacle, ways, [], [], [],
            new Dictionary<TransportPort, SystemCallException>(), 0, 0);
        return [.. OutsideView.All(new(ConfigFile.Parse("", "{}").Model!, DateTimeOffset.UnixEpoch, s_now, [], [], [outside]))];
    }
}
