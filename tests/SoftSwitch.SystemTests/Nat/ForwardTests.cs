using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.SystemTests.Peers;
using SoftSwitch.SystemTests.Switching;

namespace SoftSwitch.SystemTests.Nat;

/// <summary>Ports of the outside address that lead to guests: from outside, from inside, and from the host itself.</summary>
public sealed class ForwardTests : IDisposable
{
    private const string Forwards =
        $"[{{ from: tcp/2222, to: \"one:22\" }}, {{ from: udp/2222, to: \"{World.OneAddress}:22\" }}, {{ from: udp/5000-5010, "
            + $"to: {World.TwoAddress} }}, {{ from: tcp/8000-8002, to: two }}]";

    // Where each leads: a single port to another one, a range to itself.
    private static readonly (string Protocol, int From, bool ToOne, int To)[] s_all =
        [("tcp", 2222, true, 22), ("udp", 2222, true, 22), ("udp", 5000, false, 5000), ("udp", 5010, false, 5010),
            ("tcp", 8001, false, 8001)];

    private readonly World _world = new();

    public void Dispose() => _world.Dispose();

    [Theory]
    [InlineData(World.HostAddress)]
    [InlineData(World.OwnAddress)]
    public void They_are_reached_from_outside_with_the_client_s_address_and_by_hairpin_with_the_outside_s(string outside)
    {
        using var started = Start(outside);
        foreach (var (protocol, from, toOne, to) in s_all)
        {
            using var server = new WhoServer(toOne ? _world.One : _world.Two, to);
            var client = toOne ? _world.Two : _world.One;
            Assert.Equal($"{World.FarAddress}:41000", Conversation.Seen(_world.Far, protocol, outside, from, 41000));
            Assert.StartsWith(World.LanAddress, Conversation.Seen(_world.Lan, protocol, outside, from));
            Assert.StartsWith($"{outside}:", Conversation.Seen(client, protocol, outside, from));
        }
        Assert.Equal(
            [$"tcp/2222 {World.OneAddress}:22", $"tcp/8000-8002 {World.TwoAddress}:8000-8002", $"udp/2222 {World.OneAddress}:22",
                $"udp/5000-5010 {World.TwoAddress}:5000-5010"],
            started.Items("forwards").Where(forward => forward.GetProperty("state").GetString() == "active")
                .Select(forward => $"{forward.GetProperty("from")} {forward.GetProperty("inside")}"));
        // What is next to a range is no part of it.
        using var beside = new WhoServer(_world.Two, 5011);
        Assert.Null(Conversation.Seen(_world.Far, "udp", outside, 5011, seconds: 1));
        Assert.Null(Conversation.Seen(_world.Far, "tcp", outside, 5010, seconds: 1));
        started.Terminate();
    }

    [Fact]
    public void The_host_itself_reaches_them_at_its_own_address_and_at_the_loopback_s()
    {
        using var started = Start(World.HostAddress);
        foreach (var (protocol, from, toOne, to) in s_all)
        {
            using var server = new WhoServer(toOne ? _world.One : _world.Two, to);
            foreach (var address in new[] { World.HostAddress, "127.0.0.1" })
            {
                using var conversation = Conversation.Open(_world.Host, protocol, address, from);
                Assert.NotNull(conversation.Ask());
                Assert.NotNull(conversation.Ask(bytes: 1200));
            }
        }
    }

    [Fact]
    public void Twenty_thousand_ports_are_reached_from_everywhere_and_cost_no_socket_each()
    {
        const string pbx = "[{ from: udp/10000-29999, to: one }]";
        using var started = Start(World.HostAddress, pbx, ports: "30000-32000");
        Assert.InRange(Directory.GetFiles($"/proc/{started.Pid}/fd").Length, 1, 500);
        foreach (var port in (int[])[10000, 23456, 29999])
        {
            using var server = new WhoServer(_world.One, port);
            foreach (var address in new[] { World.HostAddress, "127.0.0.1" })
            {
                using var conversation = Conversation.Open(_world.Host, "udp", address, port);
                Assert.NotNull(conversation.Ask());
                Assert.NotNull(conversation.Ask(bytes: 1200));
            }
            Assert.Equal($"{World.FarAddress}:41000", Conversation.Seen(_world.Far, "udp", World.HostAddress, port, 41000));
        }
        // Nobody is told that the port is closed where only the guest doesn't answer, and what is next to the range is no part of it.
        Assert.Null(Conversation.Seen(_world.Host, "udp", "127.0.0.1", 30001, seconds: 1));
        using (var taken = new WhoServer(_world.Host, 12345))
        {
            started.Terminate();
            using (var refused = SoftSwitchProcess.StartWithoutWaiting(
                Config(World.HostAddress, pbx, "30000-32000"), _world.Host, "--strict"))
            {
                Assert.Equal(1, refused.WaitForExit());
                Assert.Contains("udp/12345", Assert.Single(refused.Errors, line => line.Contains("12345")));
            }
            using var again = Start(World.HostAddress, pbx, ports: "30000-32000");
            again.WaitForLine("warning forward udp/12345: ");
        }
    }

