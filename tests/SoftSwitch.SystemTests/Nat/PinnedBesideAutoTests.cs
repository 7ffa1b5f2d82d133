using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Nat;

/// <summary>Two networks share the host's address on one NIC. One names it, the other goes out where the host's routing says, which is
/// there.</summary>
public sealed class PinnedBesideAutoTests : IDisposable
{
    private const string Named = "interface: nic", Auto = "interface: auto", Second = "192.0.2.3", OtherGateway = "10.20.0.1",
        OtherAddress = "10.20.0.6";

    private readonly World _world = new();

    public PinnedBesideAutoTests()
    {
        _world.Host.Up("lo");
        _world.Host.Address("nic", $"{Second}/24");
    }

    public void Dispose() => _world.Dispose();

    [Theory]
    [InlineData(Named, Auto)]
    [InlineData(Auto, Named)]
    public void With_ports_apart_both_go_out_and_everybody_reaches_the_forwards_of_both(string first, string second)
    {
        using var started = Start($"{first}, ports: 16384-19999", $"{second}, ports: 20000-29999");
        using var server = new WhoServer(_world.Far, 4000);
        using var host = new WhoServer(_world.Host, 7000);
        // By UDP it says itself with which address it answers.
        using var hostAtSecond = new WhoServer(_world.Host, 7001, Second);
        using var one = new WhoServer(_world.One, 22);
        using var two = new WhoServer(_world.Two, 22);
        foreach (var protocol in Probe.Protocols[..2])
        {
            foreach (var (guest, low, high) in new[] { (_world.One, 16384, 19999), (_world.Two, 20000, 29999) })
            {
                var seen = Conversation.Seen(guest, protocol, World.FarAddress, 4000)!.Split(':');
                Assert.Equal(World.HostAddress, seen[0]);
                Assert.InRange(int.Parse(seen[1]), low, high);
                Assert.NotNull(Conversation.Seen(guest, protocol, World.HostAddress, 7000));
                Assert.NotNull(Conversation.Seen(guest, protocol, Second, 7001));
            }
            foreach (var address in new[] { World.HostAddress, Second })
            {
                foreach (var asker in new[] { _world.One, _world.Two, _world.Far, _world.Host })
                {
                    Assert.NotNull(Conversation.Seen(asker, protocol, address, 8001));
                    Assert.NotNull(Conversation.Seen(asker, protocol, address, 8002));
                }
            }
            Assert.NotNull(Conversation.Seen(_world.Host, protocol, "127.0.0.1", 8001));
            Assert.NotNull(Conversation.Seen(_world.Host, protocol, "127.0.0.1", 8002));
        }
        // Identifiers of queries are ports, too.
        Assert.True(Ping.Reaches(_world.One, World.FarAddress));
        Assert.True(Ping.Reaches(_world.Two, World.FarAddress));
        Assert.DoesNotContain(started.Errors, line => line.Contains("warning network"));
        started.Terminate();
    }

    [Fact]
    public void With_the_same_ports_who_comes_second_is_told_what_to_write()
    {
        using var started = Start(Named, Auto);
        started.WaitForLine("network dev leaves by nic from the same ports and names it otherwise: give each ports of its own");
        started.Terminate();
    }

    private SoftSwitchProcess Start(string first, string second)
    {
        Need.Tun();
        var started = SoftSwitchProcess.Start($$"""
            networks:
              dev:
                mode: nat
                subnet: {{World.Inside}}
                outside: { {{first}} }
                forwards: [{ from: tcp/8001, to: "one:22" }, { from: udp/8001, to: "one:22" }]
              other:
                mode: nat
                subnet: 10.20.0.0/24
                outside: { {{second}} }
                forwards: [{ from: tcp/8002, to: "two:22" }, { from: udp/8002, to: "two:22" }]
            ports:
              one: { network: dev, kind: tap, netns: "{{_world.One.Name}}", interface: eth0, address: {{World.OneAddress}}/24 }
              two: { network: other, kind: tap, netns: "{{_world.Two.Name}}", interface: eth0, address: {{OtherAddress}}/24 }
            """, _world.Host);
        _world.One.Check($"ip route add default via {World.Gateway}");
        _world.Two.Check($"ip route add default via {OtherGateway}");
        return started;
    }
}
