using System.Net.Sockets;
using SoftSwitch.SystemTests.Peers;
using SoftSwitch.SystemTests.Switching;

namespace SoftSwitch.SystemTests.Nat;

/// <summary>A program of the host that asks ::1 reaches a forward as one that asks 127.0.0.1, and nothing else comes of it.</summary>
public sealed class LoopbackIpv6Tests : IDisposable
{
    private const string Here = "::1";

    /// <summary>By which a guest knows such programs.</summary>
    private const string Clients = "192.0.0.6";

    private readonly World _world = new();

    public LoopbackIpv6Tests() => _world.Host.Up("lo");

    public void Dispose() => _world.Dispose();

    [Fact]
    public void It_reaches_the_guest_with_short_and_long_and_cut_datagrams_and_by_TCP()
    {
        using var started = Start();
        using var server = new WhoServer(_world.One, 4000);
        using var wide = new WhoServer(_world.One, 40500);
        foreach (var (protocol, port, bytes) in new[]
        {
            ("tcp", 2222, 0), ("tcp", 2222, 500_000), ("udp", 2222, 0), ("udp", 2222, 1452), ("udp", 2222, 4_000), ("udp", 2222, 40_000),
            ("udp", 40500, 0),
        })
        {
            Assert.StartsWith($"{Clients}:", Conversation.Seen(_world.Host, protocol, Here, port, bytes: bytes));
        }
        // As before.
        Assert.StartsWith($"{World.HostAddress}:", Conversation.Seen(_world.Host, "tcp", "127.0.0.1", 2222));
        Iperf.Delivers(_world.Host, _world.One, Here, bytes: 30_000_000);
        Iperf.Delivers(_world.Host, _world.One, Here, reverse: true, bytes: 30_000_000);
    }

    [Fact]
    public void What_is_closed_at_the_guest_is_refused_and_a_program_that_ends_is_known_to_the_guest()
    {
        using var started = Start();
        using (var closed = Conversation.Open(_world.Host, "tcp", Here, 2222))
            Assert.Equal(SocketError.ConnectionRefused, closed.Error);
        using var asking = Conversation.Open(_world.Host, "udp", Here, 2222);
        Assert.Null(asking.Ask());
        Assert.Equal(SocketError.ConnectionRefused, asking.Error);
        // What isn't forwarded is the host's own, and so is what is forwarded at one other address alone.
        using var own = new WhoServer(_world.Host, 4001, Here);
        Assert.Equal("[::1]", Conversation.Seen(_world.Host, "tcp", Here, 4001)![..5]);
        using var guest = new WhoServer(_world.One, 4000);
        using var named = Conversation.Open(_world.Host, "tcp", Here, 3333);
        Assert.Equal(SocketError.ConnectionRefused, named.Error);
    }

    [Fact]
    public void A_guest_reaches_nothing_there_whatever_the_host_forwards()
    {
        foreach (var family in new[] { "ipv4/conf/all", "ipv6/conf/all" })
            _world.Host.Exec("sh", ["-c", $"echo 1 > /proc/sys/net/{family}/forwarding"]).Succeeded();
        _world.Host.Check("ip -6 addr add 2001:db8::2/64 dev nic nodad");
        _world.Host.Check("ip -6 route add default via 2001:db8::1");
        using var started = Start();
        using var server = new WhoServer(_world.One, 4000);
        Assert.NotNull(Conversation.Seen(_world.Host, "udp", Here, 2222));
        using var own = new WhoServer(_world.Host, 4001, "::");
        using var capture = new Capture(_world.Lan, "lan0", filter: "ip6 and (tcp or udp)");
        foreach (var protocol in new[] { "tcp", "udp" })
            Assert.Null(Conversation.Seen(_world.One, protocol, Clients, 4001, seconds: 1));
        Assert.Equal(0, Tshark.Count(capture.Stop(), ""));
    }

    [Fact]
    public void It_comes_back_after_the_interface_was_down_and_nothing_stays_after_a_kill()
    {
        using var started = Start();
        using var server = new WhoServer(_world.One, 4000);
        Assert.NotNull(Conversation.Seen(_world.Host, "tcp", Here, 2222));
        _world.Host.Check("ip link set dev sn-dev down");
        Eventually.Holds(() => Conversation.Seen(_world.Host, "tcp", Here, 2222, seconds: 1) is not null);
        Assert.DoesNotContain("inet6", _world.Host.Check("ip -6 addr show dev sn-dev"));
        started.Kill();
        Eventually.Equal("", () => _world.Host.Check("nft list tables ip6"));
        Assert.DoesNotContain("sn-dev", _world.Host.Check("ip -6 route show table all"));
        using var own = new WhoServer(_world.Host, 2222, Here);
        Eventually.Holds(() => Conversation.Seen(_world.Host, "tcp", Here, 2222, seconds: 1)?.StartsWith("[::1]") == true);
    }

    [Fact]
    public void Who_turns_IPv6_off_there_does_not_touch_the_rest()
    {
        using var started = Start();
        using var server = new WhoServer(_world.One, 4000);
        Assert.NotNull(Conversation.Seen(_world.Host, "tcp", Here, 2222));
        var before = started.Errors.Count;
        _world.Host.Exec("sh", ["-c", "echo 1 > /proc/sys/net/ipv6/conf/sn-dev/disable_ipv6"]).Succeeded();
        Thread.Sleep(2_500);
        Assert.NotNull(Conversation.Seen(_world.Host, "tcp", "127.0.0.1", 2222));
        Assert.Empty(started.Errors.Skip(before));
        _world.Host.Exec("sh", ["-c", "echo 0 > /proc/sys/net/ipv6/conf/sn-dev/disable_ipv6"]).Succeeded();
        Eventually.Holds(() => Conversation.Seen(_world.Host, "tcp", Here, 2222, seconds: 1) is not null);
    }

    [Fact]
    public void A_host_without_IPv6_lacks_nothing_and_is_told_nothing()
    {
        _world.Host.Exec("sh", ["-c", "echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6"]).Succeeded();
        using var started = Start();
        using var server = new WhoServer(_world.One, 4000);
        Assert.NotNull(Conversation.Seen(_world.Host, "tcp", "127.0.0.1", 2222));
        started.Terminate();
        Assert.DoesNotContain(started.Errors, line => line.Contains(Here));
    }

    private SoftSwitchProcess Start() => _world.Start($$"""
        networks:
          dev:
            mode: nat
            subnet: {{World.Inside}}
            outside: {}
            forwards:
              - { from: tcp/2222, to: "one:4000" }
              - { from: udp/2222, to: "one:4000" }
              - { from: tcp/5201-6200, to: "one" }
              - { from: tcp/3333, on: {{World.HostAddress}}, to: "one:4000" }
              - { from: udp/40000-40999, to: "one" }
        {{_world.Ports}}
        """);
}