    /// <summary>The kernel chooses from the forward and from the pool: for clients of forwards, and for those who ask
    /// elsewhere.</summary>
    [Fact]
    public void With_all_ports_that_the_kernel_chooses_forwarded_or_the_pool_s_everybody_is_answered()
    {
        const int clients = 60;
        _world.Host.Exec("sh", ["-c", "echo 32768 60999 > /proc/sys/net/ipv4/ip_local_port_range"]).Succeeded();
        using var started = Start(World.HostAddress,
            "[{ from: udp/30000-49999, to: one }, { from: tcp/2222, to: \"one:22\" }, { from: udp/2222, to: \"one:22\" }]", "50000-65535");
        using var stub = new WhoServer(_world.Host, 53, "127.0.0.53");
        using var far = new WhoServer(_world.Far, 53, World.FarAddress);
        using var single = new WhoServer(_world.One, 22);
        var servers = Enumerable.Range(30000, clients).Select(port => new WhoServer(_world.One, port)).ToList();
        try
        {
            for (var i = 0; i < clients; i++)
            {
                foreach (var address in (string[])["127.0.0.1", World.HostAddress])
                    Assert.NotNull(Conversation.Seen(_world.Host, "udp", address, 30000 + i));
                Assert.NotNull(Conversation.Seen(_world.Host, "tcp", "127.0.0.1", 2222));
                Assert.NotNull(Conversation.Seen(_world.Host, "udp", "127.0.0.53", 53));
                Assert.NotNull(Conversation.Seen(_world.Host, "udp", World.FarAddress, 53));
            }
        }
        finally
        {
            servers.ForEach(server => server.Dispose());
        }
        // Where nobody is, the host's own clients are told as those outside are.
        single.Dispose();
        foreach (var (ns, address) in ((NetNs, string)[])[(_world.Host, "127.0.0.1"), (_world.Host, World.HostAddress),
            (_world.Far, World.HostAddress)])
        {
            foreach (var port in (int[])[2222, 31000])
            {
                using var refused = Conversation.Open(ns, "udp", address, port);
                Assert.Null(refused.Ask());
                Assert.Equal(System.Net.Sockets.SocketError.ConnectionRefused, refused.Error);
            }
        }
    }

    [Fact]
    public void A_client_of_the_host_speaks_to_twenty_thousand_ports_at_a_time_and_a_second_one_too()
    {
        Need.Tool("nft");
        using var started = Start(World.HostAddress, "[{ from: udp/10000-29999, to: one }]", ports: "30000-32000");
        _world.One.Exec("nft",
            ["table ip echo { chain in { type nat hook prerouting priority -100; udp dport 10000-29999 redirect to :9; }; }"]).Succeeded();
        using var server = new WhoServer(_world.One, 9);
        using var one = Client();
        using var two = Client();
        Assert.Equal(20_000, Answers(one, 20_000));
        Assert.Equal(1000, Answers(two, 1000));
        // The first one's conversations are all still there, and a client costs a descriptor, not each of its conversations.
        Assert.Equal(1000, Answers(one, 1000));
        Assert.InRange(Directory.GetFiles($"/proc/{started.Pid}/fd").Length, 1, 500);
    }

    [Fact]
    public void A_guest_and_the_host_reach_the_same_forward_at_a_time_from_whichever_ports()
    {
        // So few for the kernel to choose from that the guest, whose ports are forwarded and thus its own outside too, can try all.
        _world.Host.Exec("sh", ["-c", "echo 40000 40007 > /proc/sys/net/ipv4/ip_local_port_range"]).Succeeded();
        using var started = Start(World.HostAddress, "[{ from: udp/2222, to: \"one:22\" }, { from: udp/40000-40100, to: two }]",
            ports: "30000-32000");
        using var server = new WhoServer(_world.One, 22);
        using var host = Conversation.Open(_world.Host, "udp", "127.0.0.1", 2222);
        Assert.NotNull(host.Ask());
        for (var port = 40000; port < 40008; port++)
        {
            Assert.Equal($"{World.HostAddress}:{port}", Conversation.Seen(_world.Two, "udp", World.HostAddress, 2222, port));
            Assert.NotNull(host.Ask());
        }
    }

