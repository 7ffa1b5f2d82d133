using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Packets;
using SoftSwitch.Tests.Forwarding;
using SoftSwitch.Tests.Nat;
using static SoftSwitch.Tests.Routing.GatewayRig;

namespace SoftSwitch.Tests.Routing;

/// <summary>A neighbor that works is not replaced by who says that he has its address: it is asked first, itself and nobody else (RFC 4861,
/// 7.2.5 and appendix C).</summary>
public sealed class DisputeTests
{
    private const int Thief = 0, Victim = 1;

    public static TheoryData<ushort, string> Claims() => new()
    {
        { ArpMessage.Request, "10.10.0.1" },
        { ArpMessage.Reply, "10.10.0.1" },
        { ArpMessage.Request, GuestAddress(Victim) },
        { ArpMessage.Reply, GuestAddress(Victim) },
    };

    [Theory]
    [MemberData(nameof(Claims))]
    public void A_claim_makes_us_ask_who_has_the_address_and_that_answer_counts(ushort operation, string target)
    {
        using var net = Begin();
        for (var second = 0; second < 10; second++)
        {
            net.Rig.Carry(Thief, Arp(operation, GuestMac(Thief), GuestAddress(Victim), target, GatewayMac));
            Assert.DoesNotContain(ReceivedArp.Of(net.Rig.Received(Thief)), arp => arp.Message.Operation == ArpMessage.Request);
            Assert.Equal((GuestMac(Victim), GuestAddress(Victim)), Question(net));
            Answer(net);
            Assert.True(ReachesVictim(net));
            net.Later(1);
            net.Rig.Tick(net.Gateway);
        }
        Assert.Empty(net.Rig.Received(Victim));
    }

    [Fact]
    public void Who_does_not_answer_three_questions_loses_the_address_to_who_claims_it()
    {
        using var net = Begin();
        net.Rig.Carry(Thief, Arp(ArpMessage.Reply, GuestMac(Thief), GuestAddress(Victim), GuestAddress(Victim)));
        net.Rig.Received(Thief);
        for (var questions = 1; questions <= 3; questions++)
        {
            Assert.Single(ReceivedArp.Of(net.Rig.Received(Victim)), arp => arp.From == GatewayMac);
            Assert.True(ReachesVictim(net));
            net.Later(1);
            net.Rig.Tick(net.Gateway);
        }
        Assert.False(ReachesVictim(net));
        Assert.Single(net.Rig.Received(Thief), frame => frame.Bytes[13] == 0);
    }

    public static TheoryData<string> Words() => ["a question", "an answer", "a packet"];

    /// <summary>A flood to him keeps the questions from him: he has left nothing unanswered that he knows of.</summary>
    [Theory]
    [MemberData(nameof(Words))]
    public void Who_has_heard_no_question_has_his_address_again_with_his_first_word(string word)
    {
        using var net = Begin();
        for (var second = 0; second < 100; second++)
        {
            net.Rig.Carry(Thief, Arp(ArpMessage.Reply, GuestMac(Thief), GuestAddress(Victim), "10.10.0.1", GatewayMac));
            net.Later(1);
            net.Rig.Tick(net.Gateway);
            net.Rig.Received(Thief);
        }
        Assert.False(ReachesVictim(net));
        net.Rig.Carry(Victim, word switch
        {
            "a packet" => From(Victim, "10.10.0.1").Build(),
            "a question" => Arp(ArpMessage.Request, GuestMac(Victim), GuestAddress(Victim), "10.10.0.1"),
            _ => Arp(ArpMessage.Reply, GuestMac(Victim), GuestAddress(Victim), "10.10.0.1", GatewayMac),
        });
        Assert.True(ReachesVictim(net));
        // He isn't trusted for ever: who has taken it is one who claims it, as before.
        net.Later(2);
        net.Rig.Carry(Thief, Arp(ArpMessage.Reply, GuestMac(Thief), GuestAddress(Victim), "10.10.0.1", GatewayMac));
        Assert.Equal((GuestMac(Victim), GuestAddress(Victim)), Question(net));
    }

