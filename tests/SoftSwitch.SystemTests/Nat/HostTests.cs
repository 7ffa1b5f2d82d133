using SoftSwitch.SystemTests.Peers;
using SoftSwitch.SystemTests.Switching;

namespace SoftSwitch.SystemTests.Nat;

/// <summary>The host whose address guests share: its own traffic goes on, and its services are there for guests as its firewall
/// decides.</summary>
public sealed class HostTests : IDisposable
{
    private const string Link = "169.254.";

    private readonly World _world = new();

    public void Dispose() => _world.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_connection_of_the_host_survives_start_stop_and_kill(bool killed)
    {
        using var server = new WhoServer(_world.Far, 22, World.FarAddress);
        using var listener = new WhoServer(_world.Host, 22);
        using var out_ = Conversation.Open(_world.Host, "tcp", World.FarAddress, 22);
        using var administrator = Conversation.Open(_world.Far, "tcp", World.HostAddress, 22);
        void BothTalk()
        {
            Assert.Equal($"{World.HostAddress}:{out_.Port}", out_.Ask());
            Assert.Equal($"{World.FarAddress}:{administrator.Port}", administrator.Ask());
        }
        BothTalk();
        using (var started = StartShared())
        {
            BothTalk();
            Assert.NotNull(Conversation.Seen(_world.One, "tcp", World.FarAddress, 22));
            BothTalk();
            if (killed) started.Kill();
            else started.Terminate();
        }
        BothTalk();
        using var again = StartShared();
        BothTalk();
    }

    [Theory]
    [InlineData("tcp")]
    [InlineData("udp")]
    public void New_connections_listeners_and_binds_of_the_host_work_in_the_pool_s_range_too(string protocol)
    {
        using var server = new WhoServer(_world.Far, 4000, World.FarAddress);
        using var started = StartShared();
        // The guest has ports of the pool, and the host takes others of it, for a client and for a server.
        using var guest = Conversation.Open(_world.One, protocol, World.FarAddress, 4000);
        var port = int.Parse(guest.Ask()!.Split(':')[1]);
        Assert.InRange(port, 16384, 29999);
        var mine = port < 29000 ? port + 500 : port - 500;
        Assert.Equal($"{World.HostAddress}:{mine}", Conversation.Seen(_world.Host, protocol, World.FarAddress, 4000, mine));
        Assert.NotNull(Conversation.Seen(_world.Host, protocol, World.FarAddress, 4000));
        using var listener = new WhoServer(_world.Host, mine + 1);
        Assert.NotNull(Conversation.Seen(_world.Far, protocol, World.HostAddress, mine + 1));
        Assert.NotNull(Conversation.Seen(_world.Host, protocol, World.HostAddress, mine + 1));
        Assert.NotNull(guest.Ask());
    }

    [Fact]
    public void A_program_that_binds_the_port_of_a_flow_that_lives_does_not_get_it()
    {
        using var server = new WhoServer(_world.Far, 4000, World.FarAddress);
        using var started = StartShared();
        using var guest = Conversation.Open(_world.One, "udp", World.FarAddress, 4000);
        var seen = guest.Ask()!;
        using var thief = RawDatagram.Socket(_world.Host, "0.0.0.0", int.Parse(seen.Split(':')[1]));
        // Until it is found it may hear what is the guest's as well, which has it all the time.
        var answer = new byte[100];
        bool Hears()
        {
            Assert.Equal(seen, guest.Ask());
            var hears = thief.Poll(100_000, System.Net.Sockets.SelectMode.SelectRead);
            while (thief.Available > 0)
                thief.Receive(answer);
            return hears;
        }
        Eventually.Holds(() => !Hears());
        for (var i = 0; i < 10; i++)
            Assert.False(Hears());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_guest_reaches_the_host_s_services_at_the_host_s_address_but_not_those_of_the_loopback(int rpFilter)
    {
        _world.Host.Exec("sh", ["-c", $"for f in all default nic; do echo {rpFilter} > /proc/sys/net/ipv4/conf/$f/rp_filter; done"])
            .Succeeded();
        using var everywhere = new WhoServer(_world.Host, 4010);
        using var there = new WhoServer(_world.Host, 4011, World.HostAddress);
        using var loopback = new WhoServer(_world.Host, 4012, "127.0.0.1");
        using var started = StartShared();
        Ping.Wait(_world.One, World.HostAddress);
        foreach (var protocol in new[] { "tcp", "udp" })
        {
            // It is not the guest's own address that the host sees, nor one that anybody else could have.
            Assert.StartsWith(Link, Conversation.Seen(_world.One, protocol, World.HostAddress, 4010));
            Assert.StartsWith(Link, Conversation.Seen(_world.One, protocol, World.HostAddress, 4011));
            Assert.Null(Conversation.Seen(_world.One, protocol, World.HostAddress, 4012, seconds: 1));
            Assert.Null(Conversation.Seen(_world.One, protocol, World.Gateway, 4010, seconds: 1));
        }
    }

    [Fact]
    public void The_host_s_own_firewall_decides_about_guests()
    {
        using var service = new WhoServer(_world.Host, 4010);
        using var started = StartShared();
        Assert.NotNull(Conversation.Seen(_world.One, "tcp", World.HostAddress, 4010));
        Need.Tool("nft");
        _world.Host.Exec("nft", ["table inet fw { chain in { type filter hook input priority 0; tcp dport 4010 iifname != lo drop; }; }"])
            .Succeeded();
        Assert.Null(Conversation.Seen(_world.One, "tcp", World.HostAddress, 4010, seconds: 1));
        Assert.NotNull(Conversation.Seen(_world.One, "udp", World.HostAddress, 4010));
        _world.Host.Check("nft delete table inet fw");
        Assert.NotNull(Conversation.Seen(_world.One, "tcp", World.HostAddress, 4010));
    }

    [Fact]
    public void Streams_between_host_and_guest_are_not_seen_on_the_wire()
    {
        using var started = StartShared();
        using var capture = _world.CaptureUplink();
        Iperf.Delivers(_world.One, _world.Host, World.HostAddress);
        Iperf.Delivers(_world.One, _world.Host, World.HostAddress, reverse: true);
        var file = capture.Stop();
        Assert.Equal(0, Tshark.Count(file, "tcp || udp"));
        Assert.Empty(UplinkJudge.Leaks(file));
    }

    [Fact]
    public void An_unsolicited_SYN_to_a_port_of_the_pool_gets_silence_and_one_to_another_port_the_host_s_answer()
    {
        using var started = StartShared();
        using var capture = _world.CaptureUplink();
        using var pool = Conversation.Open(_world.Far, "tcp", World.HostAddress, 20_000, seconds: 1.5);
        using var other = Conversation.Open(_world.Far, "tcp", World.HostAddress, 9, seconds: 1.5);
        Assert.Equal(System.Net.Sockets.SocketError.TimedOut, pool.Error);
        Assert.Equal(System.Net.Sockets.SocketError.ConnectionRefused, other.Error);
        Assert.Single(UplinkJudge.Resets(capture.Stop()));
    }

    private SoftSwitchProcess StartShared() => _world.Start($$"""
        networks:
          dev: { mode: nat, subnet: {{World.Inside}}, outside: {} }
        {{_world.Ports}}
        """);
}