    [Theory]
    [InlineData(World.HostAddress)]
    [InlineData("192.0.2.3")]
    public void An_answer_to_the_host_is_no_guest_s_however_young_the_socket_and_whichever_its_address(string source)
    {
        Need.Tool("nft");
        _world.Host.Address("nic", "192.0.2.3/24");
        _world.Host.Exec("sh", ["-c", "echo 32768 49999 > /proc/sys/net/ipv4/ip_local_port_range"]).Succeeded();
        using var started = Start(World.HostAddress, "[{ from: udp/30000-49999, to: one }]", ports: "50000-60000");
        _world.One.Exec("nft",
            ["table ip taken { chain in { type nat hook prerouting priority -100; udp dport 30000-49999 redirect to :9; }; }"]).Succeeded();
        using var space = NetworkNamespace.Open(_world.One.Path);
        using var guest = space.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        guest.Bind(new IPEndPoint(IPAddress.Any, 9));
        guest.ReceiveTimeout = 10_000;
        using var far = new WhoServer(_world.Far, 53, World.FarAddress);
        for (var i = 0; i < 50; i++)
        {
            using var asks = Conversation.Open(_world.Host, "udp", World.FarAddress, 53, source: source);
            Assert.StartsWith($"{source}:", asks.Ask());
        }
        // What a client outside says next is the first that the guest hears.
        using var client = Conversation.Open(_world.Far, "udp", source, 30001);
        client.Tell("client");
        var buffer = new byte[100];
        Assert.Equal("client", Encoding.ASCII.GetString(buffer, 0, guest.Receive(buffer)));
    }

    [Fact]
    public void What_is_closed_at_the_guest_is_closed_for_the_host_and_nothing_is_accepted_before()
    {
        using var started = Start(World.HostAddress);
        foreach (var (protocol, from, _, _) in s_all)
        {
            foreach (var address in new[] { World.HostAddress, "127.0.0.1" })
            {
                using var refused = Conversation.Open(_world.Host, protocol, address, from);
                Assert.Null(refused.Ask());
                Assert.Equal(SocketError.ConnectionRefused, refused.Error);
            }
        }
        // What the guest lets fall is not accepted by anybody else.
        _world.One.Exec("sh", ["-c", "echo 1 > /proc/sys/net/ipv4/icmp_echo_ignore_all; ip addr flush dev eth0"]).Succeeded();
        using var silent = Conversation.Open(_world.Host, "tcp", "127.0.0.1", 2222, seconds: 1);
        Assert.NotEqual(SocketError.Success, silent.Error);
    }

    [Fact]
    public void A_forward_for_one_address_leaves_the_port_to_programs_at_others_and_comes_with_its_address()
    {
        const string second = "192.0.2.3", late = "192.0.2.4";
        _world.Host.Address("nic", $"{second}/24");
        using var resolver = new WhoServer(_world.Host, 53, "127.0.0.53");
        using var service = new WhoServer(_world.Host, 53, second);
        using var one = new WhoServer(_world.One, 53);
        using var two = new WhoServer(_world.Two, 5353);
        using (var refused = Start(World.HostAddress, "[{ from: udp/53, to: one }]"))
        {
            Assert.Contains($"on the host has 127.0.0.53:53, {second}:53: write \"on: {World.HostAddress}\" in the forward",
                refused.WaitForLine("warning network dev: forward udp/53: address already in use ("));
            Assert.NotNull(Conversation.Seen(_world.Host, "udp", "127.0.0.53", 53));
            refused.Terminate();
        }
        using var started = Start(World.HostAddress, $"[{{ from: udp/53, on: {World.HostAddress}, to: one }}, "
            + $"{{ from: tcp/53, on: {World.HostAddress}, to: one }}, {{ from: udp/5353, on: {late}, to: two }}]");
        foreach (var protocol in (string[])["tcp", "udp"])
        {
            Assert.StartsWith($"{World.HostAddress}:", Conversation.Seen(_world.Host, protocol, World.HostAddress, 53));
            Assert.Equal($"{World.FarAddress}:41000", Conversation.Seen(_world.Far, protocol, World.HostAddress, 53, 41000));
            Assert.StartsWith("127.0.0.1:", Conversation.Seen(_world.Host, protocol, "127.0.0.53", 53));
        }
        one.Dispose();
        foreach (var protocol in (string[])["tcp", "udp"])
        {
            Assert.NotNull(Conversation.Seen(_world.Host, protocol, second, 53));
            Assert.Equal($"{World.FarAddress}:41001", Conversation.Seen(_world.Far, protocol, second, 53, 41001));
        }
        started.WaitForLine($"warning network dev: forward udp/5353 on {late} waits: the host does not have {late}");
        Assert.Equal("waiting", started.Items("forwards").Single(one => one.GetProperty("from").GetString() == "udp/5353")
            .GetProperty("state").GetString());
        _world.Host.Address("nic", $"{late}/24");
        started.WaitForLine($"info network dev: forward udp/5353 on {late}: the host has {late} now");
        Assert.NotNull(Conversation.Seen(_world.Host, "udp", late, 5353));
        Assert.Null(Conversation.Seen(_world.Host, "udp", World.HostAddress, 5353, seconds: 1));
    }