    [Fact]
    public void Who_answers_first_when_everybody_is_asked_keeps_nothing_of_who_is_still_there()
    {
        using var net = Begin();
        net.Later(61);
        for (var questions = 0; questions <= 3; questions++)
        {
            ReachesVictim(net);
            net.Later(1);
        }
        net.Rig.Carry(Thief, Arp(ArpMessage.Reply, GuestMac(Thief), GuestAddress(Victim), "10.10.0.1", GatewayMac));
        Assert.False(ReachesVictim(net));
        net.Rig.Carry(Victim, From(Victim, "10.10.0.1").Build());
        Assert.True(ReachesVictim(net));
    }

    [Fact]
    public void Who_was_away_for_long_has_no_more_right_than_who_came_since()
    {
        using var net = Begin();
        for (var second = 0; second < 700; second++)
        {
            net.Rig.Carry(Thief, Arp(ArpMessage.Reply, GuestMac(Thief), GuestAddress(Victim), "10.10.0.1", GatewayMac));
            net.Later(1);
            net.Rig.Tick(net.Gateway);
        }
        net.Rig.Received(Thief);
        net.Rig.Carry(Victim, Arp(ArpMessage.Request, GuestMac(Victim), GuestAddress(Victim), "10.10.0.1"));
        Assert.False(ReachesVictim(net));
        Assert.False(net.Gateway.Ipv4Neighbors.Table.MacOf(Ipv4Address.Parse(GuestAddress(Victim))).Value == GuestMac(Victim));
    }

    [Fact]
    public void A_router_that_is_none_any_more_and_still_brings_packets_stays_none()
    {
        const ulong next = 0x0600_0000_0667;
        using var world = new WorldRig();
        for (var second = 0; second < 5; second++)
        {
            world.Rig.Now += TimeSpan.FromSeconds(1);
            world.Rig.Carry(WorldRig.Uplink, Arp(ArpMessage.Reply, next, "203.0.113.254", "203.0.113.254"));
            world.Rig.Tick(world.Outside);
        }
        world.Rig.Received(WorldRig.Uplink);
        world.Say(WorldRig.Guest0, "udp 10.10.0.5:4000 > 198.51.100.7:53");
        var sent = Assert.Single(world.Rig.Received(WorldRig.Uplink)).Bytes;
        Assert.Equal(next, MacAddress.Read(sent).Value);
        var packet = NatPacket.Read(sent);
        world.Say(WorldRig.Uplink, $"udp {packet.Destination}:53 > {packet.Source}:{packet.SourcePort}");
        world.Say(WorldRig.Guest0, "udp 10.10.0.5:4000 > 198.51.100.7:53");
        Assert.Equal(next, MacAddress.Read(Assert.Single(world.Rig.Received(WorldRig.Uplink)).Bytes).Value);
    }

    [Fact]
    public void Who_claims_everything_holds_up_nobody_elses_claim()
    {
        const ulong before = 0x0600_0000_0006;
        using var net = Begin();
        net.Rig.Carry(Victim, Arp(ArpMessage.Request, before, "10.10.0.7", "10.10.0.1"));
        for (var i = 10; i < 250; i++)
            net.Rig.Carry(Thief, Arp(ArpMessage.Request, Stations.Mac(1_000), $"10.10.0.{i}", "10.10.0.1"));
        for (var second = 0; second < 6; second++)
        {
            // His own allowance is spent for one of them, so that nothing else of his is ever decided.
            net.Later(1);
            for (var i = 0; i < 1_000; i++)
            {
                var claimed = second == 0 ? 10 + i % 240 : 10;
                net.Rig.Carry(Thief, Arp(ArpMessage.Reply, GuestMac(Thief), $"10.10.0.{claimed}", "10.10.0.1", GatewayMac));
            }
            if (second == 0)
                net.Rig.Carry(Victim, Arp(ArpMessage.Request, GuestMac(Victim), "10.10.0.7", "10.10.0.7"));
            net.Rig.Tick(net.Gateway);
            net.Rig.Received(Thief);
            net.Rig.Received(Victim);
        }
        Assert.Equal(GuestMac(Victim), net.Gateway.Ipv4Neighbors.Table.MacOf(Ipv4Address.Parse("10.10.0.7")).Value);
    }

