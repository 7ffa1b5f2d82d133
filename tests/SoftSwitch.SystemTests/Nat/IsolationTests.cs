using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Nat;

/// <summary>Several networks in one switch: no frame and no packet of one gets into another.</summary>
public sealed class IsolationTests : IDisposable
{
    private readonly World _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public void Two_nat_networks_share_the_outside_and_do_not_reach_each_other()
    {
        using var started = _world.Start($$"""
            networks:
              dev: { mode: nat, subnet: {{World.Inside}}, outside: {}, forwards: [{ from: tcp/2222, to: "one:22" }] }
              test: { mode: nat, subnet: 10.20.0.0/24, outside: {} }
            ports:
              one: { network: dev, kind: tap, netns: "{{_world.One.Name}}", interface: eth0, address: {{World.OneAddress}}/24 }
              two: { network: test, kind: tap, netns: "{{_world.Two.Name}}", interface: eth1, address: 10.20.0.5/24 }
            """);
        _world.Two.Check("ip route replace default via 10.20.0.1");
        using var far = new WhoServer(_world.Far, 4000, World.FarAddress);
        using var inside = new WhoServer(_world.One, 22);
        using var other = new WhoServer(_world.Two, 22);
        foreach (var protocol in new[] { "tcp", "udp" })
        {
            var one = Conversation.Seen(_world.One, protocol, World.FarAddress, 4000, 40_000);
            var two = Conversation.Seen(_world.Two, protocol, World.FarAddress, 4000, 40_000);
            Assert.StartsWith($"{World.HostAddress}:", one);
            Assert.StartsWith($"{World.HostAddress}:", two);
            Assert.NotEqual(one, two);
            Assert.Null(Conversation.Seen(_world.Two, protocol, World.OneAddress, 22, seconds: 1));
            Assert.Null(Conversation.Seen(_world.One, protocol, "10.20.0.5", 22, seconds: 1));
        }
        Assert.False(Ping.Reaches(_world.One, "10.20.0.5", 1));
        // Asked for on its own link, as a neighbor, it isn't there either.
        _world.One.Check("ip route add 10.20.0.5/32 dev eth0");
        Assert.False(Ping.Reaches(_world.One, "10.20.0.5", 1));
        // What everybody may reach, it may as well: the forward of the other network at the outside address.
        Assert.StartsWith($"{World.HostAddress}:", Conversation.Seen(_world.Two, "tcp", World.HostAddress, 2222));
        started.Terminate();
    }

    [Fact]
    public void A_bridged_and_a_nat_network_go_out_by_the_same_NIC()
    {
        using var started = SoftSwitchProcess.Start($$"""
            networks:
              office: { mode: bridged, uplink: nic }
              dev: { mode: nat, subnet: {{World.Inside}}, outside: {}, forwards: [{ from: tcp/2222, to: "one:22" }] }
            ports:
              one: { network: dev, kind: tap, netns: "{{_world.One.Name}}", interface: eth0, address: {{World.OneAddress}}/24 }
              two: { network: office, kind: tap, netns: "{{_world.Two.Name}}", interface: eth0, address: 192.0.2.77/24 }
            """, _world.Host);
        _world.One.Check($"ip route add default via {World.Gateway}");
        _world.Two.Check($"ip route add default via {World.LanAddress}");
        using var far = new WhoServer(_world.Far, 4000, World.FarAddress);
        using var host = new WhoServer(_world.Host, 4000);
        using var one = new WhoServer(_world.One, 22);
        using var two = new WhoServer(_world.Two, 22);
        using var capture = _world.CaptureUplink();
        foreach (var protocol in new[] { "tcp", "udp" })
        {
            Assert.StartsWith($"{World.HostAddress}:", Conversation.Seen(_world.One, protocol, World.FarAddress, 4000));
            Assert.StartsWith("192.0.2.77:", Conversation.Seen(_world.Two, protocol, World.FarAddress, 4000));
            Assert.StartsWith($"{World.HostAddress}:", Conversation.Seen(_world.Host, protocol, World.FarAddress, 4000));
            // The host and both guests among each other: one by the LAN, the other from behind the host's address.
            Assert.StartsWith("192.0.2.77:", Conversation.Seen(_world.Two, protocol, World.HostAddress, 4000));
            Assert.StartsWith($"{World.HostAddress}:", Conversation.Seen(_world.Host, protocol, "192.0.2.77", 22));
            Assert.StartsWith("169.254.", Conversation.Seen(_world.One, protocol, World.HostAddress, 4000));
            Assert.StartsWith($"{World.HostAddress}:", Conversation.Seen(_world.One, protocol, "192.0.2.77", 22));
            Assert.Null(Conversation.Seen(_world.Two, protocol, World.OneAddress, 22, seconds: 1));
        }
        Assert.StartsWith("192.0.2.77:", Conversation.Seen(_world.Two, "tcp", World.HostAddress, 2222));
        Assert.StartsWith(World.FarAddress, Conversation.Seen(_world.Far, "tcp", World.HostAddress, 2222));
        // But for those that the bridged guest itself sent there.
        Assert.DoesNotContain(UplinkJudge.Leaks(capture.Stop()), leak => !leak.Contains(" 192.0.2.77 "));
        started.Terminate();
    }

    [Fact]
    public void A_guest_that_takes_another_s_address_or_the_outside_s_gets_nothing_of_theirs_out()
    {
        using var started = _world.Start($$"""
            networks:
              dev: { mode: nat, subnet: {{World.Inside}}, outside: {} }
            {{_world.Ports}}
            """);
        _world.One.Address("eth0", "172.16.9.9/32");
        _world.One.Address("eth0", $"{World.FarAddress}/32");
        using var server = new WhoServer(_world.Far, 4000, World.FarOtherAddress);
        using var capture = _world.CaptureUplink();
        foreach (var source in new[] { "172.16.9.9", World.FarAddress })
        {
            using var forged = Conversation.Open(_world.One, "udp", World.FarOtherAddress, 4000, source: source);
            Assert.Null(forged.Ask(1));
        }
        using var honest = Conversation.Open(_world.One, "udp", World.FarOtherAddress, 4000, source: World.OneAddress);
        Assert.NotNull(honest.Ask());
        Assert.Equal(0, Tshark.Count(capture.Stop(), $"ip.addr == 172.16.9.9 || (udp && ip.src != {World.HostAddress})"));
    }
}
