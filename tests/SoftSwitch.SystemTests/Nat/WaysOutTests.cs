using System.Globalization;
using System.Net.Sockets;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Packets;
using SoftSwitch.SystemTests.Peers;
using SoftSwitch.SystemTests.Switching;

namespace SoftSwitch.SystemTests.Nat;

/// <summary>With <c>interface: auto</c>, guests go where the host's routing leads its own packets, or nowhere.</summary>
public sealed class WaysOutTests : IDisposable
{
    private const string OtherNic = "172.30.0.2";

    private readonly World _world = new();
    private readonly WhoServer _server, _other;

    public WaysOutTests()
    {
        (_server, _other) = (new(_world.Far, 4000, World.FarAddress), new(_world.Far, 4000, World.FarOtherAddress));
        // As those who manage networks write it, so that others can be better.
        Ip($"route add default via {World.LanAddress} metric 100; route del default via {World.LanAddress} metric 0");
    }

    public void Dispose()
    {
        _server.Dispose();
        _other.Dispose();
        _world.Dispose();
    }

    /// <summary>How VPNs take the default route, and how they give it back.</summary>
    public static TheoryData<string, string> Styles => new()
    {
        { "route add default dev vpn metric 1", "route del default dev vpn" },
        { "route add 0.0.0.0/1 dev vpn; route add 128.0.0.0/1 dev vpn", "route del 0.0.0.0/1 dev vpn; route del 128.0.0.0/1 dev vpn" },
        { "route add default dev vpn table 51820; rule add not fwmark 51820 table 51820; rule add table main suppress_prefixlength 0",
            "rule del table main suppress_prefixlength 0; rule del table 51820" },
        { "route add 198.51.100.0/28 dev vpn", "route del 198.51.100.0/28 dev vpn" },
    };

    [Fact]
    public void Each_destination_goes_by_the_NIC_and_with_the_address_that_the_host_would_use()
    {
        AddNic();
        _world.Host.Check($"ip route add {World.FarOtherAddress} via 172.30.0.1");
        using var started = Start();
        using var capture = _world.CaptureUplink();
        for (var round = 0; round < 2; round++)
        {
            foreach (var protocol in new[] { "udp", "tcp" })
            {
                Assert.StartsWith($"{World.HostAddress}:", Seen(World.FarAddress, protocol));
                Assert.StartsWith($"{OtherNic}:", Seen(World.FarOtherAddress, protocol));
            }
        }
        // A neighbor of the second NIC is reached by it.
        Assert.True(Ping.Reaches(_world.One, "172.30.0.1"));
        var file = capture.Stop();
        Assert.Equal(0, Tshark.Count(file, $"ip.dst == {World.FarOtherAddress} || ip.dst == 172.30.0.1 || ip.src == {World.OneAddress}"));
        started.Terminate();
    }

    [Theory]
    [MemberData(nameof(Styles))]
    public void From_the_moment_a_VPN_has_the_route_no_packet_leaves_beside_it(string comes, string goes)
    {
        using var vpn = new TunVpn(_world.Host, _world.Far);
        using var started = Start();
        Assert.StartsWith($"{World.HostAddress}:", Seen(World.FarAddress));
        using var capture = _world.CaptureUplink($"host {World.FarAddress}");
        using (Chatter())
        {
            Ip(comes);
            var since = Now();
            Eventually.Holds(() => Seen(World.FarAddress)?.StartsWith($"{TunVpn.HostAddress}:") == true);
            Thread.Sleep(300);
            var until = Now();
            Ip(goes);
            Eventually.Holds(() => Seen(World.FarAddress)?.StartsWith($"{World.HostAddress}:") == true);
            var times = Tshark.Fields(capture.Stop(), "", "frame.time_epoch")
                .Select(row => double.Parse(row[0], CultureInfo.InvariantCulture));
            Assert.DoesNotContain(times, time => time > since && time < until);
        }
        started.Terminate();
    }

