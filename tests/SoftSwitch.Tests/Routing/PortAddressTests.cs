using System.Collections.Frozen;
using SoftSwitch.Forwarding.Budgets;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Forwarding.Stations.Neighbors;
using SoftSwitch.Packets;
using static SoftSwitch.Tests.Routing.GatewayRig;
using static SoftSwitch.Tests.Routing.WorldRig;

namespace SoftSwitch.Tests.Routing;

/// <summary>Addresses that are wanted of one port: what is heard of them, how they are asked for, and that nobody behind another port
/// can have them.</summary>
public class PortAddressTests
{
    private static readonly Ipv4Address s_six = Ipv4Address.Parse("10.10.0.6");

    [Fact]
    public void What_a_port_says_in_ARP_and_in_packets_is_heard_and_nothing_else()
    {
        using var net = new GatewayRig();
        var heard = Listen(net, 0);
        net.Rig.Carry(0, Arp(ArpMessage.Request, GuestMac(0), "10.10.0.5", "10.10.0.99"));
        net.Later(1);
        net.Rig.Carry(0, Arp(ArpMessage.Reply, GuestMac(0), "10.10.0.7", "10.10.0.1", GatewayMac));
        net.Later(1);
        net.Rig.Carry(0, (From(0, "203.0.113.9") with { From = "10.10.0.8" }).Build());
        // Not the guest's: the gateway's, none of the subnet, another's MAC in the message, another port's.
        foreach (var other in new[] { "10.10.0.1", "10.20.0.5", "10.10.0.0", "10.10.0.255" })
            net.Rig.Carry(0, Arp(ArpMessage.Request, GuestMac(0), other, "10.10.0.99"));
        var borrowed = Arp(ArpMessage.Request, GuestMac(1), "10.10.0.9", "10.10.0.99");
        new MacAddress(GuestMac(0)).Write(borrowed.AsSpan(6));
        net.Rig.Carry(0, borrowed);
        net.Rig.Carry(1, Arp(ArpMessage.Request, GuestMac(1), "10.10.0.6", "10.10.0.99"));

        var seen = new List<HeardAddress>();
        heard.CopyTo(seen);
        Assert.Equal(
            [("10.10.0.5", 5000, 5000), ("10.10.0.7", 0, 6000), ("10.10.0.8", 7000, 0)],
            seen.Select(one => (one.Address.ToString(), one.Spoke.Milliseconds, one.Claimed.Milliseconds)).Order());
    }

    [Theory]
    [InlineData("tcp 10.10.0.5:4000 > 198.51.100.7:80 S seq=1", true)]
    [InlineData("tcp 10.10.0.5:4000 > 198.51.100.7:80 SA seq=1 ack=2", false)]
    [InlineData("tcp 10.10.0.5:4000 > 198.51.100.7:80 RA seq=1 ack=2", false)]
    [InlineData("tcp 10.10.0.5:4000 > 198.51.100.7:80 A seq=1", false)]
    [InlineData("udp 10.10.0.5:4000 > 198.51.100.7:80", true)]
    [InlineData("udp 10.10.0.5:53 > 198.51.100.7:80", false)]
    [InlineData("icmp 10.10.0.5 > 198.51.100.7 type=8 id=1", true)]
    [InlineData("icmp 10.10.0.5 > 198.51.100.7 type=0 id=1", false)]
    public void Who_answers_has_not_spoken(string packet, bool isHeard)
    {
        using var world = new WorldRig();
        var heard = world.Rig.Member(Guest0).Heard = new(world.Gateway.Subnet, world.Gateway.Address, new ushort[] { 53 }.ToFrozenSet());
        world.Say(Guest0, packet);
        var seen = new List<HeardAddress>();
        heard.CopyTo(seen);
        Assert.Equal(isHeard ? 1 : 0, seen.Count);
    }

    [Fact]
    public void The_latest_few_are_kept()
    {
        using var net = new GatewayRig();
        var heard = Listen(net, 0);
        for (var i = 10; i < 10 + 3 * Limits.HeardAddresses.Most; i++)
        {
            net.Rig.Carry(0, Arp(ArpMessage.Request, GuestMac(0), $"10.10.0.{i}", "10.10.0.99"));
            net.Later(1);
        }
        var seen = new List<HeardAddress>();
        heard.CopyTo(seen);
        Assert.Equal(Enumerable.Range(10 + 2 * Limits.HeardAddresses.Most, Limits.HeardAddresses.Most).Select(i => $"10.10.0.{i}"),
            seen.Select(one => one.Address.ToString()).Order());
    }

