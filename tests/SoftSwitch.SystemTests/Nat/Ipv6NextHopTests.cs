using SoftSwitch.SystemTests.Peers;
using SoftSwitch.SystemTests.Switching;

namespace SoftSwitch.SystemTests.Nat;

/// <summary>Routes of IPv4 whose router has an IPv6 address (RFC 5549): the host's kernel finds its MAC, and guests' packets go
/// there.</summary>
public sealed class Ipv6NextHopTests : IDisposable
{
    private const string Router = "fe80::1";

    private readonly World _world = new();
    private readonly WhoServer _server;

    public Ipv6NextHopTests()
    {
        _server = new(_world.Far, 4000, World.FarAddress);
        foreach (var ns in new[] { _world.Host, _world.Lan })
            ns.Exec("sh", ["-c", "echo 0 > /proc/sys/net/ipv6/conf/all/disable_ipv6; echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad"]);
        _world.Host.Check("ip addr add fe80::2/64 dev nic nodad");
        _world.Lan.Check($"ip addr add {Router}/64 dev lan0 nodad");
        _world.Host.Check("ip route del default");
        _world.Host.Check($"ip route add 0.0.0.0/0 via inet6 {Router} dev nic");
    }

    public void Dispose()
    {
        _server.Dispose();
        _world.Dispose();
    }

    [Fact]
    public void Guests_leave_by_it_from_the_first_packet_on_and_follow_it_to_another_MAC()
    {
        using var started = Start();
        using var capture = _world.CaptureUplink();
        _world.Host.Check("ip -6 neigh flush dev nic");
        // One datagram, once: it waits for the router's MAC.
        Assert.StartsWith($"{World.HostAddress}:", Seen("udp"));
        Assert.StartsWith($"{World.HostAddress}:", Seen("tcp"));
        Assert.True(Ping.Reaches(_world.One, World.FarAddress, bytes: 4000));
        Assert.Contains($"out by nic as {World.HostAddress}, next hop {Router}",
            started.Client("route", "one", World.FarAddress).Succeeded().Output);
        _world.Lan.Check("ip link set lan0 address 02:00:00:00:77:77");
        _world.Lan.Check($"ip addr replace {Router}/64 dev lan0 nodad");
        _world.Host.Check("ip -6 neigh flush dev nic");
        Eventually.Holds(() => Seen("tcp") is not null);
        var file = capture.Stop();
        Assert.NotEqual(0, Tshark.Count(file, "eth.dst == 02:00:00:00:77:77 && tcp.dstport == 4000"));
        // Nobody is asked for the far end, or for a number, in ARP.
        Assert.Equal(0, Tshark.Count(file, $"arp.dst.proto_ipv4 == {World.FarAddress} || arp.dst.proto_ipv4 == 0.0.0.0/8"));
        started.Terminate();
    }

    [Fact]
    public void A_router_that_does_not_answer_is_told_to_guests_and_is_taken_again_when_it_does()
    {
        using var started = Start();
        Assert.NotNull(Seen("udp"));
        _world.Lan.Check($"ip addr del {Router}/64 dev lan0");
        _world.Host.Check("ip -6 neigh flush dev nic");
        Eventually.Holds(() => _world.One.Run($"ping -c 1 -W 1 {World.FarAddress}").Output.Contains("Destination Host Unreachable"));
        Assert.Contains(started.Items("drops"), drop => drop.GetProperty("reason").GetString() == "neighbor-unreachable");
        _world.Lan.Check($"ip addr add {Router}/64 dev lan0 nodad");
        Eventually.Holds(() => Seen("udp") is not null);
        started.Terminate();
    }

    private string? Seen(string protocol) => Conversation.Seen(_world.One, protocol, World.FarAddress, 4000, seconds: 2);

    private SoftSwitchProcess Start() => _world.Start($$"""
        networks:
          dev: { mode: nat, subnet: {{World.Inside}}, outside: { interface: auto } }
        {{_world.Ports}}
        """);
}