    [Fact]
    public void Nothing_that_is_sent_once_a_route_is_there_leaves_beside_it_not_even_at_once()
    {
        const int rounds = 60;
        const byte before = 0x61, after = 0x62;
        using var vpn = new TunVpn(_world.Host, _world.Far);
        using var started = Start();
        using var space = NetworkNamespace.Open(_world.Host.Path);
        using var links = space.Run(() => new Links());
        var index = links.Require("vpn").Index;
        using var capture = _world.CaptureUplink($"udp and dst {World.FarAddress}");
        using (var fence = Conversation.Open(_world.Two, "udp", World.FarAddress, 4000))
        using (var sender = new SteadySender(_world.Two, World.TwoAddress, World.FarAddress, 4000))
        {
            for (var round = 0; round < rounds; round++)
            {
                sender.Say(before);
                // What the guest has sent until then is through, for what it sends now is.
                Assert.NotNull(fence.Ask());
                _world.Host.Run($"ip route del {World.FarAddress} dev vpn");
                Thread.Sleep(20);
                links.AddHostRoute(index, Ipv4Address.Parse(World.FarAddress), null);
                sender.Say(after);
                Thread.Sleep(10);
            }
        }
        var file = capture.Stop();
        // The judge sees what leaves by the NIC, and that it was no still time.
        Assert.True(Tshark.Count(file, $"udp.payload == {before:x2}") > rounds);
        Assert.Equal(0, Tshark.Count(file, $"udp.payload == {after:x2}"));
        started.Terminate();
    }

    [Fact]
    public void By_a_VPN_packets_of_all_sizes_go_both_ways()
    {
        using var vpn = new TunVpn(_world.Host, _world.Far);
        _world.Host.Check("ip link set dev vpn mtu 1400");
        Ip("route add default dev vpn metric 1");
        using var started = Start();
        using var capture = _world.CaptureUplink();
        Iperf.Delivers(_world.One, _world.Far, World.FarAddress);
        Iperf.Delivers(_world.One, _world.Far, World.FarAddress, reverse: true);
        Assert.True(Ping.Reaches(_world.One, World.FarAddress, bytes: 4000));
        Assert.True(Ping.Reaches(_world.One, World.FarAddress, bytes: 1));
        Assert.Equal(0, Tshark.Count(capture.Stop(), "ip"));
        started.Terminate();
    }

    [Theory]
    [InlineData("route add default dev vpn metric 1")]
    [InlineData("route add unreachable default metric 1")]
    [InlineData("rule add prohibit")]
    public void A_connection_whose_destination_is_led_elsewhere_ends_with_an_error(string comes)
    {
        using var vpn = new TunVpn(_world.Host, _world.Far);
        using var started = Start();
        using var open = Conversation.Open(_world.One, "tcp", World.FarAddress, 4000);
        Assert.StartsWith($"{World.HostAddress}:", open.Ask());
        using var capture = _world.CaptureUplink($"host {World.FarAddress}");
        Ip(comes);
        Assert.Null(open.Ask());
        Assert.Equal(SocketError.ConnectionReset, open.Error);
        Assert.Equal(0, Tshark.Count(capture.Stop(), $"ip.dst == {World.FarAddress}"));
        started.Terminate();
    }

    [Fact]
    public void When_a_VPN_is_gone_with_its_address_open_connections_end_with_an_error()
    {
        var vpn = new TunVpn(_world.Host, _world.Far);
        try
        {
            Ip("route add default dev vpn metric 1");
            using var started = Start();
            using var idle = Conversation.Open(_world.One, "tcp", World.FarAddress, 4000);
            Assert.StartsWith($"{TunVpn.HostAddress}:", idle.Ask());
            using var other = Conversation.Open(_world.Two, "tcp", World.FarAddress, 4000);
            Assert.StartsWith($"{TunVpn.HostAddress}:", other.Ask());
            using var datagrams = Conversation.Open(_world.Two, "udp", World.FarAddress, 4000);
            Assert.StartsWith($"{TunVpn.HostAddress}:", datagrams.Ask());
            vpn.Dispose();
            // It says nothing by itself that its other end could refuse.
            var error = Assert.Throws<SocketException>(() => idle.Next(TimeSpan.FromSeconds(20)));
            Assert.Equal(SocketError.ConnectionReset, error.SocketErrorCode);
            Assert.Throws<SocketException>(() => other.Next(TimeSpan.FromSeconds(5)));
            Assert.Null(datagrams.Ask());
            Assert.Equal(SocketError.HostUnreachable, datagrams.Error);
            Assert.StartsWith($"{World.HostAddress}:", Seen(World.FarAddress, "tcp"));
            started.Terminate();
        }
        finally
        {
            vpn.Dispose();
        }
    }

