using SoftSwitch.Api;
using SoftSwitch.Api.Views;
using SoftSwitch.Config;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Packets;
using SoftSwitch.State.Nat;
using SoftSwitch.State.Networks;
using SoftSwitch.Tests.Routing;

namespace SoftSwitch.Tests.Api;

public class RouteQuestionTests
{
    private const string Far = "198.51.100.7";

    [Theory]
    [InlineData(false, "10.10.0.1", "gateway", "the network's gateway, which answers itself")]
    [InlineData(false, "10.10.0.6", "guest", "an address in its own network, without any way out")]
    [InlineData(false, "10.20.0.5", "network", "nowhere: it is in another network of this switch; only a forward leads there")]
    [InlineData(false, "203.0.113.1", "outside",
        "the network's own outside address: forwards lead to their guests, nothing else is there")]
    [InlineData(true, "203.0.113.1", "shared",
        "the host's address that the network shares: forwards lead to their guests, the rest to the host itself")]
    [InlineData(false, Far, "out", "out by eth0 as 203.0.113.1, next hop 203.0.113.254 (named in the file)")]
    [InlineData(false, "203.0.113.254", "out", "out by eth0 as 203.0.113.1, directly (named in the file)")]
    [InlineData(false, "10.10.0.255", "not-routed", "nowhere: groups, broadcasts, link-local addresses and 127.0.0.0/8 are not routed")]
    [InlineData(false, "169.254.169.254", "not-routed", "nowhere: groups, broadcasts, link-local addresses and 127.0.0.0/8 are not routed")]
    [InlineData(false, "224.0.0.1", "not-routed", "nowhere: groups, broadcasts, link-local addresses and 127.0.0.0/8 are not routed")]
    public void Where_the_file_names_the_way_the_gateway_knows_all(bool isShared, string to, string verdict, string text)
    {
        using var world = new WorldRig(isShared);
        var route = Ask(world.Gateway, world.Outside, to);
        Assert.Equal((verdict, $"vm1 to {to}: {text}"), (route.Verdict, route.Text));
    }

    [Fact]
    public void Where_the_hosts_routing_decides_it_is_asked()
    {
        using var rig = new WaysRig();
        var answer = new RouteAnswer(RouteVerdict.Out, 7, null, rig.ByVpn.Address, 51820);
        var open = new LedTo(answer, rig.ByVpn, "rule 77, table 51820") { Interface = "vpn" };
        Assert.Equal(
            new RouteView("vm1", "dev", Far, "out", $"vm1 to {Far}: out by vpn as 10.8.0.2, directly (rule 77, table 51820)", "vpn",
                "10.8.0.2", Far, "rule 77, table 51820"),
            Ask(rig.Gateway, rig.ByNic, Far, open));
        Assert.Equal(
            $"vm1 to {Far}: out by vpn as 10.8.0.2, next hop 10.8.0.1 (rule 77, table 51820); that way is opened when a packet comes",
            Ask(rig.Gateway, rig.ByNic, Far, open with { Answer = answer with { Gateway = Ipv4Address.Parse("10.8.0.1") }, Way = null })
                .Text);
        Assert.Equal(("no-route",
            $"vm1 to {Far}: nowhere: the host's routing leads by vpn as 10.8.0.2 (rule 77, table 51820), which can't be taken; "
                + "the log says why"), Said(open with { Way = null, IsRefused = true }));
        var byIpv6 = Ask(rig.Gateway, rig.ByNic, Far, open with { Answer = answer with { Ipv6Gateway = Ipv6Address.Parse("fe80::1") } });
        Assert.Equal(("fe80::1", $"vm1 to {Far}: out by vpn as 10.8.0.2, next hop fe80::1 (rule 77, table 51820)"),
            (byIpv6.Next, byIpv6.Text));
        Assert.Equal(("host", $"vm1 to {Far}: the host itself"), Said(new(new(RouteVerdict.Host), rig.ByVpn)));
        Assert.Equal("no-route", Said(new(new(RouteVerdict.Host), rig.ByVpn) { IsLocalElsewhere = true }).Item1);
        // What isn't outside isn't asked for.
        Assert.Equal("network", Ask(rig.Gateway, rig.ByNic, "10.20.0.5", null, "10.20.0.0/24").Verdict);

        (string, string) Said(LedTo led) => Ask(rig.Gateway, rig.ByNic, Far, led) is var route ? (route.Verdict, route.Text) : default;
    }

