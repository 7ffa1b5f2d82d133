using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Packets;
using SoftSwitch.Tests.Nat;
using static SoftSwitch.Tests.Routing.WaysRig;

namespace SoftSwitch.Tests.Routing;

/// <summary>Forwards are asked by every way, and at every address of the host; answers go back as they were asked, and nothing else
/// does.</summary>
public sealed class ForwardWayTests
{
    private static readonly NaptForward Dns = new(new(IpProtocol.Udp, 5353, 5353), Ipv4Address.Parse("10.10.0.5"), 53);
    private static readonly string[] Host = ["203.0.113.1", "203.0.113.2", "10.8.0.2", "10.30.0.1"];

    [Fact]
    public void Whichever_address_of_the_host_an_outsider_asks_by_whichever_way_answers()
    {
        using var world = World();
        foreach (var (i, (port, address)) in Host.SelectMany(address => new[] { (Nic, address), (Vpn, address) }).Index())
        {
            world.Say(port, $"udp 198.51.100.7:{4000 + i} > {address}:5353");
            Assert.Equal(53, Assert.Single(world.Heard(Guest0)).DestinationPort);
            world.Say(Guest0, $"udp 10.10.0.5:53 > 198.51.100.7:{4000 + i}");
            world.Answer(world.Wanted(), _ => world.ByNic, answers: world.ByVpn);
            Assert.Equal($"udp {address}:5353 > 198.51.100.7:{4000 + i}", Assert.Single(world.Heard(port)).ToString());
            Assert.Empty(world.Heard(port == Nic ? Vpn : Nic));
        }
        // Nobody outside has such an address.
        world.Say(Nic, "udp 203.0.113.2:4000 > 203.0.113.1:5353");
        Assert.Empty(world.Heard(Guest0));
    }

    [Fact]
    public void A_guest_asks_at_an_alias_and_what_is_no_forward_there_is_the_host()
    {
        using var world = World();
        var (host, way) = world.OpenWayToHost(Host);
        AsksAndIsAnswered(world, "10.30.0.1");
        world.Say(Guest1, "udp 10.10.0.6:4000 > 10.30.0.1:5354");
        world.AnswerHost(way);
        Assert.Equal("10.30.0.1", Assert.Single(world.Heard(host)).Destination.ToString());
    }

    [Fact]
    public void An_address_that_a_way_has_is_asked_by_another_where_that_one_has_the_forwards()
    {
        using var world = World();
        var (host, way) = world.OpenWayToHost(Host);
        world.ByVpn.Translator.SetForwards(0, [], world.Rig.Now);
        AsksAndIsAnswered(world, "10.8.0.2");
        world.Say(Guest1, "udp 10.10.0.6:4000 > 10.8.0.2:5354");
        world.AnswerHost(way);
        Assert.Single(world.Heard(host));
    }

    [Fact]
    public void Who_has_asked_from_another_network_of_ours_is_answered_and_nobody_else_there_is_reached()
    {
        using var world = World();
        world.Say(Vpn, "udp 10.30.0.5:4000 > 10.30.0.1:5353");
        Assert.Single(world.Heard(Guest0));
        for (var round = 0; round < 2; round++)
        {
            world.Say(Guest0, "udp 10.10.0.5:53 > 10.30.0.5:4000");
            world.Answer(_ => world.ByVpn);
            Assert.Equal("udp 10.30.0.1:5353 > 10.30.0.5:4000", Assert.Single(world.Heard(Vpn)).ToString());
        }
        foreach (var other in new[] { "53 > 10.30.0.5:4001", "54 > 10.30.0.5:4000", "53 > 10.30.0.6:4000" })
        {
            world.Say(Guest0, $"udp 10.10.0.5:{other}");
            Assert.Equal(IcmpUnreachable.Prohibited, ReceivedIcmp.Of(Assert.Single(world.Packets(Guest0))).Code);
        }
        Assert.Empty(world.Wanted());
        Assert.Empty(world.Heard(Vpn));
    }

    [Fact]
    public void Fragments_of_such_an_answer_wait_for_its_route_together()
    {
        using var world = World();
        world.Say(Vpn, "udp 10.30.0.5:4000 > 10.30.0.1:5353");
        world.Heard(Guest0);
        for (var round = 0; round < 2; round++)
        {
            var answer = NatPacket.Parse($"udp 10.10.0.5:53 > 10.30.0.5:4000 len=4000 ip={70 + round}");
            foreach (var fragment in FragmentTests.Cut(answer, 1480))
                world.Rig.Carry(Guest0, FrameOf(Guest0, fragment));
            Assert.Empty(world.Packets(Guest0));
            world.Answer(_ => world.ByVpn);
            var reassembly = new Reassembly();
            world.Packets(Vpn).ForEach(frame => reassembly.Add(frame.Bytes));
            Assert.Equal(4000, Assert.Single(reassembly.Packets).Payload.Length);
            world.Routes.Drop();
        }
    }

