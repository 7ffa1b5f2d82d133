using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Packets;
using static SoftSwitch.Tests.Routing.WaysRig;

namespace SoftSwitch.Tests.Routing;

/// <summary>Where the host's routing decides between ways out: nothing leaves before it has answered, and nothing by another way than it
/// has said.</summary>
public sealed class WaysTests
{
    [Fact]
    public void Nothing_leaves_before_the_host_has_answered_and_then_all_in_its_order()
    {
        using var world = new WaysRig();
        for (var i = 0; i < 3; i++)
            world.Say(Guest0, $"udp 10.10.0.5:4000 > 198.51.100.7:53 len={100 + i}");
        world.Say(Guest1, "udp 10.10.0.6:4000 > 198.51.100.7:53 len=200");
        Assert.Empty(world.Heard(Nic));
        Assert.Empty(world.Heard(Vpn));
        Assert.Equal(2, world.Bells);
        var wanted = world.Wanted();
        Assert.Equal(["198.51.100.7", "198.51.100.7"], wanted.Select(one => $"{one.Destination}"));

        world.Answer(wanted, _ => world.ByVpn);
        var heard = world.Heard(Vpn);
        Assert.Equal([100, 101, 102, 200], heard.Select(packet => packet.Payload.Length));
        Assert.All(heard, packet => Assert.Equal("10.8.0.2", packet.Source.ToString()));
        Assert.Empty(world.Heard(Nic));
        Assert.Empty(world.Wanted());
    }

    [Fact]
    public void Each_destination_goes_its_own_way_with_the_address_of_that_way()
    {
        using var world = new WaysRig();
        for (var round = 0; round < 2; round++)
        {
            world.Say(Guest0, "udp 10.10.0.5:4000 > 198.51.100.7:53");
            world.Say(Guest0, "udp 10.10.0.5:4000 > 192.0.2.9:53");
            world.Answer(to => to.ToString() == "192.0.2.9" ? world.ByNic : world.ByVpn);
            Assert.Equal("10.8.0.2", Assert.Single(world.Heard(Vpn)).Source.ToString());
            Assert.Equal("203.0.113.1", Assert.Single(world.Heard(Nic)).Source.ToString());
        }
        // The second round asked nobody.
        Assert.Equal(2, world.Bells);
    }

    [Fact]
    public void From_the_moment_routes_have_changed_no_packet_goes_the_old_way()
    {
        using var world = new WaysRig();
        world.Say(Guest0, "udp 10.10.0.5:4000 > 198.51.100.7:53");
        world.Answer(_ => world.ByNic);
        world.Say(Guest0, "udp 10.10.0.5:4000 > 198.51.100.7:53");
        Assert.Equal(2, world.Heard(Nic).Count);

        world.Routes.Drop();
        world.Say(Guest0, "udp 10.10.0.5:4000 > 198.51.100.7:53");
        Assert.Empty(world.Heard(Nic));
        world.Answer(_ => world.ByVpn);
        world.Say(Guest0, "udp 10.10.0.5:4000 > 198.51.100.7:53");
        Assert.Equal(2, world.Heard(Vpn).Count);
        Assert.Empty(world.Heard(Nic));
    }

    [Theory]
    [InlineData(NoWay.NoRoute, IcmpUnreachable.Network)]
    [InlineData(NoWay.Unreachable, IcmpUnreachable.Host)]
    [InlineData(NoWay.Prohibited, IcmpUnreachable.Prohibited)]
    [InlineData(NoWay.Blackhole, -1)]
    public void What_the_host_may_not_reach_guests_may_not(NoWay why, int code)
    {
        using var world = new WaysRig();
        // The one that waits, and the next, which doesn't have to.
        world.Say(Guest0, "udp 10.10.0.5:4000 > 198.51.100.7:53 len=50");
        world.Answer(_ => null, why);
        world.Say(Guest0, "udp 10.10.0.5:4000 > 198.51.100.7:53 len=50");
        Assert.Empty(world.Heard(Nic));
        Assert.Empty(world.Heard(Vpn));
        var told = world.Packets(Guest0).ConvertAll(ReceivedIcmp.Of);
        Assert.Equal(code < 0 ? 0 : 2, told.Count);
        Assert.All(told, error => Assert.Equal((3, code, "10.10.0.1"), ((int)error.Type, (int)error.Code, error.From)));
    }