    [Fact]
    public void A_guest_reaches_no_program_at_the_host_s_loopback_by_the_way_that_answers_come_to_it()
    {
        using var started = Start(World.HostAddress);
        using var secret = new WhoServer(_world.Host, 7777, "127.0.0.1");
        using var server = new WhoServer(_world.One, 22);
        Assert.NotNull(Conversation.Seen(_world.Host, "tcp", "127.0.0.1", 2222));
        Assert.Equal("1", _world.Host.Check("cat /proc/sys/net/ipv4/conf/sn-dev/route_localnet").Trim());
        Assert.Equal("0", _world.Host.Check("cat /proc/sys/net/ipv4/conf/nic/route_localnet").Trim());
        Assert.Equal("0", _world.Host.Check("cat /proc/sys/net/ipv4/conf/all/route_localnet").Trim());
        // The guest's own kernel would keep it from asking.
        _world.One.Exec("sh", ["-c", "ip route del local 127.0.0.0/8 dev lo table local; ip addr flush dev lo; "
            + "echo 1 > /proc/sys/net/ipv4/conf/eth0/route_localnet; ip route add 127.0.0.0/8 via 10.10.0.1 src 10.10.0.5"]).Succeeded();
        foreach (var protocol in (string[])["tcp", "udp"])
            Assert.Null(Conversation.Seen(_world.One, protocol, "127.0.0.1", 7777, seconds: 1));
        Assert.NotNull(Conversation.Seen(_world.Host, "tcp", "127.0.0.1", 7777));
    }

    [Fact]
    public void The_host_is_told_of_a_forward_that_waits_in_vain_as_others_are()
    {
        using var started = SoftSwitchProcess.Start($$"""
            networks: { dev: { mode: nat, subnet: {{World.Inside}}, forwards: [{ from: tcp/2222, to: two }] } }
            ports:
              one: { network: dev, kind: tap, netns: "{{_world.One.Name}}", interface: eth0, address: {{World.OneAddress}}/24 }
              two: { network: dev, kind: tap, netns: "{{_world.Two.Name}}", interface: eth0 }
            """, _world.Host);
        // To a socket of UDP the kernel doesn't tell that a host is unreachable (udp(7)).
        foreach (var address in new[] { "127.0.0.1", World.HostAddress })
        {
            Eventually.Holds(() =>
            {
                using var told = Conversation.Open(_world.Host, "tcp", address, 2222, seconds: 1);
                return told.Error == SocketError.HostUnreachable;
            }, 40);
        }
    }

    private Socket Client()
    {
        using var space = NetworkNamespace.Open(_world.Host.Path);
        var socket = space.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        socket.ReceiveTimeout = 2000;
        return socket;
    }

    /// <summary>Asks at that many ports, few at a time, for the sockets' queues are short; the ports that answered, each its own
    /// question.</summary>
    private static int Answers(Socket client, int ports)
    {
        const int atOnce = 50;
        var answered = new HashSet<int>();
        var buffer = new byte[200];
        for (var first = 10000; first < 10000 + ports; first += atOnce)
        {
            for (var port = first; port < first + atOnce; port++)
                client.SendTo(Encoding.ASCII.GetBytes($"{port}"), new IPEndPoint(IPAddress.Loopback, port));
            for (var i = 0; i < atOnce; i++)
            {
                EndPoint from = new IPEndPoint(IPAddress.Any, 0);
                try
                {
                    var length = client.ReceiveFrom(buffer, ref from);
                    if (Encoding.ASCII.GetString(buffer, 0, length).EndsWith($" {((IPEndPoint)from).Port}", StringComparison.Ordinal))
                        answered.Add(((IPEndPoint)from).Port);
                }
                catch (SocketException e) when (e.SocketErrorCode == SocketError.TimedOut)
                {
                    return answered.Count;
                }
            }
        }
        return answered.Count;
    }

