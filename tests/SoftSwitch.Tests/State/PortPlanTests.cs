using SoftSwitch.Config;
using SoftSwitch.Kinds;
using SoftSwitch.Model;
using SoftSwitch.Packets;
using SoftSwitch.Persistence;
using SoftSwitch.State.Changes;

namespace SoftSwitch.Tests.State;

/// <summary>What becomes of each port in a change: the gentlest that does it.</summary>
public class PortPlanTests
{
    private const string Before = """
        networks:
          dev: { mode: internal }
          lab: { mode: host-only, subnet: 10.30.0.0/24 }
          lan: { mode: bridged, uplink: eth0 }
        ports:
          t: { network: dev, kind: tap }
          g: { network: dev, kind: guest }
          v: { network: lab, kind: veth, netns: box }
        """;

    [Theory]
    // Key by key, a port of each kind.
    [InlineData("t: { network: dev, kind: tap }", "t: { network: dev, kind: tap, comment: a, flood-limit: 9, guard: mac, mtu: 1400 }",
        "~t")]
    [InlineData("t: { network: dev, kind: tap }", "t: { network: lab, kind: tap }", ">t")]
    [InlineData("t: { network: dev, kind: tap }", "t: { network: lab, kind: tap, mtu: 1400 }", ">t")]
    [InlineData("t: { network: dev, kind: tap }", "t: { network: lab, kind: tap, interface: u }", "-t +t")]
    [InlineData("t: { network: dev, kind: tap }", "t: { network: dev, kind: tap, interface: u }", "-t +t")]
    [InlineData("t: { network: dev, kind: tap }", "t: { network: dev, kind: tap, netns: box }", "-t +t")]
    [InlineData("t: { network: dev, kind: tap }", "t: { network: dev, kind: tap, address: 10.9.0.1/24 }", "-t +t")]
    [InlineData("t: { network: dev, kind: tap }", "t: { network: dev, kind: tap, mac: '02:00:00:00:00:09' }", "-t +t")]
    [InlineData("t: { network: dev, kind: tap }", "t: { network: dev, kind: guest }", "-t +t")]
    [InlineData("g: { network: dev, kind: guest }", "g: { network: dev, kind: guest, mac: '02:00:00:00:00:09' }", ">g")]
    [InlineData("g: { network: dev, kind: guest }", "g: { network: lab, kind: guest, mac: '02:00:00:00:00:09' }", ">g")]
    [InlineData("g: { network: dev, kind: guest }", "g: { network: dev, kind: guest, owner: root }", "-g +g")]
    [InlineData("v: { network: lab, kind: veth, netns: box }", "v: { network: dev, kind: veth, netns: box, comment: b }", ">v")]
    [InlineData("v: { network: lab, kind: veth, netns: box }", "v: { network: lab, kind: veth, netns: other }", "-v +v")]
    // A name that is another's now is another port.
    [InlineData("t: { network: dev, kind: tap }", "u: { network: dev, kind: tap, interface: t }", "-t +u")]
    // Networks: of another mode it is another, and its ports move over, but for the uplink, which goes.
    [InlineData("dev: { mode: internal }", "dev: { mode: host-only, subnet: 10.31.0.0/24 }", ">t >g")]
    [InlineData("lan: { mode: bridged, uplink: eth0 }", "lan: { mode: bridged, uplink: eth1 }", "-eth0 +eth1")]
    [InlineData("lan: { mode: bridged, uplink: eth0 }", "lan: { mode: internal }", "-eth0")]
    [InlineData("lan: { mode: bridged, uplink: eth0 }", "lan: { mode: bridged, mtu: 1400, uplink: eth0 }", "~eth0")]
    [InlineData("dev: { mode: internal }", "dev: { mode: internal, mtu: 9000, guard: mac }", "~t ~g")]
    [InlineData("subnet: 10.30.0.0/24", "subnet: 10.32.0.0/24, ageing: 10s, host: { interface: x, reach: all }, dhcp: off", "")]
    public void A_port_is_disturbed_no_more_than_what_is_another_takes(string from, string to, string expected)
    {
        Assert.Contains(from, Before, StringComparison.Ordinal);
        var (before, after) = (Parse(Before), Parse(Before.Replace(from, to, StringComparison.Ordinal)));
        Assert.Equal(expected, Text(PortPlan.Of(ModelDifference.Between(before, KeptMacs.In(after, before)), before)));
    }

    [Fact]
    public void Who_moves_is_known_by_the_address_that_was_made_for_it()
    {
        var before = StationMacs.OfNames.Complete(Parse(Before));
        var after = StationMacs.OfNames.Complete(Parse(Before.Replace("g: { network: dev", "g: { network: lab", StringComparison.Ordinal)));
        var (was, fresh, kept) = (Guest(before), Guest(after), Guest(KeptMacs.In(after, before)));
        Assert.NotEqual(was.MadeMac, fresh.MadeMac);
        Assert.Equal((was.MadeMac, was.InterfaceMac, "lab"), (kept.MadeMac, kept.InterfaceMac, kept.Network));

        static GuestModel Guest(SwitchModel model) => model.Ports.OfType<GuestModel>().Single();
    }

    [Fact]
    public void Two_collide_by_name_by_interface_and_by_a_subnet_of_the_host()
    {
        TapModel one = new() { Name = "a", Network = "dev", Interface = "x" };
        TapModel other = new() { Name = "b", Network = "dev", Interface = "y" };
        Assert.False(Collision.Of(one, other));
        Assert.True(Collision.Of(one, other with { Name = "a" }));
        Assert.True(Collision.Of(one, other with { Interface = "x" }));
        Assert.False(Collision.Of(one, other with { Interface = "x", Netns = "box" }));
        // One namespace may have two names.
        Assert.True(Collision.Of(one with { Netns = "4711" }, other with { Interface = "x", Netns = "box" }));
        InterfaceAddress here = new(Ipv4Address.Parse("10.0.0.1"), 24), there = new(Ipv4Address.Parse("10.0.0.9"), 25);
        Assert.True(Collision.Of(one with { Address = here }, other with { Address = there }));
        Assert.False(Collision.Of(one with { Address = here }, other with { Address = there, Netns = "box" }));
    }

    private static string Text(PortPlan plan) => string.Join(' ', (string[])
    [
        .. plan.Going.Select(port => $"-{port.Name}"), .. plan.Coming.Select(port => $"+{port.Name}"),
        .. plan.Moving.Select(change => $">{change.After.Name}"), .. plan.Adapting.Select(change => $"~{change.After.Name}"),
    ]);

    private static SwitchModel Parse(string text)
    {
        var read = ConfigFile.Parse("test", text);
        Assert.True(read.Ok, string.Join('\n', read.Mistakes));
        return read.Model;
    }
}
