using SoftSwitch.SystemTests.Peers;
using SoftSwitch.SystemTests.Switching;

namespace SoftSwitch.SystemTests.Nat;

/// <summary>What is the host's by a local route alone (AnyIP) is the host, for guests and for those who ask forwards.</summary>
public sealed class LocalRouteTests : IDisposable
{
    private const string Net = "10.9.0.0/24", Address = "10.9.0.7", Other = "10.9.0.200", Single = "10.9.9.9";

    private readonly World _world = new();

    public LocalRouteTests()
    {
        _world.Host.Check("ip link set lo up");
        _world.Lan.Check($"ip route add 10.9.0.0/16 via {World.HostAddress}");
        _world.Far.Check("ip route add 10.9.0.0/16 via 198.51.100.1");
    }

    public void Dispose() => _world.Dispose();

    [Theory]
    [InlineData("{}")]
    [InlineData("{ interface: nic }")]
    public void Guests_reach_the_host_there_as_long_as_the_route_is_there(string outside)
    {
        using var started = Start(outside, "[]");
        using var capture = _world.CaptureUplink("net 10.9.0.0/16");
        Assert.Null(Seen("tcp", Address));
        _world.Host.Check($"ip route add local {Net} dev lo");
        // Of UDP a server answers with the address that it is bound to.
        using var first = new WhoServer(_world.Host, 4000, Address);
        using var second = new WhoServer(_world.Host, 4000, Other);
        foreach (var address in new[] { Address, Other })
        {
            foreach (var protocol in Probe.Protocols[..2])
                Eventually.Holds(() => Seen(protocol, address)?.StartsWith("169.254.83.", StringComparison.Ordinal) == true);
            Assert.True(Ping.Reaches(_world.One, address));
        }
        Assert.EndsWith(": the host itself", started.Client("route", "one", Address).Succeeded().Output.TrimEnd());
        _world.Host.Check($"ip route del local {Net} dev lo");
        Eventually.Holds(() => Seen("tcp", Address) is null && Seen("udp", Address) is null);
        // What went out was for the router, from before and after: nothing of the guests' own, and nothing meanwhile.
        Assert.Equal(0, Tshark.Count(capture.Stop(), $"ip.src == {World.Inside} || ip.src == 10.9.0.0/16"));
        started.Terminate();
    }

    [Fact]
    public void By_a_local_route_of_another_table_nothing_is_reached_and_route_says_so()
    {
        _world.Host.Check($"ip route add local {Net} dev lo table 77");
        _world.Host.Check("ip rule add priority 10 table 77");
        using var host = new WhoServer(_world.Host, 4000);
        using var started = Start("{}", "[]");
        Assert.Null(Seen("tcp", Address));
        Assert.Contains("local in another table than local", started.Client("route", "one", Address).Succeeded().Output);
        started.Terminate();
    }

    [Fact]
    public void Forwards_are_asked_at_the_address_that_they_name_and_at_single_ones()
    {
        using var started = Start("{}", $$"""
            [{ from: tcp/2222, to: "one:22", on: {{Address}} }, { from: udp/2222, to: "one:22", on: {{Address}} },
              { from: tcp/2223, to: "one:22" }, { from: udp/2223, to: "one:22" }]
            """);
        started.WaitForLine($"waits: the host does not have {Address}");
        using var server = new WhoServer(_world.One, 22);
        _world.Host.Check($"ip route add local {Net} dev lo");
        _world.Host.Check($"ip route add local {Single} dev lo");
        foreach (var protocol in Probe.Protocols[..2])
        {
            Eventually.Holds(() => Conversation.Seen(_world.Far, protocol, Address, 2222, 41000, 1) == $"{World.FarAddress}:41000");
            Eventually.Holds(() => Conversation.Seen(_world.Far, protocol, Single, 2223, 41001, 1) == $"{World.FarAddress}:41001");
            Assert.StartsWith($"{World.HostAddress}:", Conversation.Seen(_world.Two, protocol, Address, 2222));
            Assert.StartsWith($"{World.HostAddress}:", Conversation.Seen(_world.Two, protocol, Single, 2223));
            // The host speaks to each of its own with that one.
            Assert.StartsWith($"{Address}:", Conversation.Seen(_world.Host, protocol, Address, 2222));
            Assert.StartsWith($"{Other}:", Conversation.Seen(_world.Host, protocol, Other, 2223));
            Assert.Null(Conversation.Seen(_world.Far, protocol, Other, 2222, seconds: 1));
        }
        started.Terminate();
    }

    private string? Seen(string protocol, string address) => Conversation.Seen(_world.One, protocol, address, 4000, seconds: 1);

    private SoftSwitchProcess Start(string outside, string forwards) => _world.Start($$"""
        networks:
          dev: { mode: nat, subnet: {{World.Inside}}, outside: {{outside}}, forwards: {{forwards}} }
        {{_world.Ports}}
        """);
}
