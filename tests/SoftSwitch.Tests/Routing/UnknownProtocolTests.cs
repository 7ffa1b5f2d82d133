using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Packets;
using SoftSwitch.Tests.Nat;
using static SoftSwitch.Tests.Routing.WorldRig;

namespace SoftSwitch.Tests.Routing;

/// <summary>GRE, ESP, SCTP, IPIP: whoever sends what can't be translated is told so, once in a while.</summary>
public sealed class UnknownProtocolTests
{
    private const byte IpIp = 4, Gre = 47, Esp = 50, Sctp = 132;

    public static TheoryData<bool, int, string, string, DropReason> Ways => new()
    {
        { false, Guest0, "10.10.0.5 > 198.51.100.7", "10.10.0.1", DropReason.NatProtocol },
        { true, Guest0, "10.10.0.5 > 198.51.100.7", "10.10.0.1", DropReason.NatProtocol },
        { false, Guest0, "10.10.0.5 > 203.0.113.1", "10.10.0.1", DropReason.NatProtocol },
        { true, Guest0, "10.10.0.5 > 203.0.113.1", "10.10.0.1", DropReason.NatProtocol },
        { false, Guest0, "10.10.0.5 > 10.10.0.1", "10.10.0.1", DropReason.NotRouted },
        { false, Uplink, "198.51.100.7 > 203.0.113.1", "203.0.113.1", DropReason.NatProtocol },
        { true, Host, "203.0.113.1 > 169.254.83.1", "169.254.83.1", DropReason.NatProtocol },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public void Who_sends_a_protocol_without_ports_is_told_about_it_as_he_sent_it(bool isShared, int from, string ends, string teller,
        DropReason reason)
    {
        foreach (var protocol in new[] { IpIp, Gre, Esp, Sctp })
        {
            using var world = new WorldRig(isShared);
            var packet = NatPacket.Parse($"{protocol} {ends} len=200 ip=9");
            world.Say(from, packet);
            var told = ReceivedIcmp.Of(Assert.Single(world.Rig.Received(from)));
            Assert.Equal((teller, packet.Source.ToString(), IcmpType.DestinationUnreachable, IcmpUnreachable.Protocol),
                (told.From, told.To, told.Type, told.Code));
            Assert.Equal(packet.BuildPacket(), told.Rest);
            Assert.Equal(1, world.Rig.InDrops(from, reason));

            // In fragments: about the first one alone, and none waits for it.
            foreach (var order in Fragments.Orders)
            {
                var fragments = FragmentTests.Cut(packet with { Payload = new byte[2000] }, 800);
                foreach (var i in order)
                    world.Rig.Carry(from, FrameOf(from, fragments[i].ToArray()));
                told = ReceivedIcmp.Of(Assert.Single(world.Rig.Received(from)));
                Assert.Equal(fragments[0].AsSpan(14, told.Rest.Length).ToArray(), told.Rest);
            }
            Assert.Equal(1 + 6 * 3, world.Rig.InDrops(from, reason));
            Assert.Equal(0, world.Outside.Translator.Counters.HeldFragments + world.HostWay.Translator.Counters.HeldFragments);
            for (var port = 0; port <= Host; port++)
                Assert.Empty(world.Rig.Received(port));
        }
    }

    [Fact]
    public void A_tunnel_is_told_once_in_a_while_and_takes_nothing_from_other_errors()
    {
        using var world = new WorldRig();
        for (var i = 0; i < 1000; i++)
            world.Say(Guest0, $"{Gre} 10.10.0.5 > 198.51.100.7 len=200");
        Assert.Equal(20, world.Rig.Received(Guest0).Count);
        world.Say(Guest0, NatPacket.Parse("udp 10.10.0.5:4000 > 198.51.100.7:53") with { Ttl = 1 });
        Assert.Single(world.Rig.Received(Guest0));
        world.Say(Guest1, $"{Gre} 10.10.0.6 > 198.51.100.7 len=200");
        Assert.Single(world.Rig.Received(Guest1));
        world.Rig.Now += TimeSpan.FromSeconds(1);
        for (var i = 0; i < 1000; i++)
            world.Say(Guest0, $"{Gre} 10.10.0.5 > 198.51.100.7 len=200");
        Assert.Equal(2, world.Rig.Received(Guest0).Count);
    }

    [Fact]
    public void What_belongs_to_the_host_or_to_many_is_not_answered()
    {
        using var shared = new WorldRig(isShared: true);
        shared.Say(Uplink, $"{Gre} 198.51.100.7 > 203.0.113.1 len=200");
        Assert.Equal(1, shared.Rig.InDrops(Uplink, DropReason.NoFlow));
        using var own = new WorldRig();
        own.Say(Guest0, $"{Gre} 10.10.0.5 > 224.0.0.5 len=200");
        own.Say(Guest0, $"{Gre} 10.10.0.5 > 10.10.0.255 len=200");
        own.Say(Guest0, $"{Gre} 10.10.0.5 > 255.255.255.255 len=200");
        own.Say(Uplink, $"{Gre} 203.0.113.255 > 203.0.113.1 len=200");
        own.Say(Uplink, $"{Gre} 224.0.0.9 > 203.0.113.1 len=200");
        Assert.Empty(own.Rig.Received(Guest0));
        Assert.Empty(own.Rig.Received(Uplink));
        Assert.Empty(shared.Rig.Received(Uplink));
    }
}
