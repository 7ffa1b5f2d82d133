using System.Net.Sockets;
using SoftSwitch.SystemTests.Peers;
using SoftSwitch.SystemTests.Switching;

namespace SoftSwitch.SystemTests.Nat;

/// <summary>Forwards are answered on the wire wherever the host has an address, and only with the address that was asked.</summary>
public sealed class ForwardAddressTests : IDisposable
{
    private const string Second = "192.0.2.3", OtherNic = "172.30.0.2", OtherRouter = "172.30.0.1";

    private readonly World _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public void At_an_address_that_comes_a_forward_is_asked_and_what_was_begun_there_ends_when_it_goes()
    {
        using var started = Start("{}", "[{ from: tcp/2222, to: \"one:22\" }, { from: udp/2222, to: \"one:22\" }]");
        using var server = new WhoServer(_world.One, 22);
        Assert.Null(Conversation.Seen(_world.Far, "tcp", Second, 2222, seconds: 1));
        _world.Host.Address("nic", $"{Second}/24");
        foreach (var protocol in Probe.Protocols[..2])
            Eventually.Holds(() => Seen(protocol, Second) == $"{World.FarAddress}:41000");
        using var stays = Conversation.Open(_world.Far, "tcp", World.HostAddress, 2222);
        using var open = Conversation.Open(_world.Far, "tcp", Second, 2222);
        Assert.NotNull(open.Ask());
        Assert.NotNull(stays.Ask());

        using var capture = _world.CaptureUplink($"src host {Second} and port 2222");
        _world.Host.Check($"ip addr del {Second}/24 dev nic");
        // For a moment its flows wait for it, as when a lease is renewed.
        Assert.Contains(Outsides(started), outside => outside == Second);
        Eventually.Holds(() => Outsides(started).All(outside => outside == World.HostAddress));
        // The client isn't told with an address that may be another machine's by now.
        Thread.Sleep(500);
        Assert.Equal(0, Tshark.Count(capture.Stop(), "tcp.flags.reset == 1 || icmp"));
        Assert.NotNull(stays.Ask());
        _world.Host.Address("nic", $"{Second}/24");
        Eventually.Holds(() => Seen("tcp", Second) is not null);
        Assert.Null(open.Ask(1));
        started.Terminate();
    }

    [Fact]
    public void However_many_addresses_come_nobody_loses_the_one_where_he_is_connected()
    {
        _world.Host.Address("nic", $"{Second}/24");
        using var started = Start("{}", "[{ from: tcp/2222, to: \"one:22\" }]");
        using var server = new WhoServer(_world.One, 22);
        using var open = Conversation.Open(_world.Far, "tcp", Second, 2222);
        Assert.NotNull(open.Ask());
        // Each of them sorts before it.
        for (var number = 1; number <= 20; number++)
            _world.Host.Check($"ip addr add 10.200.0.{number}/32 dev nic");
        started.WaitForLine("so not at 10.200.0.15, 10.200.0.16, 10.200.0.17, 10.200.0.18 and 2 more: name those that count with 'on'");
        Assert.NotNull(open.Ask());
        Assert.NotNull(Seen("tcp", Second));
        // A place that becomes free is the next one's.
        _world.Lan.Check($"ip route add 10.200.0.15/32 via {World.HostAddress}");
        _world.Far.Check("ip route add 10.200.0.15/32 via 198.51.100.1");
        Assert.Null(Seen("tcp", "10.200.0.15"));
        _world.Host.Check("ip addr del 10.200.0.1/32 dev nic");
        Eventually.Holds(() => Seen("tcp", "10.200.0.15") is not null);
        Assert.NotNull(open.Ask());
        started.Terminate();
    }

