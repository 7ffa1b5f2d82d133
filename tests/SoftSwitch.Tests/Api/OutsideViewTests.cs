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

    [Fact]
    public void A_way_that_can_t_be_taken_has_a_row_with_why_as_long_as_packets_are_to_go_there()
    {
        using var rig = new NatRig();
        var refused = new RefusedWays();
        var (bridge, vpn) = (new WayKey(7, Ipv4Address.Parse("192.0.2.9")), new WayKey(8, Ipv4Address.Parse("10.8.0.2")));
        Assert.True(refused.Note(bridge, "br0", "it belongs to a bridge", new(10_000)));
        Assert.False(refused.Note(bridge, "br0", "it belongs to a bridge", new(90_000)));
        Assert.True(refused.Note(vpn, "vpn", "another reason", new(90_000)));
        var way = new WaySnapshot("vpn", vpn.Address, IsOpen: false, s_now, "another reason", rig.Napt);
        Assert.Equal([new("dev", "vpn", "10.8.0.2", "closed", 0, "another reason", 0),
            new("dev", "br0", "192.0.2.9", "refused", 0, "it belongs to a bridge", 90)],
            Views(new() { [0] = "dev" }, null, [.. refused.Look(s_now)], way));
        Assert.Empty(refused.Look(new(150_000)));
        refused.Forget(bridge);
        Assert.Equal(vpn.Address, Assert.Single(refused.Look(s_now)).Address);
        Assert.True(refused.Note(vpn, "vpn", "a new reason", s_now));
    }

    private static List<OutsideView> Ways(string? obstacle, params WaySnapshot[] ways)
    {
        return Views(new Dictionary<int, string> { [0] = "dev", [1] = "lab" }, obstacle, [], ways);
    }

    private static List<OutsideView> Views(
        Dictionary<int, string> networks, string? obstacle, RefusedWay[] refused, params WaySnapshot[] ways)
    {
        var outside = new OutsideSnapshot(networks, null, null, obstacle, ways, [], [], [],
            new Dictionary<ForwardedPort, SystemCallException>(), new HashSet<Ipv4Address>(), refused);
        return [.. OutsideView.All(new(ConfigFile.Parse("", "{}").Model!, DateTimeOffset.UnixEpoch, s_now, [], [], [outside]))];
    }
}
