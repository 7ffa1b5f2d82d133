using SoftSwitch.SystemTests.Peers;
using SoftSwitch.SystemTests.Switching;

namespace SoftSwitch.SystemTests.Nat;

/// <summary>The outside changes: another default route, a cable that is pulled, an interface that vanishes, an address that
/// changes.</summary>
public sealed class OutsideTests : IDisposable
{
    private readonly World _world = new();
    private readonly WhoServer _server;

    public OutsideTests() => _server = new(_world.Far, 4000, World.FarAddress);

    public void Dispose()
    {
        _server.Dispose();
        _world.Dispose();
    }

    [Fact]
    public void With_interface_auto_the_default_route_is_followed()
    {
        _world.Host.Veth("nic2", _world.Lan, "lan1");
        _world.Host.Address("nic2", "172.30.0.2/24");
        _world.Lan.Address("lan1", "172.30.0.1/24");
        _world.Far.Check("ip route add 172.30.0.0/24 via 198.51.100.1");
        using var started = Start("{ interface: auto }");
        Assert.StartsWith($"{World.HostAddress}:", Seen());
        _world.Host.Check("ip route replace default via 172.30.0.1");
        Eventually.Holds(() => Seen()?.StartsWith("172.30.0.2:") == true);
        _world.Host.Check($"ip route replace default via {World.LanAddress}");
        Eventually.Holds(() => Seen()?.StartsWith($"{World.HostAddress}:") == true);
        started.Terminate();
    }

    [Theory]
    [InlineData("{}")]
    [InlineData($"{{ interface: nic, address: {World.OwnAddress}/24, gateway: {World.LanAddress} }}")]
    public void A_NIC_that_goes_down_and_comes_up_again_heals_by_itself(string outside)
    {
        using var started = Start(outside);
        using var conversation = Conversation.Open(_world.One, "tcp", World.FarAddress, 4000);
        var seen = conversation.Ask();
        Assert.NotNull(seen);
        _world.Host.Check("ip link set dev nic down");
        Assert.Null(Seen(1));
        _world.Host.Up("nic");
        // The kernel took the route with the link; whoever manages the host's network puts it back.
        _world.Host.Check($"ip route replace default via {World.LanAddress}");
        Eventually.Holds(() => Seen() is not null);
        Assert.Equal(seen, conversation.Ask(10));
        started.Terminate();
    }

    [Fact]
    public void That_the_host_takes_a_network_s_own_address_is_told_and_that_it_is_over()
    {
        using var started = Start($"{{ interface: nic, address: {World.OwnAddress}/24, gateway: {World.LanAddress} }}");
        Assert.NotNull(Seen());
        for (var round = 0; round < 2; round++)
        {
            _world.Host.Address("nic", $"{World.OwnAddress}/24");
            Told(round, $"the host has taken {World.OwnAddress} for itself, on nic, and both answer for it now: take it from the host "
                + $"(ip addr del {World.OwnAddress}/24 dev nic)");
            _world.Host.Check($"ip addr del {World.OwnAddress}/24 dev nic");
            Told(round, $"the host has given {World.OwnAddress} up");
        }
        Assert.NotNull(Seen());
        started.Terminate();

        void Told(int before, string line) => Eventually.Holds(() => started.Errors.Count(one => one.Contains(line)) == before + 1);
    }

    [Fact]
    public void An_interface_that_vanishes_and_returns_is_picked_up()
    {
        using var started = Start("{ interface: nic }");
        Assert.NotNull(Seen());
        _world.Host.Check("ip link delete nic");
        Assert.Null(Seen(1));
        Assert.True(started.IsRunning);
        _world.Host.Veth("nic", _world.Lan, "lan0");
        _world.Host.Address("nic", $"{World.HostAddress}/24");
        _world.Lan.Address("lan0", $"{World.LanAddress}/24");
        _world.Host.Check($"ip route replace default via {World.LanAddress}");
        Eventually.Holds(() => Seen() is not null);
        started.Terminate();
    }