    [Fact]
    public void Every_NIC_answers_though_guests_leave_by_one_alone()
    {
        AddNic();
        using var started = Start("{ interface: nic }", "[{ from: tcp/2222, to: \"one:22\" }, { from: udp/2222, to: \"one:22\" }]");
        using var server = new WhoServer(_world.One, 22);
        using var lan = new WhoServer(_world.Lan, 4000);
        using var capture = new Capture(_world.Lan, "lan1", filter: "src host 172.30.0.2 or net 10.10.0.0/24", bytes: 128);
        _world.Lan.Check($"ip route add {Second}/32 via {OtherNic}");
        _world.Host.Check($"ip addr add {Second}/32 dev lo");
        foreach (var (port, address) in new[] { (41000, OtherNic), (41001, Second) })
        {
            foreach (var protocol in Probe.Protocols[..2])
                Eventually.Holds(() => Conversation.Seen(_world.Lan, protocol, address, 2222, port, 1) == $"{OtherRouter}:{port}");
        }
        Assert.NotNull(Conversation.Seen(_world.Far, "tcp", World.HostAddress, 2222));
        Assert.Contains("for forwards", Ways(started)[$"nic2 {OtherNic}"]);
        // Nothing else leaves there, also to whom has asked.
        Assert.Null(Conversation.Seen(_world.One, "udp", OtherRouter, 4000, seconds: 1));
        Assert.Equal("named in the file", Ways(started)[$"nic {World.HostAddress}"]);
        var file = capture.Stop();
        Assert.Equal(0, Tshark.Count(file, $"ip.src == {World.Inside} || udp.dstport == 4000"));
        Assert.NotEqual(0, Tshark.Count(file, $"ip.src == {OtherNic} && udp.srcport == 2222"));
        started.Terminate();
    }

    [Fact]
    public void Where_the_host_s_rules_keep_an_address_from_answering_forwards_are_not_answered_from_it()
    {
        _world.Host.Address("nic", $"{Second}/24");
        _world.Host.Check($"ip rule add from {Second} unreachable");
        using var started = Start("{}", "[{ from: udp/2222, to: \"one:22\" }]");
        using var server = new WhoServer(_world.One, 22);
        using var capture = _world.CaptureUplink($"src host {Second} and udp");
        Assert.NotNull(Seen("udp", World.HostAddress));
        Assert.Null(Conversation.Seen(_world.Far, "udp", Second, 2222, seconds: 1));
        Assert.Equal(0, Tshark.Count(capture.Stop(), "udp"));
        _world.Host.Check($"ip rule del from {Second} unreachable");
        Eventually.Holds(() => Conversation.Seen(_world.Far, "udp", Second, 2222, seconds: 1) is not null);
        started.Terminate();
    }

    [Fact]
    public void A_forward_that_names_an_address_is_asked_there_alone_and_other_addresses_are_their_programs()
    {
        _world.Host.Address("nic", $"{Second}/24");
        using var started = Start("{}", $"[{{ from: tcp/2222, to: \"one:22\", on: {Second} }}, "
            + $"{{ from: udp/2222, to: \"one:22\", on: {Second} }}, {{ from: udp/2223, to: \"two:22\", on: {World.HostAddress} }}]");
        using var server = new WhoServer(_world.One, 22);
        using var other = new WhoServer(_world.Two, 22);
        foreach (var protocol in Probe.Protocols[..2])
        {
            Assert.Equal($"{World.FarAddress}:41000", Seen(protocol, Second));
            Assert.Null(Conversation.Seen(_world.Far, protocol, World.HostAddress, 2222, seconds: 1));
            Assert.NotNull(Conversation.Seen(_world.Two, protocol, Second, 2222));
        }
        Assert.NotNull(Conversation.Seen(_world.Far, "udp", World.HostAddress, 2223));
        Assert.Null(Conversation.Seen(_world.Far, "udp", Second, 2223, seconds: 1));
        started.Terminate();
    }