    [Theory]
    [InlineData("route add unreachable default metric 1", "Destination Host Unreachable")]
    [InlineData("rule add prohibit", "Packet filtered")]
    [InlineData("route add blackhole 198.51.100.0/28", "0 received")]
    [InlineData("route del default", "Destination Net Unreachable")]
    public void What_the_host_may_not_reach_guests_may_not_and_are_told_what_the_kernel_tells(string command, string told)
    {
        using var started = Start();
        Assert.NotNull(Seen(World.FarAddress));
        using var capture = _world.CaptureUplink($"host {World.FarAddress}");
        Ip(command);
        Assert.Contains(told, Refused());
        Assert.Equal(0, Tshark.Count(capture.Stop(), ""));
        started.Terminate();
    }

    [Fact]
    public void A_way_whose_cable_is_pulled_is_said_to_be_down()
    {
        using var started = Start();
        Assert.NotNull(Seen(World.FarAddress));
        foreach (var (link, state) in new[] { ("down", "down"), ("up", "open") })
        {
            _world.Lan.Check($"ip link set lan0 {link}");
            Eventually.Holds(() => started.Items("outside").Single(way => way.GetProperty("interface").GetString() == "nic")
                .GetProperty("state").GetString() == state);
        }
        started.Terminate();
    }

    [Fact]
    public void Who_opens_more_ways_than_there_are_ends_nobody_elses_connection()
    {
        const int ways = 20;
        for (var i = 0; i < ways; i++)
            Ip($"addr add 192.0.2.{40 + i}/24 dev nic; route add 198.51.101.{i} via {World.LanAddress} src 192.0.2.{40 + i}");
        Ip($"route add {World.FarAddress} via {World.LanAddress} src 192.0.2.40");
        using var started = Start();
        // One has opened the way that the other's connection goes by.
        Assert.StartsWith("192.0.2.40:", Seen(World.FarAddress));
        using var open = Conversation.Open(_world.Two, "tcp", World.FarAddress, 4000);
        Assert.NotNull(open.Ask());
        Eventually.Holds(() =>
        {
            for (var i = 1; i < ways; i++)
                _world.One.Run($"ping -c 1 -W 0.2 198.51.101.{i}");
            return started.Show("ports").ToString().Contains($"dev.out{ways - 4}", StringComparison.Ordinal);
        }, seconds: 30);
        Assert.NotNull(open.Ask());
        var addresses = started.Items("outside").Select(way => way.GetProperty("address").GetString()).ToHashSet();
        Assert.Equal((true, false), (addresses.Contains("192.0.2.40"), addresses.Contains("192.0.2.41")));
        started.Terminate();
    }

    [Theory]
    [InlineData("lo", "carries neither Ethernet frames nor bare packets of IP")]
    [InlineData("slave", "belongs to a bridge, bond or VRF")]
    public void A_way_that_nobody_can_take_is_refused_in_one_line_and_is_no_way(string name, string why)
    {
        _world.Host.Veth("slave", _world.Lan, "end");
        Ip("addr add 172.31.0.1/24 dev slave; link add name br type bridge; link set slave master br; link set lo up");
        using var started = Start();
        Assert.NotNull(Seen(World.FarAddress));
        Ip($"route add 203.0.114.0/24 dev {name}");
        for (var round = 0; round < 4; round++)
        {
            Assert.False(Ping.Reaches(_world.One, $"203.0.114.{5 + round}", count: 1));
            Thread.Sleep(1_000);
        }
        Assert.Single(started.Errors, line => line.Contains($"interface {name} {why}"));
        var ways = started.Items("outside").ToList();
        Assert.All(ways, way => Assert.NotNull(way.GetProperty("interface").GetString()));
        var refused = Assert.Single(ways, way => way.GetProperty("interface").GetString() == name);
        Assert.Equal("refused", refused.GetProperty("state").GetString());
        Assert.DoesNotContain($"softswitch-{name}-", _world.Host.Check("nft list tables"));
        Assert.Contains(started.Items("drops"), drop => drop.GetProperty("reason").GetString() == "no-route");
        Assert.NotNull(Seen(World.FarAddress));
        started.Terminate();
    }

