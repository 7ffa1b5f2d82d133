using System.Net.Sockets;
using System.Text.Json;
using SoftSwitch.SystemTests.Peers;
using SoftSwitch.SystemTests.Switching;

namespace SoftSwitch.SystemTests.Nat;

/// <summary>Guests behind an address that a server of DHCP on the LAN lends their network.</summary>
public sealed class LeasedAddressTests : IDisposable
{
    private const string Leased = "{ interface: nic, address: dhcp }";

    private readonly World _world = new();
    private readonly WhoServer _server;
    private readonly string _folder = TemporaryFolder.NewPath(".lease");

    public LeasedAddressTests()
    {
        _server = new(_world.Far, 4000, World.FarAddress);
        Directory.CreateDirectory(_folder);
    }

    public void Dispose()
    {
        _server.Dispose();
        _world.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData(Leased)]
    [InlineData("{ address: dhcp }")]
    public void Guests_leave_with_what_is_lent_and_forwards_are_asked_there(string outside)
    {
        using var lender = Lender("192.0.2.50,192.0.2.50");
        using var started = Start($"dev: {{ mode: nat, subnet: {World.Inside}, outside: {outside}, "
            + "forwards: [ { from: tcp/8001, to: \"one:4001\" } ] }");
        using var web = new WhoServer(_world.One, 4001, World.OneAddress);
        Eventually.Holds(() => Seen()?.StartsWith("192.0.2.50:") == true);
        Assert.StartsWith("leased from 192.0.2.1 until ", Text(started.Items("outside")[0], "why"));
        Assert.Equal(("192.0.2.50", "open"), (Text(started.Items("outside")[0], "address"), Text(started.Items("outside")[0], "state")));
        Assert.StartsWith("leased from 192.0.2.1 until ", Text(Network(started).GetProperty("nat"), "lease"));
        Assert.NotNull(Conversation.Seen(_world.Far, "tcp", "192.0.2.50", 8001));
        Assert.True(Ping.Reaches(_world.Lan, "192.0.2.50"));
        Assert.True(Ping.Reaches(_world.Host, "192.0.2.50"));
        Assert.Equal("192.0.2.50:8001", Text(started.Items("forwards")[0], "outside"));
        started.Terminate();
    }

    [Fact]
    public void Two_networks_on_one_NIC_have_an_address_each()
    {
        using var lender = Lender("192.0.2.50,192.0.2.99");
        using var started = SoftSwitchProcess.Start($$"""
            state: {{_folder}}
            networks:
              dev: { mode: nat, subnet: {{World.Inside}}, outside: {{Leased}} }
              lab: { mode: nat, subnet: 10.20.0.0/24, outside: {{Leased}} }
            ports:
              one: { network: dev, kind: tap, netns: "{{_world.One.Name}}", interface: eth0, address: {{World.OneAddress}}/24 }
              two: { network: lab, kind: tap, netns: "{{_world.Two.Name}}", interface: eth0, address: 10.20.0.6/24 }
            """, _world.Host);
        _world.One.Check($"ip route replace default via {World.Gateway}");
        _world.Two.Check("ip route replace default via 10.20.0.1");
        Eventually.Holds(() => Seen() is not null && Seen(_world.Two) is not null);
        var addresses = started.Items("outside").Select(way => Text(way, "address")).ToArray();
        Assert.Equal(2, addresses.Distinct().Count());
        Assert.StartsWith($"{addresses[0]}:", Seen());
        Assert.StartsWith($"{addresses[1]}:", Seen(_world.Two));
        // One reaches the other as a machine on that LAN.
        Assert.True(Ping.Reaches(_world.One, addresses[1]!));
        started.Terminate();
    }

    [Fact]
    public void After_a_kill_the_same_address_is_asked_for_and_used()
    {
        using var lender = Lender("192.0.2.50,192.0.2.99");
        string? before;
        using (var started = StartDev())
        {
            Eventually.Holds(() => Seen() is not null);
            before = Text(started.Items("outside")[0], "address");
            // It is written beside the loop that has it.
            Eventually.Holds(() => File.Exists(Path.Combine(_folder, "outside-leases")));
            started.Kill();
        }
        var discovered = Asked(lender, "DHCPDISCOVER");
        using (var started = StartDev())
        {
            Eventually.Holds(() => Seen()?.StartsWith($"{before}:") == true);
            Assert.Equal(before, Text(started.Items("outside")[0], "address"));
            Assert.Equal(discovered, Asked(lender, "DHCPDISCOVER"));
            started.Terminate();
        }
        Assert.Equal(0, Asked(lender, "DHCPRELEASE"));
    }