    [Theory]
    [InlineData("172.30.0.2")]
    [InlineData("10.8.0.2")]
    [InlineData("10.30.0.1")]
    public void What_is_the_host_goes_to_the_host_wherever_it_has_the_address(string address)
    {
        using var world = new WaysRig();
        var (host, way) = world.OpenWayToHost("172.30.0.2", "10.8.0.2", "10.30.0.1");
        for (var round = 0; round < 2; round++)
        {
            world.Say(Guest0, $"udp 10.10.0.5:4000 > {address}:53");
            world.AnswerHost(way);
            var heard = Assert.Single(world.Heard(host));
            Assert.Equal(("169.254.83.1", address), (heard.Source.ToString(), heard.Destination.ToString()));
        }
        // The second round asked nobody. Others in a network of the switch are nobody here.
        Assert.Equal(1, world.Bells);
        world.Say(Guest0, "udp 10.10.0.5:4000 > 10.30.0.2:53");
        Assert.Empty(world.Wanted());
        Assert.Equal(IcmpUnreachable.Prohibited, ReceivedIcmp.Of(Assert.Single(world.Packets(Guest0))).Code);
        Assert.Empty(world.Heard(Nic));
        Assert.Empty(world.Heard(Vpn));
    }

    [Fact]
    public void The_moment_an_address_is_the_hosts_no_more_nothing_goes_to_the_host_for_it()
    {
        using var world = new WaysRig();
        var (host, way) = world.OpenWayToHost("172.30.0.2");
        world.Say(Guest0, "udp 10.10.0.5:4000 > 172.30.0.2:53");
        world.AnswerHost(way);
        Assert.Single(world.Heard(host));
        world.Routes.Drop();
        world.Say(Guest0, "udp 10.10.0.5:4000 > 172.30.0.2:53");
        world.Answer(_ => world.ByNic);
        Assert.Empty(world.Heard(host));
        Assert.Single(world.Heard(Nic));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.8.9.10")]
    public void The_loopbacks_addresses_lead_nowhere_and_nobody_is_asked_about_them(string address)
    {
        using var world = new WaysRig();
        var (host, _) = world.OpenWayToHost("172.30.0.2", address);
        world.Say(Guest0, $"udp 10.10.0.5:4000 > {address}:53");
        Assert.Empty(world.Wanted());
        Assert.Empty(world.Heard(host));
        Assert.Empty(world.Heard(Nic));
    }

    [Fact]
    public void What_gets_no_answer_goes_nowhere()
    {
        using var world = new WaysRig();
        world.Say(Guest0, "udp 10.10.0.5:4000 > 198.51.100.7:53");
        for (var second = 0; second < 5; second++)
        {
            world.Rig.Now += TimeSpan.FromSeconds(1);
            world.Rig.Tick(world.Gateway);
        }
        world.Answer(_ => world.ByNic);
        Assert.Empty(world.Heard(Nic));
        Assert.Equal(1, world.Gateway.Total().InDrops(DropReason.RouteUnknown));
    }

    [Fact]
    public void Who_sweeps_addresses_asks_no_more_than_his_share_and_another_asks_on()
    {
        using var world = new WaysRig();
        for (var i = 0; i < 3_000; i++)
        {
            world.Say(Guest0, $"udp 10.10.0.5:4000 > 198.18.{i >> 8}.{i & 255}:53");
            if (i % 500 == 499)
                world.Answer(_ => world.ByVpn);
        }
        Assert.Equal(2_000, world.Heard(Vpn).Count);
        Assert.Equal(1_000, world.Gateway.Total().OutDrops(DropReason.RouteUnknown) + world.Rig.InDrops(Guest0, DropReason.RouteUnknown));
        world.Say(Guest1, "udp 10.10.0.6:4000 > 198.51.100.7:53");
        world.Answer(_ => world.ByNic);
        Assert.Single(world.Heard(Nic));
    }

    [Fact]
    public void Who_sweeps_addresses_pushes_out_his_own()
    {
        using var world = new WaysRig();
        var end = world.Rig.Now + Lifetime;
        var (sweeper, quiet) = (world.Rig.Port(Guest0), world.Rig.Port(Guest1));
        var kept = Enumerable.Range(0, 100).Select(i => new Ipv4Address(0xC000_0000 + (uint)i * 7)).ToList();
        kept.ForEach(address => world.Routes.Add(address, world.To(world.ByVpn, address), [], quiet, end, 0));
        for (var i = 0U; i < 500_000; i++)
            world.Routes.Add(new Ipv4Address(0x0B00_0000 + i), new WayTo(world.ByNic, NextRouter), [], sweeper, end, 0);
        Assert.All(kept, address => Assert.True(world.Routes.Contains(address, world.Rig.Now)));
        world.Routes.Drop();
        Assert.All(kept, address => Assert.False(world.Routes.Contains(address, world.Rig.Now)));
    }

    [Fact]
    public void A_guest_whose_port_has_gone_while_it_waited_sends_nothing()
    {
        using var world = new WaysRig();
        world.Say(Guest0, "udp 10.10.0.5:4000 > 198.51.100.7:53");
        world.Rig.Bridge().Detach(world.Rig.Member(Guest0));
        world.Answer(_ => world.ByVpn);
        Assert.Empty(world.Heard(Vpn));
        Assert.Equal(1, world.Gateway.Total().InDrops(DropReason.PortDown));
    }

    [Fact]
    public void An_answer_comes_in_by_the_way_that_the_question_took()
    {
        using var world = new WaysRig();
        world.Say(Guest0, "udp 10.10.0.5:4000 > 198.51.100.7:53");
        world.Answer(_ => world.ByVpn);
        var sent = Assert.Single(world.Heard(Vpn));
        world.Say(Nic, $"udp 198.51.100.7:53 > 203.0.113.1:{sent.SourcePort}");
        Assert.Empty(world.Heard(Guest0));
        world.Say(Vpn, $"udp 198.51.100.7:53 > 10.8.0.2:{sent.SourcePort}");
        Assert.Equal(4000, Assert.Single(world.Heard(Guest0)).DestinationPort);
    }

    [Fact]
    public void An_answer_to_what_began_outside_goes_by_the_way_that_it_came_in_by_or_nowhere()
    {
        using var world = new WaysRig();
        world.ByNic.Translator.SetForwards(0, [new(new(IpProtocol.Udp, 5353, 5353), Ipv4Address.Parse("10.10.0.5"), 53)], world.Rig.Now);
        world.Say(Nic, "udp 198.51.100.7:4000 > 203.0.113.1:5353");
        Assert.Equal(53, Assert.Single(world.Heard(Guest0)).DestinationPort);

        // All else goes by the other way.
        world.Say(Guest0, "udp 10.10.0.5:53 > 198.51.100.7:4000");
        world.Answer(world.Wanted(), _ => world.ByVpn, answers: world.ByNic);
        Assert.Equal(("203.0.113.1", 5353), world.Heard(Nic).ConvertAll(packet => ($"{packet.Source}", (int)packet.SourcePort)).Single());
        Assert.Empty(world.Heard(Vpn));
        world.Say(Guest0, "udp 10.10.0.5:54 > 198.51.100.7:4000");
        Assert.Single(world.Heard(Vpn));

        // From the way's address nothing leads there any more.
        world.Routes.Drop();
        world.Say(Guest0, "udp 10.10.0.5:53 > 198.51.100.7:4000");
        world.Answer(_ => world.ByVpn);
        Assert.Empty(world.Heard(Nic));
        Assert.Empty(world.Heard(Vpn));
        Assert.Equal(IcmpUnreachable.Network, ReceivedIcmp.Of(Assert.Single(world.Packets(Guest0))).Code);
    }

    [Fact]
    public void Guests_are_told_of_connections_that_have_ended_by_the_number_that_they_expect()
    {
        using var world = new WaysRig();
        world.Say(Guest0, "tcp 10.10.0.5:4000 > 198.51.100.7:80 S seq=100");
        world.Answer(_ => world.ByVpn);
        var port = Assert.Single(world.Heard(Vpn)).SourcePort;
        world.Say(Vpn, $"tcp 198.51.100.7:80 > 10.8.0.2:{port} SA seq=500 ack=101");
        world.Say(Guest0, "tcp 10.10.0.5:4000 > 198.51.100.7:80 A seq=101 ack=501");
        // What the guest has received, and has not acknowledged.
        world.Say(Vpn, $"tcp 198.51.100.7:80 > 10.8.0.2:{port} A seq=501 ack=101 len=20");
        world.Say(Guest1, "tcp 10.10.0.6:4000 > 198.51.100.7:80 S seq=100");
        world.Heard(Guest0);
        world.Heard(Guest1);

        var open = new List<OpenFlow>();
        world.ByVpn.Translator.CopyOpenTo(open, 0, world.ByVpn.Translator.SlotCount, world.Rig.Now);
        world.Gateway.End(Assert.Single(open));
        world.Rig.Resume(world.Gateway);
        var told = world.Heard(Guest0);
        Assert.Equal([501U, 521U], told.Select(packet => packet.Sequence));
        Assert.All(told, packet => Assert.Equal(("198.51.100.7", 80, 4000, (byte)(TcpFlags.Rst | TcpFlags.Ack)),
            ($"{packet.Source}", (int)packet.SourcePort, (int)packet.DestinationPort, packet.Flags)));
        Assert.Empty(world.Heard(Guest1));
    }

    [Fact]
    public void An_answer_ends_with_its_time_and_what_is_used_is_known_before()
    {
        using var world = new WaysRig();
        world.Say(Guest0, "udp 10.10.0.5:4000 > 198.51.100.7:53");
        world.Answer(_ => world.ByNic);
        var (used, ending) = (new List<(Ipv4Address Destination, Port)>(1), new List<(Ipv4Address Destination, Port)>());
        world.Routes.TakeUsed(world.Rig.Now, world.Rig.Now + Lifetime / 2, used, ending);
        Assert.Equal("198.51.100.7", Assert.Single(used).Destination.ToString());
        Assert.Empty(ending);
        used.Clear();
        world.Routes.TakeUsed(world.Rig.Now, world.Rig.Now + Lifetime, used, ending);
        Assert.Empty(used);

        world.Rig.Now += Lifetime / 2;
        world.Say(Guest0, "udp 10.10.0.5:4000 > 198.51.100.7:53");
        world.Routes.TakeUsed(world.Rig.Now, world.Rig.Now + Lifetime / 2, used, ending);
        Assert.Single(ending);
        Assert.Equal(2, world.Heard(Nic).Count);
        world.Rig.Now += Lifetime / 2;
        world.Say(Guest0, "udp 10.10.0.5:4000 > 198.51.100.7:53");
        Assert.Empty(world.Heard(Nic));
        Assert.Single(world.Wanted());
    }

    [Fact]
    public void An_answer_that_was_asked_for_before_a_drop_doesn_t_count_after_it()
    {
        using var world = new WaysRig();
        var destination = Ipv4Address.Parse("198.51.100.7");
        var before = world.Routes.Generation;
        world.Routes.Drop();
        world.Routes.Add(destination, world.To(world.ByNic, destination), [], world.Rig.Port(Guest0), world.Rig.Now + Lifetime, before);
        Assert.False(world.Routes.Contains(destination, world.Rig.Now));
        world.Say(Guest0, "udp 10.10.0.5:4000 > 198.51.100.7:53");
        Assert.Empty(world.Heard(Nic));
        world.Answer(_ => world.ByVpn);
        Assert.Single(world.Heard(Vpn));
    }
}