    [Theory]
    [InlineData(RouteVerdict.NoRoute, "no-route", "the host has no route, and the guest is told")]
    [InlineData(RouteVerdict.Unreachable, "unreachable", "the host's routing says unreachable, and the guest is told")]
    [InlineData(RouteVerdict.Prohibited, "prohibited", "the host's routing prohibits it, and the guest is told")]
    [InlineData(RouteVerdict.Blackhole, "blackhole", "a blackhole of the host's routing, and nobody is told")]
    [InlineData(RouteVerdict.NotForGuests, "no-route",
        "the host's routing has a broadcast, a group, or an encapsulation for it")]
    [InlineData(RouteVerdict.Host, "no-route", "an address of the host, to which no way is open")]
    [InlineData(RouteVerdict.Out, "no-route", "the host has no address for that way")]
    public void What_leads_nowhere_says_why(RouteVerdict kernel, string verdict, string text)
    {
        using var rig = new WaysRig();
        var route = Ask(rig.Gateway, rig.ByNic, Far, new(new(kernel)));
        Assert.Equal((verdict, $"vm1 to {Far}: nowhere: {text}"), (route.Verdict, route.Text));
    }

    [Fact]
    public void A_refusal_has_the_rule_and_the_route()
    {
        using var rig = new WaysRig();
        const string why = "rule 32766, table main, unreachable default";
        var route = Ask(rig.Gateway, rig.ByNic, Far, new(new(RouteVerdict.Unreachable), Why: why));
        Assert.Equal(($"vm1 to {Far}: nowhere: the host's routing says unreachable ({why}), and the guest is told", why),
            (route.Text, route.Why));
    }

    [Fact]
    public void Where_the_kernel_cannot_be_asked_packets_go_nowhere_and_so_it_is_said()
    {
        using var rig = new WaysRig();
        var refused = new SystemCallException("RTM_GETROUTE", 105, "the host's routing");
        var route = Answer(rig.Gateway, rig.ByNic, Far, _ => throw refused);
        Assert.Equal(("no-route", $"vm1 to {Far}: nowhere: {refused.Message}"), (route.Verdict, route.Text));
    }

    private static RouteView Ask(Gateway gateway, Outside outside, string to, LedTo? led = null, string? otherNetwork = null)
    {
        if (otherNetwork is not null)
            gateway.Ways = new([outside], null, [], [gateway.Subnet, GatewayRig.Subnet(otherNetwork)], new());
        return Answer(gateway, outside, to, led is null ? null : _ => led);
    }

    /// <summary>And it is what the API says that it is.</summary>
    private static RouteView Answer(Gateway gateway, Outside outside, string to, Func<Ipv4Address, LedTo>? ask)
    {
        var model = ConfigFile.Parse("", "{ networks: { dev: { mode: nat } }, ports: { vm1: { network: dev, kind: guest } } }").Model!;
        var translator = outside.Translator;
        var seen = new OutsideSnapshot(new Dictionary<int, string> { [0] = "dev" }, "eth0", outside.Address, null,
            [new("eth0", outside.Address, IsOpen: true, default, "named in the file", translator)], [outside], [translator], [],
            new Dictionary<ForwardedPort, SystemCallException>(), new HashSet<Ipv4Address>(), [], ask);
        var network = new NetworkSnapshot(model.Networks[0], new Bridge("dev", TimeSpan.FromSeconds(300)), gateway);
        var route = RouteQuestion.Answer(new(model, DateTimeOffset.UnixEpoch, new(1), [network], [], [seen]), "vm1", to);
        using var json = System.Text.Json.JsonDocument.Parse(RouteView.Members.Json(route));
        Assert.True(RouteView.Members.Fits(json.RootElement));
        Assert.Contains(route.Verdict,
            RouteView.Members.Schema()["properties"]!["verdict"]!["enum"]!.AsArray().Select(word => (string)word!));
        return route;
    }
}