    [Fact]
    public void Questions_from_before_the_claim_count_for_nothing()
    {
        using var net = Begin();
        // Asked three times, a minute ago, when he was away.
        net.Later(61);
        for (var second = 0; second < 3; second++)
        {
            Assert.True(ReachesVictim(net));
            net.Later(1);
        }
        net.Later(60);
        net.Rig.Received(Victim);
        net.Rig.Carry(Thief, Arp(ArpMessage.Reply, GuestMac(Thief), GuestAddress(Victim), GuestAddress(Victim), GatewayMac));
        Assert.Equal((GuestMac(Victim), GuestAddress(Victim)), Question(net));
        net.Rig.Tick(net.Gateway);
        Answer(net);
        Assert.True(ReachesVictim(net));
    }

    [Fact]
    public void Who_does_not_answer_but_sends_keeps_his_address()
    {
        using var net = Begin();
        net.Rig.Carry(Thief, Arp(ArpMessage.Reply, GuestMac(Thief), GuestAddress(Victim), GuestAddress(Victim)));
        net.Later(2);
        net.Rig.Tick(net.Gateway);
        net.Rig.Carry(Victim, Echo(Victim, "10.10.0.1"));
        for (var second = 0; second < 5; second++)
        {
            net.Later(1);
            net.Rig.Tick(net.Gateway);
            Assert.True(ReachesVictim(net));
        }
    }

    [Fact]
    public void What_the_thief_sends_with_the_victims_address_confirms_nothing()
    {
        using var net = Begin();
        net.Later(61);
        // Old, and asked for again.
        Assert.True(ReachesVictim(net));
        net.Later(1);
        net.Rig.Carry(Thief, (From(Thief, "10.10.0.1") with { From = GuestAddress(Victim) }).Build());
        Assert.True(net.Gateway.Ipv4Neighbors.Table.HasDoubts);
        net.Rig.Carry(Victim, From(Victim, "10.10.0.1").Build());
        Assert.False(net.Gateway.Ipv4Neighbors.Table.HasDoubts);
    }

    [Fact]
    public void A_claim_costs_its_own_port_and_a_question_that_it_can_not_pay_for_counts_for_nothing()
    {
        const ulong wideMac = 0x0253_0000_0009;
        const string victim = "10.50.0.6";
        using var net = new GatewayRig();
        var gateway = net.Rig.Add(new Gateway("wide", new(wideMac), Ipv4Address.Parse("10.50.0.1"), Subnet("10.50.0.0/16"), 1500, 1, 0), 0);
        net.Rig.Carry(Victim, Arp(ArpMessage.Request, GuestMac(Victim), victim, "10.50.0.1"));
        for (var second = 1; second <= 20; second++)
        {
            net.Later(1);
            for (var i = 0; i < 700; i++)
                net.Rig.Carry(Thief, FrameTo($"10.50.{10 * second + i / 200}.{1 + i % 200}"));
            net.Rig.Received(Victim);
            net.Rig.Carry(Thief, Arp(ArpMessage.Reply, GuestMac(Thief), victim, victim));
            net.Rig.Carry(Thief, FrameTo(victim));
            var heard = net.Rig.Received(Victim);
            Assert.DoesNotContain(ReceivedArp.Of(heard), arp => arp.From == wideMac);
            Assert.Single(heard, frame => frame.Bytes[13] == 0);
            net.Rig.Tick(gateway);
        }
        Assert.False(gateway.Ipv4Neighbors.Table.HasDoubts);

        byte[] FrameTo(string to) => (From(Thief, to) with { Destination = wideMac, From = "10.50.0.5" }).Build();
    }

    [Fact]
    public void A_neighbor_that_is_silent_for_a_minute_is_asked_itself_and_then_everybody()
    {
        using var net = Begin();
        net.Later(61);
        for (var questions = 1; questions <= 3; questions++)
        {
            Assert.True(ReachesVictim(net, out var arps));
            Assert.Equal(GuestMac(Victim), Assert.Single(arps).To);
            net.Later(1);
        }
        Assert.False(ReachesVictim(net, out var asked));
        Assert.Equal(Stations.Broadcast, Assert.Single(asked).To);
        net.Rig.Carry(Victim, Arp(ArpMessage.Reply, GuestMac(Victim), GuestAddress(Victim), "10.10.0.1", GatewayMac));
        Assert.Single(net.Rig.Received(Victim), frame => frame.Bytes[13] == 0);
    }