    [Fact]
    public void Rules_that_look_at_ports_are_told_and_lead_nowhere()
    {
        using var started = Start();
        Assert.NotNull(Seen(World.FarAddress));
        Ip("rule add ipproto udp dport 4000 prohibit");
        Assert.Contains("Destination Net Unreachable", Refused());
        Assert.Null(Seen(World.FarAddress));
        started.WaitForLine("look at ports");
        Assert.Contains("look at ports", Shown("nic", World.HostAddress, started).Why);
        Ip("rule del ipproto udp dport 4000 prohibit");
        started.WaitForLine("leave again");
        Eventually.Holds(() => Seen(World.FarAddress) is not null);
        started.Terminate();
    }

    [Fact]
    public void A_client_of_a_forward_is_answered_by_the_NIC_that_it_came_in_by()
    {
        AddNic();
        using var server = new WhoServer(_world.One, 53);
        using var started = _world.Start($$"""
            networks:
              dev:
                mode: nat
                subnet: {{World.Inside}}
                outside: {}
                forwards: [ { from: udp/5353, to: "{{World.OneAddress}}:53" } ]
            {{_world.Ports}}
            """);
        // The way by the second NIC, by which all else goes to the client.
        _world.Host.Check("ip route add 198.51.100.0/28 via 172.30.0.1");
        _world.Host.Check("ip route add default via 192.0.2.1 table 7");
        _world.Host.Check("ip rule add from 192.0.2.2 table 7");
        Assert.StartsWith($"{OtherNic}:", Seen(World.FarAddress));
        Assert.StartsWith($"{World.FarAddress}:", Conversation.Seen(_world.Far, "udp", World.HostAddress, 5353));
        started.Terminate();
    }

    [Fact]
    public void Each_way_is_shown_with_what_leads_there_and_what_goes_by_it()
    {
        AddNic();
        _world.Host.Check($"ip route add {World.FarOtherAddress} via 172.30.0.1");
        using var vpn = new TunVpn(_world.Host, _world.Far);
        using var started = Start();
        Assert.NotNull(Seen(World.FarAddress));
        Assert.NotNull(Seen(World.FarOtherAddress));
        Assert.Equal(("rule 32766, table main", 1), Shown("nic", World.HostAddress, started));
        Assert.Equal(("rule 32766, table main", 1), Shown("nic2", OtherNic, started));
        Ip("route add default dev vpn table 51820; rule add priority 77 table 51820");
        Eventually.Holds(() => Seen(World.FarAddress)?.StartsWith($"{TunVpn.HostAddress}:") == true);
        Assert.Equal("rule 77, table 51820", Shown("vpn", TunVpn.HostAddress, started).Why);
        Assert.Contains("nothing that guests have asked for", Shown("nic2", OtherNic, started).Why);
        Assert.Contains("rule 77, table 51820", started.Client("show", "outside", "--network", "dev").Succeeded().Output);
        started.Terminate();
    }

    [Fact]
    public void A_route_s_own_MTU_counts_for_guests()
    {
        _world.Host.Check($"ip route add {World.FarOtherAddress} via {World.LanAddress} mtu 1280");
        using var started = Start();
        Assert.Contains("mtu = 1280", _world.One.Run($"ping -c 1 -W 2 -M do -s 1300 {World.FarOtherAddress}").Output);
        Assert.True(Ping.Reaches(_world.One, World.FarOtherAddress, bytes: 1200));
        Assert.True(Ping.Reaches(_world.One, World.FarAddress, bytes: 1300));
        using var capture = _world.CaptureUplink("tcp");
        Assert.NotNull(Seen(World.FarOtherAddress, "tcp"));
        Assert.Equal("1240", Tshark.Fields(capture.Stop(), "tcp.flags.syn == 1 && tcp.flags.ack == 0", "tcp.options.mss_val").Single()[0]);
        started.Terminate();
    }

    [Fact]
    public void Killed_with_several_ways_open_it_leaves_nothing()
    {
        AddNic();
        _world.Host.Check($"ip route add {World.FarOtherAddress} via 172.30.0.1");
        using var vpn = new TunVpn(_world.Host, _world.Far);
        Ip("route add 198.51.100.2/32 dev vpn; rule add prohibit to 203.0.113.0/24");
        var before = MachineState.Of(_world.Host);
        using var started = Start();
        Assert.StartsWith($"{TunVpn.HostAddress}:", Seen(World.FarAddress, "tcp"));
        Assert.StartsWith($"{OtherNic}:", Seen(World.FarOtherAddress, "tcp"));
        Assert.NotEqual(before, MachineState.Of(_world.Host));
        started.Kill();
        Eventually.Equal(before, () => MachineState.Of(_world.Host));
    }