    [Fact]
    public void Where_rules_look_at_the_source_an_answer_is_led_by_the_address_that_was_asked()
    {
        using var world = World();
        world.Say(Nic, "udp 198.51.100.7:4000 > 203.0.113.1:5353");
        world.Say(Nic, "udp 198.51.100.7:4001 > 203.0.113.2:5353");
        world.Say(Nic, "udp 198.51.100.7:4002 > 10.8.0.2:5353");
        world.Heard(Guest0);
        var destination = Ipv4Address.Parse("198.51.100.7");
        var byNic = world.To(world.ByNic, destination);
        // From the second address nothing leads there by the NIC; from the VPN's, by another router.
        world.Routes.Add(destination, byNic,
            [
                byNic with { From = Ipv4Address.Parse("203.0.113.1") }, byNic with { From = Ipv4Address.Parse("10.8.0.2"), Mtu = 1000 },
                world.To(world.ByVpn, destination) with { From = Ipv4Address.Parse("203.0.113.2") },
            ],
            world.Rig.Port(Guest0), world.Rig.Now + Lifetime, world.Routes.Generation);
        world.Say(Guest0, "udp 10.10.0.5:53 > 198.51.100.7:4000 len=1200 df");
        Assert.Equal("203.0.113.1", Assert.Single(world.Heard(Nic)).Source.ToString());
        world.Say(Guest0, "udp 10.10.0.5:53 > 198.51.100.7:4001");
        Assert.Equal(IcmpUnreachable.Network, ReceivedIcmp.Of(Assert.Single(world.Packets(Guest0))).Code);
        world.Say(Guest0, "udp 10.10.0.5:53 > 198.51.100.7:4002 len=1200 df");
        Assert.Equal(IcmpUnreachable.FragmentationNeeded, ReceivedIcmp.Of(Assert.Single(world.Packets(Guest0))).Code);
        world.Say(Guest0, "udp 10.10.0.5:53 > 198.51.100.7:4002");
        Assert.Equal("10.8.0.2", Assert.Single(world.Heard(Nic)).Source.ToString());
        // What begins inside is asked for no source.
        world.Say(Guest0, "udp 10.10.0.5:54 > 198.51.100.7:4000 len=1200 df");
        Assert.Single(world.Heard(Nic));
        Assert.Empty(world.Heard(Vpn));
    }

    [Fact]
    public void By_a_way_that_only_answers_nothing_leaves_but_answers()
    {
        using var world = World();
        var way = world.NameTheNic();
        world.Forward(Host, Dns);
        world.Say(Tunnel, "udp 198.51.100.7:4000 > 203.0.113.2:5353");
        world.Say(Tunnel, "udp 198.51.100.7:4001 > 10.9.0.2:5353");
        world.Say(Tunnel, "udp 10.30.0.5:4000 > 10.30.0.1:5353");
        Assert.Equal(3, world.Heard(Guest0).Count);
        world.Say(Guest0, "udp 10.10.0.5:53 > 198.51.100.7:4000");
        world.Say(Guest0, "udp 10.10.0.5:53 > 198.51.100.7:4001");
        world.Say(Guest0, "udp 10.10.0.5:53 > 10.30.0.5:4000");
        Assert.Equal(["203.0.113.2", "10.9.0.2", "10.30.0.1"], world.Heard(Tunnel).Select(packet => $"{packet.Source}"));

        // What is none goes by the NIC, also to who has asked there, and once his flow has ended.
        world.Say(Guest0, "udp 10.10.0.5:54 > 198.51.100.7:4000");
        way.Translator.SetForwards(0, [], world.Rig.Now);
        world.Say(Guest0, "udp 10.10.0.5:53 > 198.51.100.7:4001");
        Assert.Equal(["203.0.113.1", "203.0.113.1"], world.Heard(Nic).Select(packet => $"{packet.Source}"));
        Assert.Empty(world.Heard(Tunnel));
        // The translator itself begins nothing.
        using var translator = new NatRig(way.Translator);
        Assert.Equal(NaptVerdict.Prohibited, translator.Outbound("udp 10.10.0.5:55 > 198.51.100.7:9").Verdict);
    }

    /// <summary>A guest asks another's forward at an address of the host, and is answered from there.</summary>
    private static void AsksAndIsAnswered(WaysRig world, string address)
    {
        world.Say(Guest1, $"udp 10.10.0.6:4000 > {address}:5353");
        var asked = Assert.Single(world.Heard(Guest0));
        Assert.Equal("203.0.113.1", asked.Source.ToString());
        world.Say(Guest0, $"udp 10.10.0.5:53 > 203.0.113.1:{asked.SourcePort}");
        Assert.Equal($"udp {address}:5353 > 10.10.0.6:4000", Assert.Single(world.Heard(Guest1)).ToString());
    }

    private static WaysRig World()
    {
        var world = new WaysRig();
        world.Forward(Host, Dns);
        return world;
    }
}
