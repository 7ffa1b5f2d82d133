using SoftSwitch.SystemTests.Peers;
using SoftSwitch.SystemTests.Switching;

namespace SoftSwitch.SystemTests.Nat;

/// <summary>What a host with VPNs, rules and uplinks that come and go does to guests: as much as it does to its own programs.</summary>
public sealed class RestlessHostTests : IDisposable
{
    private readonly World _world = new();

    public RestlessHostTests() => _world.Host.Up("lo");

    public void Dispose() => _world.Dispose();

    [Theory]
    [InlineData("pref 5270 lookup 52")]
    [InlineData("pref 5270 from 192.0.2.2 lookup 52")]
    public void A_rule_that_leads_elsewhere_takes_nothing_from_host_and_guests(string rule)
    {
        using var started = Start("{}");
        using var host = new WhoServer(_world.Host, 7000);
        using var guest = new WhoServer(_world.One, 4000);
        foreach (var change in new[] { $"ip route add default via {World.LanAddress} table 52", $"ip rule add {rule}" })
        {
            _world.Host.Check(change);
            foreach (var protocol in new[] { "tcp", "udp" })
            {
                Eventually.Holds(() => Conversation.Seen(_world.One, protocol, World.HostAddress, 7000, seconds: 1) is not null);
                foreach (var address in new[] { "127.0.0.1", "::1", World.HostAddress })
                    Eventually.Holds(() => Conversation.Seen(_world.Host, protocol, address, 2222, seconds: 1) is not null);
            }
        }
    }

    [Fact]
    public void An_interface_that_goes_and_comes_back_at_once_is_the_way_that_it_was()
    {
        using var started = Start("{}");
        using var pinging = _world.One.Start("ping", "-n", "-i", "0.01", World.FarAddress);
        for (var round = 0; round < 8; round++)
        {
            // As a VPN program does that restarts: the same name and address, and the better default route.
            foreach (var words in new[]
            {
                "ip link add vpn0 type veth peer name vpn1", "ip link set vpn1 up", "ip link set vpn0 up",
                "ip addr add 10.99.0.1/24 dev vpn0", "ip route add default via 10.99.0.2 metric 5",
            })
            {
                _world.Host.Check(words);
            }
            Thread.Sleep(round % 3 * 300);
            _world.Host.Check("ip link del vpn0");
        }
        Eventually.Holds(() => Ping.Reaches(_world.One, World.FarAddress, count: 1));
        Assert.DoesNotContain(started.Errors, line => line.Contains("internal error"));
        // A new one can be taken.
        _world.Host.Veth("second", _world.Far, "second");
        _world.Host.Address("second", "10.98.0.1/24");
        _world.Far.Address("second", "10.98.0.2/24");
        Eventually.Holds(() => Ping.Reaches(_world.One, "10.98.0.2", count: 1));
        Assert.DoesNotContain(started.Errors, line => line.Contains("internal error"));
    }

    [Fact]
    public void The_host_is_there_before_anything_leads_out()
    {
        using var started = Start("{ interface: vpn0 }");
        using var host = new WhoServer(_world.Host, 7000);
        using var guest = new WhoServer(_world.One, 4000);
        foreach (var protocol in new[] { "tcp", "udp" })
        {
            Eventually.Holds(() => Conversation.Seen(_world.One, protocol, World.HostAddress, 7000, seconds: 1) is not null);
            Eventually.Holds(() => Conversation.Seen(_world.Host, protocol, "127.0.0.1", 2222, seconds: 1) is not null);
        }
        Assert.False(Ping.Reaches(_world.One, World.FarAddress, count: 1));
    }

    private SoftSwitchProcess Start(string outside) => _world.Start($$"""
        networks:
          dev:
            mode: nat
            subnet: {{World.Inside}}
            outside: {{outside}}
            forwards: [{ from: tcp/2222, to: "one:4000" }, { from: udp/2222, to: "one:4000" }]
        {{_world.Ports}}
        """);
}