    [Fact]
    public void A_question_goes_to_one_port_alone_and_many_have_as_many_turns_as_they_need()
    {
        using var net = new GatewayRig();
        net.Rig.Tick(net.Gateway);
        net.Rig.Received(0);
        net.Rig.Received(1);
        for (var i = 2; i < 102; i++)
            Assert.True(net.Gateway.Ipv4Neighbors.TryAsk(net.Rig.Member(1), Ipv4Address.Parse($"10.10.0.{i}")));
        while (net.Gateway.Ipv4Neighbors.Questions > 0)
            net.Rig.Tick(net.Gateway);
        Assert.Empty(net.Rig.Received(0));
        var asked = ReceivedArp.Of(net.Rig.Received(1)).ToList();
        Assert.Equal(Enumerable.Range(2, 100).Select(i => $"10.10.0.{i}"), asked.Select(arp => arp.Message.TargetAddress.ToString()));
        Assert.All(asked,
            arp => Assert.Equal((ArpMessage.Request, "10.10.0.1"), (arp.Message.Operation, arp.Message.SenderAddress.ToString())));
    }

    [Fact]
    public void A_bound_address_is_believed_of_its_port_alone_and_that_another_claimed_it_is_noted()
    {
        using var net = new GatewayRig();
        net.Introduce();
        var binding = new AddressBinding("port1");
        net.Gateway.Ipv4Neighbors.Bindings = new Dictionary<Ipv4Address, AddressBinding> { [s_six] = binding }.ToFrozenDictionary();
        net.Rig.Carry(0, Arp(ArpMessage.Request, GuestMac(0), "10.10.0.6", "10.10.0.1"));
        net.Rig.Carry(0, Arp(ArpMessage.Reply, GuestMac(0), "10.10.0.6", "10.10.0.6"));
        Assert.True(binding.IsContested);
        Assert.Empty(net.Rig.Received(0));
        net.Rig.Carry(0, From(0, "10.10.0.6").Build());
        net.Rig.Carry(1, (From(1, "10.10.0.5") with { From = "10.10.0.6" }).Build());
        Assert.Equal([GuestMac(1), GuestMac(0)],
            new[] { net.Rig.Received(1)[^1], net.Rig.Received(0)[^1] }.Select(frame => MacAddress.Read(frame.Bytes).Value));
        // It is its own for the other.
        net.Rig.Carry(1, Arp(ArpMessage.Request, GuestMac(1), "10.10.0.6", "10.10.0.1"));
        Assert.Single(ReceivedArp.Of(net.Rig.Received(1)));
    }

    [Theory]
    [InlineData("udp 198.51.100.7:53 > 203.0.113.1:2222", false)]
    [InlineData("tcp 198.51.100.7:53 > 203.0.113.1:2222 S seq=1", false)]
    [InlineData("udp 198.51.100.7:53 > 203.0.113.1:2222", true)]
    [InlineData("tcp 198.51.100.7:53 > 203.0.113.1:2222 S seq=1", true)]
    public void What_is_for_a_forward_that_waits_is_counted_as_that_and_answered_once_everybody_was_asked(string packet, bool inVain)
    {
        using var world = new WorldRig();
        world.Outside.Waiting = WaitingForwards.Of(
            [(new(IpProtocol.Tcp, 2222, 2223), null, inVain), (new(IpProtocol.Udp, 2222, 2222), null, inVain)]);
        world.Say(Uplink, packet);
        world.Say(Guest0, packet.Replace("198.51.100.7", "10.10.0.5"));
        Assert.Equal((1, 1), (world.Rig.InDrops(Uplink, DropReason.ForwardWaits), world.Rig.InDrops(Guest0, DropReason.ForwardWaits)));
        foreach (var port in new[] { Uplink, Guest0 })
        {
            var answers = world.Rig.Received(port);
            if (inVain)
                Assert.Equal((IcmpType.DestinationUnreachable, IcmpUnreachable.Host),
                    (Assert.Single(answers).Bytes[34], answers[0].Bytes[35]));
            else
                Assert.Empty(answers);
        }
        // Beside it nothing has changed.
        world.Say(Uplink, packet.Replace("2222", "2224"));
        Assert.Equal(1, world.Rig.InDrops(Uplink, DropReason.NoFlow));
        world.Outside.Waiting = WaitingForwards.None;
        world.Say(Uplink, packet);
        Assert.Equal(2, world.Rig.InDrops(Uplink, DropReason.NoFlow));
    }

    private static HeardAddresses Listen(GatewayRig net, int port) =>
        net.Rig.Member(port).Heard = new(net.Gateway.Subnet, net.Gateway.Address, new ushort[] { 53 }.ToFrozenSet());
}