    [Fact]
    public void Route_says_what_packets_do_before_and_after_a_VPN_comes()
    {
        AddNic();
        _world.Host.Check($"ip route add {World.FarOtherAddress} via 172.30.0.1");
        using var vpn = new TunVpn(_world.Host, _world.Far);
        using var started = Start();
        var byNic = $"out by nic as {World.HostAddress}, next hop {World.LanAddress} (rule 32766, table main)";
        Assert.Equal(byNic, Route(started, World.FarAddress));
        Assert.Equal($"out by nic2 as {OtherNic}, next hop 172.30.0.1 (rule 32766, table main); that way is opened when a packet comes",
            Route(started, World.FarOtherAddress));
        Assert.NotNull(Seen(World.FarOtherAddress));
        Assert.Equal($"out by nic2 as {OtherNic}, next hop 172.30.0.1 (rule 32766, table main)", Route(started, World.FarOtherAddress));
        Ip("route add default dev vpn table 51820; rule add priority 77 table 51820");
        Assert.StartsWith($"out by vpn as {TunVpn.HostAddress}, directly (rule 77, table 51820)", Route(started, World.FarAddress));
        Ip("rule del priority 77; route add unreachable 198.51.100.0/28 metric 1; route add blackhole 203.0.113.0/24");
        Assert.StartsWith("nowhere: the host's routing says unreachable (rule 32766, table main, unreachable 198.51.100.0/28)",
            Route(started, World.FarAddress));
        Assert.StartsWith("nowhere: a blackhole of the host's routing (rule 32766, table main, blackhole 203.0.113.0/24)",
            Route(started, "203.0.113.9"));
        Ip("route del unreachable 198.51.100.0/28");
        Assert.Equal(byNic, Route(started, World.FarAddress));
        Assert.Contains("\"verdict\": \"out\"", started.Client("route", "one", World.FarAddress, "--json").Succeeded().Output);
        Assert.Equal(2, started.Client("route", "none", World.FarAddress).ExitStatus);
        started.Terminate();
    }

    private static string Route(SoftSwitchProcess started, string to)
    {
        var line = started.Client("route", "one", to).Succeeded().Output;
        Assert.StartsWith($"one to {to}: ", line);
        return line[$"one to {to}: ".Length..].TrimEnd('\n');
    }

    private static (string? Why, long Flows) Shown(string name, string address, SoftSwitchProcess started)
    {
        var way = Assert.Single(started.Items("outside"), way => way.GetProperty("interface").GetString() == name);
        Assert.Equal(("dev", address, "open"), (way.GetProperty("network").GetString(), way.GetProperty("address").GetString(),
            way.GetProperty("state").GetString()));
        return (way.GetProperty("why").GetString(), way.GetProperty("flows").GetInt64());
    }

    private string Refused() => _world.One.Run($"ping -c 1 -W 1 {World.FarAddress}").Output;

    private static double Now() => (DateTime.UtcNow - DateTime.UnixEpoch).TotalSeconds;

    private void AddNic()
    {
        _world.Host.Veth("nic2", _world.Lan, "lan1");
        _world.Host.Address("nic2", $"{OtherNic}/24");
        _world.Lan.Address("lan1", "172.30.0.1/24");
        _world.Far.Check("ip route add 172.30.0.0/24 via 198.51.100.1");
    }

    /// <summary>A guest that talks all the time.</summary>
    private Timer Chatter()
    {
        var conversation = Conversation.Open(_world.Two, "udp", World.FarAddress, 4000);
        return new(_ =>
        {
            try
            {
                conversation.Tell("on and on");
            }
            catch (SocketException)
            {
                // It was told that this goes nowhere.
            }
        }, null, 0, 2);
    }

    private void Ip(string commands) => Array.ForEach(commands.Split("; "), command => _world.Host.Check($"ip {command}"));

    private string? Seen(string address, string protocol = "udp") =>
        Conversation.Seen(_world.One, protocol, address, 4000, seconds: 2);

    private SoftSwitchProcess Start() => _world.Start($$"""
        networks:
          dev: { mode: nat, subnet: {{World.Inside}}, outside: { interface: auto } }
        {{_world.Ports}}
        """);
}