    [Fact]
    public void Without_a_default_route_the_switch_starts_and_goes_out_when_there_is_one()
    {
        _world.Host.Check("ip route del default");
        using var started = Start("{}");
        Assert.Null(Seen(1));
        _world.Host.Check($"ip route add default via {World.LanAddress}");
        Eventually.Holds(() => Seen() is not null);
        started.Terminate();
    }

    [Fact]
    public void A_host_that_gets_another_address_takes_its_guests_with_it()
    {
        using var started = Start("{}");
        using var old = Conversation.Open(_world.One, "tcp", World.FarAddress, 4000);
        Assert.StartsWith($"{World.HostAddress}:", old.Ask());
        _world.Host.Check($"ip addr del {World.HostAddress}/24 dev nic");
        _world.Host.Address("nic", "192.0.2.3/24");
        _world.Host.Check($"ip route replace default via {World.LanAddress}");
        Eventually.Holds(() => Seen()?.StartsWith("192.0.2.3:") == true);
        using var capture = _world.CaptureUplink();
        Assert.StartsWith("192.0.2.3:", Seen());
        Assert.Null(old.Ask(1));
        Assert.Equal(0, Tshark.Count(capture.Stop(), $"ip.src == {World.HostAddress}"));
        started.Terminate();
    }

    [Theory]
    [InlineData("{}")]
    [InlineData($"{{ interface: nic, address: {World.OwnAddress}/24, gateway: {World.LanAddress} }}")]
    public void Where_the_outside_is_narrower_connections_begin_with_segments_that_fit_it(string outside)
    {
        _world.Host.Check("ip link set dev nic mtu 1400");
        _world.Lan.Check("ip link set dev lan0 mtu 1400");
        using var started = Start(outside);
        using var capture = _world.CaptureUplink("tcp[tcpflags] & tcp-syn != 0");
        using var back = new Capture(_world.One, "eth0", filter: "tcp[tcpflags] & tcp-syn != 0");
        Iperf.Delivers(_world.One, _world.Far, World.FarAddress);
        Iperf.Delivers(_world.One, _world.Far, World.FarAddress, reverse: true);
        Assert.All(Tshark.Fields(capture.Stop(), "", "tcp.options.mss_val"), row => Assert.InRange(int.Parse(row[0]), 500, 1360));
        Assert.All(Tshark.Fields(back.Stop(), "", "tcp.options.mss_val"), row => Assert.InRange(int.Parse(row[0]), 500, 1360));
        // What isn't TCP is told by the gateway, and goes in fragments.
        Eventually.Holds(() => Conversation.Seen(_world.One, "udp", World.FarAddress, 4000, seconds: 1, bytes: 1440) is not null);
        Assert.Contains("mtu 1400", _world.One.Check($"ip route get {World.FarAddress}"));
        Assert.True(Ping.Reaches(_world.One, World.FarAddress, bytes: 4000));
        started.Terminate();
    }

    [Fact]
    public void Guests_with_long_frames_reach_an_outside_with_short_ones()
    {
        using var started = _world.Start($$"""
            networks:
              dev: { mode: nat, subnet: {{World.Inside}}, mtu: 9000, outside: {} }
            {{_world.Ports}}
            """);
        Assert.Contains("mtu 9000", _world.One.Check("ip link show dev eth0"));
        Iperf.Delivers(_world.One, _world.Far, World.FarAddress);
        Iperf.Delivers(_world.One, _world.Far, World.FarAddress, reverse: true);
        Assert.True(Ping.Reaches(_world.One, World.TwoAddress, bytes: 8000));
        Assert.True(Ping.Reaches(_world.One, World.FarAddress, bytes: 8000));
        Assert.NotNull(Conversation.Seen(_world.One, "udp", World.FarAddress, 4000, bytes: 8000));
        started.Terminate();
    }

    private string? Seen(double seconds = 2) => Conversation.Seen(_world.One, "udp", World.FarAddress, 4000, seconds: seconds);

    private SoftSwitchProcess Start(string outside) => _world.Start($$"""
        networks:
          dev: { mode: nat, subnet: {{World.Inside}}, outside: {{outside}} }
        {{_world.Ports}}
        """);
}