    [Fact]
    public void A_stream_crosses_a_forward_in_both_directions_from_outside_and_from_the_host()
    {
        using var started = Start(World.HostAddress, "[{ from: tcp/5201-6300, to: one }]");
        Iperf.Delivers(_world.Far, _world.One, World.HostAddress);
        Iperf.Delivers(_world.Far, _world.One, World.HostAddress, reverse: true);
        Iperf.Delivers(_world.Host, _world.One, World.HostAddress);
        Iperf.Delivers(_world.Host, _world.One, "127.0.0.1", reverse: true);
    }

    [Theory]
    [InlineData("tcp")]
    [InlineData("udp")]
    public void A_port_that_is_taken_stays_its_programs_and_is_forwarded_when_it_is_free_unless_the_start_is_strict(string protocol)
    {
        var forwards = $"[{{ from: {protocol}/2221-2223, to: one }}, {{ from: tcp/2300, to: \"one:22\" }}]";
        using var beside = new WhoServer(_world.One, 2223);
        using var inside = new WhoServer(_world.One, 2222);
        SoftSwitchProcess? started = null;
        try
        {
            using (var other = new WhoServer(_world.Host, 2222))
            {
                var before = MachineState.Of(_world.Host);
                using (var refused = SoftSwitchProcess.StartWithoutWaiting(Config(World.HostAddress, forwards), _world.Host, "--strict"))
                {
                    Assert.Equal(1, refused.WaitForExit());
                    Assert.Contains($"{protocol}/2222", Assert.Single(refused.Errors, line => line.Contains("2222")));
                    Assert.Equal(before, MachineState.Of(_world.Host));
                }
                started = Start(World.HostAddress, forwards);
                Assert.Contains("(pid ", started.WaitForLine($"warning network dev: forward {protocol}/2222: address already in use ("));
                Assert.Single(started.Errors, line => line.Contains("/2222"));
                Assert.Contains("/2222", Forward($"{protocol}/2221-2223").GetProperty("reason").GetString());
                Assert.Equal("active", Forward("tcp/2300").GetProperty("state").GetString());
                // What it serves to the outside it still does.
                Assert.Equal($"{World.FarAddress}:41000", Conversation.Seen(_world.Far, protocol, World.HostAddress, 2222, 41000));
                Assert.Equal($"{World.FarAddress}:41001", Conversation.Seen(_world.Far, protocol, World.HostAddress, 2223, 41001));
                Assert.NotNull(Conversation.Seen(_world.Host, protocol, "127.0.0.1", 2223));
            }
            started.WaitForLine($"info network dev: forward {protocol}/2222 has its port now");
            Assert.Equal($"{World.FarAddress}:41002", Conversation.Seen(_world.Far, protocol, World.HostAddress, 2222, 41002));
            Assert.NotNull(Conversation.Seen(_world.Host, protocol, "127.0.0.1", 2222));
            Assert.Equal("active", Forward($"{protocol}/2221-2223").GetProperty("state").GetString());
            started.Terminate();
        }
        finally
        {
            started?.Dispose();
        }

        JsonElement Forward(string from) => started!.Items("forwards").Single(one => one.GetProperty("from").GetString() == from);
    }

    [Fact]
    public void A_port_that_is_forwarded_cannot_be_taken_by_another_program_and_is_free_again_afterwards()
    {
        (string Protocol, int Port)[] ours = [("tcp", 2222), ("udp", 2222), ("udp", 5005), ("tcp", 8002)];
        using (var started = Start(World.HostAddress))
        {
            foreach (var (protocol, port) in ours)
                foreach (var address in new[] { "0.0.0.0", World.HostAddress, "127.0.0.1" })
                    Assert.False(Binding.IsFree(_world.Host, protocol, port, address), $"{protocol} {address}:{port} could be taken");
            Assert.True(Binding.IsFree(_world.Host, "tcp", 5005));
            started.Kill();
        }
        foreach (var (protocol, port) in ours)
            Assert.True(Binding.IsFree(_world.Host, protocol, port), $"{protocol} {port} is still taken");
    }

    private SoftSwitchProcess Start(string outside, string forwards = Forwards, string? ports = null) =>
        _world.Start(Config(outside, forwards, ports));

    private string Config(string outside, string forwards, string? ports = null) => $$"""
        networks:
          dev:
            mode: nat
            subnet: {{World.Inside}}
            outside: {{Outside(outside, ports)}}
            forwards: {{forwards}}
        {{_world.Ports}}
        """;

    private static string Outside(string address, string? ports) =>
        address == World.OwnAddress ? $"{{ interface: nic, address: {address}/24, gateway: {World.LanAddress} }}"
        : ports is null ? "{}"
        : $"{{ ports: {ports} }}";
}
