using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Packets;
using SoftSwitch.Tests.Routing;
using static SoftSwitch.Tests.Routing.GatewayRig;

namespace SoftSwitch.Tests.Services;

/// <summary>A station that is no router, as host-only and internal networks can have one.</summary>
public sealed class StationTests
{
    [Fact]
    public void It_is_found_and_answers_echo()
    {
        using var net = new StationRig();
        net.Rig.Carry(0, Arp(ArpMessage.Request, GuestMac(0), GuestAddress(0), "10.10.0.1"));
        var found = Assert.Single(ReceivedArp.Of(net.Rig.Received(0)));
        Assert.Equal((ArpMessage.Reply, GatewayMac, "10.10.0.1"),
            (found.Message.Operation, found.Message.SenderMac.Value, found.Message.SenderAddress.ToString()));
        net.Rig.Carry(0, Echo(0, "10.10.0.1"));
        var answer = ReceivedIcmp.Of(Assert.Single(net.Rig.Received(0)));
        Assert.Equal(("10.10.0.1", "10.10.0.5", IcmpType.EchoReply), (answer.From, answer.To, answer.Type));
    }

    [Theory]
    [InlineData("10.10.0.6")]
    [InlineData("192.0.2.7")]
    [InlineData("10.10.0.255")]
    [InlineData("255.255.255.255")]
    public void It_routes_nothing(string to)
    {
        using var net = new StationRig();
        net.Rig.Carry(1, Arp(ArpMessage.Request, GuestMac(1), GuestAddress(1), "10.10.0.1"));
        net.Rig.Received(0);
        net.Rig.Received(1);
        net.Rig.Carry(0, From(0, to).Build());
        Assert.Equal(1, net.Rig.InDrops(0, DropReason.NotRouted));
        Assert.Empty(net.Rig.Received(0));
        Assert.Empty(net.Rig.Received(1));
    }

    [Theory]
    [InlineData("10.10.0.1")]
    [InlineData("10.20.0.5")]
    [InlineData("10.10.0.255")]
    public void It_answers_nobody_who_is_not_on_its_link(string from)
    {
        using var net = new StationRig();
        net.Rig.Carry(0, (From(0, "10.10.0.1") with { From = from }).Build());
        Assert.Equal(1, net.Rig.InDrops(0, DropReason.SourceOutsideSubnet));
        Assert.Empty(net.Rig.Received(0));
    }

    [Fact]
    public void Ipv6_and_what_is_in_a_VLAN_are_none_of_its_business()
    {
        using var net = new StationRig();
        net.Rig.Carry(0, (StationRig.To(NoteService.Port) with { IsIpv6 = true }).Build());
        net.Rig.Carry(0, (StationRig.To(NoteService.Port) with { Vlans = [7] }).Build());
        net.Rig.Carry(0, (StationRig.ToAll(NoteService.Port) with { Vlans = [7] }).Build());
        Assert.Equal(2, net.Rig.InDrops(0, DropReason.NotRouted));
        Assert.Empty(net.Notes.Notes);
    }
}