    [Fact]
    public void A_lease_is_renewed_and_when_no_server_prolongs_it_connections_end_with_an_error_until_another_lends()
    {
        using var started = StartDev();
        Assert.Null(Seen(seconds: 1));
        Assert.Contains("no address yet: DHCP servers are asked on the LAN of nic", Text(started.Items("outside")[0], "why"));
        var lender = ShortLender("192.0.2.50", seconds: 16);
        Eventually.Holds(() => Seen()?.StartsWith("192.0.2.50:") == true, seconds: 90);
        using var open = Conversation.Open(_world.One, "tcp", World.FarAddress, 4000);
        var seen = open.Ask();
        Assert.StartsWith("192.0.2.50:", seen);
        // The lease that it began with is over.
        Thread.Sleep(TimeSpan.FromSeconds(20));
        Assert.Equal(seen, open.Ask());
        lender.Dispose();
        Eventually.Holds(() => Text(started.Items("outside")[0], "why").Contains("all DHCP servers are asked"), seconds: 20);
        Assert.Equal(seen, open.Ask());
        started.WaitForLine("the lease of 192.0.2.50 has ended, and no server has prolonged it");
        Eventually.Holds(() => open.Ask(1) is null && open.Error is SocketError.ConnectionReset, seconds: 15);
        Assert.Null(Seen(seconds: 1));
        using var other = ShortLender("192.0.2.60", seconds: 600);
        Eventually.Holds(() => Seen()?.StartsWith("192.0.2.60:") == true, seconds: 90);
        Assert.StartsWith("leased from 192.0.2.1 until ", Text(started.Items("outside")[0], "why"));
        started.Terminate();
    }

    [Fact]
    public void An_address_that_somebody_on_the_LAN_has_is_declined_and_another_is_used()
    {
        _world.Lan.Address("lo", "192.0.2.50/32");
        using var lender = Lender("192.0.2.50,192.0.2.51", "--dhcp-sequential-ip", "--no-ping");
        using var started = StartDev();
        started.WaitForLine("192.0.2.50 is taken on the link of nic");
        lender.WaitForLine(line => line.Contains("DHCPDECLINE", StringComparison.Ordinal));
        Eventually.Holds(() => Seen()?.StartsWith("192.0.2.51:") == true, seconds: 30);
        started.Terminate();
    }

    [Fact]
    public void What_a_server_can_t_mean_is_refused_with_a_line()
    {
        using var lender = Lender("192.0.2.50,192.0.2.99", "--dhcp-option=3,198.51.100.1");
        using var started = StartDev();
        started.WaitForLine("what the DHCP server 192.0.2.1 lends can't be used: the router 198.51.100.1 is outside 192.0.2.0/24");
        Assert.Null(Seen(seconds: 1));
        Assert.Contains("198.51.100.1 is outside", Text(started.Items("outside")[0], "why"));
        started.Terminate();
    }

    [Fact]
    public void What_is_lent_to_one_network_is_refused_for_another()
    {
        using var started = SoftSwitchProcess.Start($$"""
            state: {{_folder}}
            networks:
              dev: { mode: nat, subnet: {{World.Inside}}, outside: {{Leased}} }
              lab: { mode: nat, subnet: 10.20.0.0/24, outside: {{Leased}} }
            """, _world.Host);
        using (Lender("192.0.2.50,192.0.2.50"))
            Eventually.Holds(() => Open(started).Any(), seconds: 20);
        // It has forgotten.
        File.Delete(Path.Combine(_folder, "lent-in-lan0"));
        using var lender = Lender("192.0.2.50,192.0.2.50", "--no-ping");
        var lessee = Assert.Single(Open(started));
        started.WaitForLine($"what the DHCP server 192.0.2.1 lends can't be used: 192.0.2.50 is lent to network {lessee}",
            TimeSpan.FromSeconds(40));
        Assert.Equal([lessee], Open(started));
        started.Terminate();
    }

    [Fact]
    public void On_another_network_the_earlier_address_is_refused_and_another_is_had_at_once()
    {
        using (Lender("192.0.2.50,192.0.2.50"))
        using (var started = StartDev())
        {
            Eventually.Holds(() => Seen()?.StartsWith("192.0.2.50:") == true);
            Eventually.Holds(() => File.Exists(Path.Combine(_folder, "outside-leases")));
            started.Terminate();
        }
        File.Delete(Path.Combine(_folder, "lent-in-lan0"));
        using var other = Lender("192.0.2.80,192.0.2.80");
        using var again = StartDev();
        Eventually.Holds(() => Seen()?.StartsWith("192.0.2.80:") == true);
        Assert.NotEqual(0, Asked(other, "DHCPNAK"));
        again.Terminate();
    }