    [Fact]
    public void A_forged_answer_on_the_LAN_does_not_take_the_routers_packets()
    {
        const ulong forger = 0x0600_0000_0666;
        using var world = new WorldRig();
        world.Rig.Tick(world.Outside);
        world.Rig.Received(WorldRig.Uplink);
        for (var second = 0; second < 90; second++)
        {
            world.Rig.Now += TimeSpan.FromSeconds(1);
            world.Rig.Carry(WorldRig.Uplink, Arp(ArpMessage.Reply, forger, "203.0.113.254", "203.0.113.1", WorldRig.OutsideMac));
            world.Rig.Tick(world.Outside);
            world.Say(WorldRig.Guest0, "udp 10.10.0.5:4000 > 198.51.100.7:53");
            var heard = world.Rig.Received(WorldRig.Uplink);
            Assert.All(heard, frame => Assert.Equal(WorldRig.RouterMac, MacAddress.Read(frame.Bytes).Value));
            Assert.Single(heard, frame => frame.Bytes[13] == 0);
            if (ReceivedArp.Of(heard).Any())
                world.Rig.Carry(WorldRig.Uplink,
                    Arp(ArpMessage.Reply, WorldRig.RouterMac, "203.0.113.254", "203.0.113.1", WorldRig.OutsideMac));
        }
        // The router is replaced: the other announces itself, and it doesn't answer any more.
        for (var second = 0; second < 5; second++)
        {
            world.Rig.Now += TimeSpan.FromSeconds(1);
            world.Rig.Carry(WorldRig.Uplink, Arp(ArpMessage.Reply, forger, "203.0.113.254", "203.0.113.254"));
            world.Rig.Tick(world.Outside);
        }
        world.Rig.Received(WorldRig.Uplink);
        world.Say(WorldRig.Guest0, "udp 10.10.0.5:4000 > 198.51.100.7:53");
        Assert.Equal(forger, MacAddress.Read(Assert.Single(world.Rig.Received(WorldRig.Uplink)).Bytes).Value);
    }

    [Fact]
    public void A_router_whose_answers_are_lost_is_confirmed_by_what_it_brings()
    {
        using var world = new WorldRig();
        for (var second = 0; second < 200; second++)
        {
            world.Rig.Now += TimeSpan.FromSeconds(1);
            world.Rig.Tick(world.Outside);
            world.Say(WorldRig.Guest0, "udp 10.10.0.5:4000 > 198.51.100.7:53");
            var sent = NatPacket.Read(Assert.Single(world.Rig.Received(WorldRig.Uplink), frame => frame.Bytes[13] == 0).Bytes);
            world.Say(WorldRig.Uplink, $"udp {sent.Destination}:53 > {sent.Source}:{sent.SourcePort}");
            Assert.Single(world.Rig.Received(WorldRig.Guest0), frame => frame.Bytes[13] == 0);
            world.Rig.Carry(WorldRig.Guest0, Arp(ArpMessage.Request, GuestMac(0), GuestAddress(0), "10.10.0.1"));
            world.Rig.Received(WorldRig.Guest0);
        }
    }

    private static GatewayRig Begin()
    {
        var net = new GatewayRig();
        net.Introduce();
        net.Later(5);
        net.Rig.Tick(net.Gateway);
        net.Rig.Received(Thief);
        net.Rig.Received(Victim);
        return net;
    }

    private static (ulong To, string About) Question(GatewayRig net)
    {
        var question = Assert.Single(ReceivedArp.Of(net.Rig.Received(Victim)), arp => arp.From == GatewayMac);
        return (question.To, question.Message.TargetAddress.ToString());
    }

    private static void Answer(GatewayRig net) =>
        net.Rig.Carry(Victim, Arp(ArpMessage.Reply, GuestMac(Victim), GuestAddress(Victim), "10.10.0.1", GatewayMac));

    private static bool ReachesVictim(GatewayRig net) => ReachesVictim(net, out _);

    private static bool ReachesVictim(GatewayRig net, out List<ReceivedArp> arps)
    {
        net.Rig.Received(Victim);
        net.Rig.Carry(Thief, From(Thief, GuestAddress(Victim)).Build());
        var frames = net.Rig.Received(Victim);
        arps = [.. ReceivedArp.Of(frames)];
        return frames.Any(frame => frame.Bytes[13] == 0);
    }
}