    [Fact]
    public void Guests_of_a_network_that_leaves_by_another_NIC_ask_too()
    {
        AddNic();
        _world.Host.Address("nic", $"{Second}/24");
        Need.Tun();
        using var started = SoftSwitchProcess.Start($$"""
            networks:
              dev: { mode: nat, subnet: {{World.Inside}}, forwards: [{ from: tcp/2222, to: "one:22" }, { from: udp/2222, to: "one:22" }] }
              other:
                mode: nat
                subnet: 10.20.0.0/24
                outside: { interface: nic2 }
                forwards: [{ from: tcp/2223, to: "two:22" }, { from: udp/2223, to: "two:22" }]
            ports:
              one: { network: dev, kind: tap, netns: "{{_world.One.Name}}", interface: eth0, address: {{World.OneAddress}}/24 }
              two: { network: other, kind: tap, netns: "{{_world.Two.Name}}", interface: eth0, address: 10.20.0.6/24 }
            """, _world.Host);
        _world.One.Check($"ip route add default via {World.Gateway}");
        _world.Two.Check("ip route add default via 10.20.0.1");
        using var one = new WhoServer(_world.One, 22);
        using var two = new WhoServer(_world.Two, 22);
        foreach (var protocol in Probe.Protocols[..2])
        {
            foreach (var address in new[] { World.HostAddress, Second, OtherNic })
            {
                Assert.StartsWith($"{OtherNic}:", Conversation.Seen(_world.Two, protocol, address, 2222));
                Assert.StartsWith($"{World.HostAddress}:", Conversation.Seen(_world.One, protocol, address, 2223));
                // Both are asked by every NIC.
                Assert.NotNull(Conversation.Seen(_world.Lan, protocol, address, 2222));
                Assert.NotNull(Conversation.Seen(_world.Lan, protocol, address, 2223));
            }
        }
        started.Terminate();
    }

    [Fact]
    public void While_nothing_leads_out_the_host_reaches_forwards_by_the_address_that_it_has_or_is_refused()
    {
        AddNic();
        using var started = Start("{ interface: nic }", "[{ from: tcp/2222, to: \"one:22\" }]");
        using var server = new WhoServer(_world.One, 22);
        Assert.StartsWith($"{World.HostAddress}:", Conversation.Seen(_world.Host, "tcp", "127.0.0.1", 2222));
        _world.Host.Check("ip addr flush dev nic");
        Eventually.Holds(() => Conversation.Seen(_world.Host, "tcp", "127.0.0.1", 2222, seconds: 1)?.Split(':')[0] == OtherNic);
        // Guests reach the host as well.
        using var host = new WhoServer(_world.Host, 4000);
        Assert.NotNull(Conversation.Seen(_world.One, "tcp", OtherNic, 4000));
        _world.Host.Check("ip addr flush dev nic2");
        Eventually.Holds(() =>
        {
            using var refused = Conversation.Open(_world.Host, "tcp", "127.0.0.1", 2222, seconds: 1);
            return refused.Error == SocketError.ConnectionRefused;
        });
        _world.Host.Address("nic", $"{World.HostAddress}/24");
        Eventually.Holds(() => Conversation.Seen(_world.Host, "tcp", "127.0.0.1", 2222, seconds: 1)?.Split(':')[0] == World.HostAddress);
        started.Terminate();
    }

    [Fact]
    public void What_a_forward_waits_for_is_told_also_while_nothing_leads_out()
    {
        _world.Host.Check("ip addr flush dev nic");
        using var started = Start("{}", $"[{{ from: tcp/2222, to: \"one:22\", on: {Second} }}]");
        started.WaitForLine($"waits: the host does not have {Second}");
        started.Terminate();
    }

    private string? Seen(string protocol, string address) =>
        Conversation.Seen(_world.Far, protocol, address, 2222, 41000, seconds: 1);

    private static IEnumerable<string> Outsides(SoftSwitchProcess started) =>
        started.Items("flows").Select(flow => flow.GetProperty("outside").GetString()!.Split(':')[0]);

    private static Dictionary<string, string> Ways(SoftSwitchProcess started) => started.Items("outside").ToDictionary(
        way => $"{way.GetProperty("interface").GetString()} {way.GetProperty("address").GetString()}",
        way => way.GetProperty("why").GetString()!);

    private void AddNic()
    {
        _world.Host.Veth("nic2", _world.Lan, "lan1");
        _world.Host.Address("nic2", $"{OtherNic}/24");
        _world.Lan.Address("lan1", $"{OtherRouter}/24");
    }

    private SoftSwitchProcess Start(string outside, string forwards) => _world.Start($$"""
        networks:
          dev: { mode: nat, subnet: {{World.Inside}}, outside: {{outside}}, forwards: {{forwards}} }
        {{_world.Ports}}
        """);
}