    [Fact]
    public void When_the_NIC_has_a_link_again_the_address_is_used_on_and_asked_for()
    {
        using var lender = Lender("192.0.2.50,192.0.2.50");
        using var started = StartDev();
        Eventually.Holds(() => Seen() is not null);
        using var open = Conversation.Open(_world.One, "tcp", World.FarAddress, 4000);
        var seen = open.Ask();
        Assert.StartsWith("192.0.2.50:", seen);
        var requests = Asked(lender, "DHCPREQUEST");
        _world.Host.Check("ip link set dev nic down");
        Assert.Null(Seen(seconds: 1));
        _world.Host.Up("nic");
        Eventually.Holds(() => Seen() is not null);
        Assert.Equal(seen, open.Ask(10));
        Eventually.Holds(() => Asked(lender, "DHCPREQUEST") > requests);
        started.Terminate();
    }

    [Fact]
    public void Beside_a_bridged_network_on_the_NIC_its_guests_lend_nothing_and_servers_on_the_wire_do()
    {
        using var started = SoftSwitchProcess.Start($$"""
            state: {{_folder}}
            networks:
              lan: { mode: bridged, uplink: nic }
              dev: { mode: nat, subnet: {{World.Inside}}, outside: {{Leased}} }
            ports:
              one: { network: dev, kind: tap, netns: "{{_world.One.Name}}", interface: eth0, address: {{World.OneAddress}}/24 }
              two: { network: lan, kind: tap, netns: "{{_world.Two.Name}}", interface: eth0, address: 192.0.2.77/24 }
            """, _world.Host);
        _world.One.Check($"ip route replace default via {World.Gateway}");
        // A guest that answers whoever asks.
        using var rogue = Lender("192.0.2.200,192.0.2.200", _world.Two, "eth0");
        Thread.Sleep(TimeSpan.FromSeconds(6));
        Assert.Null(Seen(seconds: 1));
        Assert.Contains("no address yet", Text(started.Items("outside")[0], "why"));
        using var lender = Lender("192.0.2.50,192.0.2.50");
        Eventually.Holds(() => Seen()?.StartsWith("192.0.2.50:") == true, seconds: 70);
        Assert.True(Ping.Reaches(_world.Two, "192.0.2.50"));
        started.Terminate();
    }

    private string? Seen(NetNs? guest = null, double seconds = 2) =>
        Conversation.Seen(guest ?? _world.One, "udp", World.FarAddress, 4000, seconds: seconds);

    private SoftSwitchProcess StartDev() => Start($"dev: {{ mode: nat, subnet: {World.Inside}, outside: {Leased} }}");

    private SoftSwitchProcess Start(string network) => _world.Start($$"""
        state: {{_folder}}
        networks:
          {{network}}
        {{_world.Ports}}
        """);

    /// <summary>A server on the LAN, with leases of two minutes, its shortest.</summary>
    private BackgroundProcess Lender(string range, params string[] also) => Lender(range, _world.Lan, "lan0", also);

    private BackgroundProcess Lender(string range, NetNs ns, string at, params string[] also)
    {
        Need.Tool("dnsmasq");
        var lender = ns.Start("dnsmasq", ["--no-daemon", "--port=0", "--conf-file=/dev/null", $"--interface={at}", "--bind-interfaces",
            $"--dhcp-range={range},255.255.255.0,2m", "--dhcp-authoritative", "--log-dhcp", "--log-facility=-",
            $"--dhcp-leasefile={Path.Combine(_folder, $"lent-in-{at}")}", .. also]);
        lender.WaitForLine(line => line.Contains("started", StringComparison.Ordinal));
        return lender;
    }

    /// <summary>One that lends for seconds, and one address alone.</summary>
    private BackgroundProcess ShortLender(string address, int seconds)
    {
        Need.Tool("busybox");
        var config = Path.Combine(_folder, $"udhcpd-{address}.conf");
        File.WriteAllText(config, $"""
            start {address}
            end {address}
            interface lan0
            lease_file {Path.Combine(_folder, address)}
            pidfile {Path.Combine(_folder, $"{address}.pid")}
            option subnet 255.255.255.0
            option router {World.LanAddress}
            option lease {seconds}

            """);
        return _world.Lan.Start("busybox", ["udhcpd", "-f", config]);
    }

    private static int Asked(BackgroundProcess lender, string what) =>
        lender.Output.Concat(lender.Errors).Count(line => line.Contains(what, StringComparison.Ordinal));

    private static IEnumerable<string> Open(SoftSwitchProcess started) =>
        started.Items("outside").Where(way => Text(way, "state") == "open").Select(way => Text(way, "network"));

    private static JsonElement Network(SoftSwitchProcess started) => started.Items("networks").Single();

    private static string Text(JsonElement item, string member) => item.GetProperty(member).GetString() ?? "";
}
