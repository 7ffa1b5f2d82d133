using System.Net;
using System.Net.Sockets;
using SoftSwitch.Linux.Endpoints.Outside;
using SoftSwitch.Linux.HostFacts;
using SoftSwitch.Packets;
using SoftSwitch.SystemTests.Peers;
using static SoftSwitch.SystemTests.Outside.Datagrams;
using static SoftSwitch.SystemTests.Outside.Neighbors;

namespace SoftSwitch.SystemTests.Outside;

/// <summary>The host's own stack, asked from the wire; the packets that a translation would take are simply nobody's here.</summary>
[Collection(typeof(AloneOnTheMachine))]
public class PortGuardTests
{
    private const int InPool = 20000, Forwarded = 2222, Elsewhere = 9000;

    private static readonly TransportPorts[] s_pool = [new(IpProtocol.Tcp, 16384, 29999), new(IpProtocol.Udp, 16384, 29999)];
    private static readonly ForwardedPorts[] s_forwards =
        [Everywhere(IpProtocol.Tcp, Forwarded, Forwarded), Everywhere(IpProtocol.Udp, 5000, 5010)];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_host_answers_for_no_port_of_the_pool_or_a_forward_and_as_ever_for_all_others(bool asksForSockets)
    {
        using var neighbors = new Neighbors();
        // Without the guard the same packets are answered: the test's own proof.
        AskAll(neighbors);
        Assert.Equal(7, neighbors.Answers().Count);
        using var guard = Guard(neighbors, asksForSockets);
        Assert.Equal(asksForSockets, guard.AsksForSockets);
        AskAll(neighbors);
        Assert.Equal([$"tcp {Elsewhere} to 40000 rst", "icmp 3"], neighbors.Answers());
        guard.Dispose();
        AskAll(neighbors);
        // The kernel is sparing with errors; the resets come back.
        Assert.Contains($"tcp {InPool} to 40000 rst", neighbors.Answers());
    }

    [Fact]
    public void A_listener_of_the_host_in_the_pool_works_at_once_and_so_does_a_new_one()
    {
        using var neighbors = new Neighbors();
        using var before = neighbors.Bound(SocketType.Stream, "0.0.0.0", InPool);
        using var guard = Guard(neighbors, true);
        using var after = neighbors.Bound(SocketType.Stream, "192.0.2.1", InPool + 1);
        using var datagrams = neighbors.Bound(SocketType.Dgram, "0.0.0.0", InPool);
        using var both = neighbors.Sandbox.Namespace.Run(() =>
            new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp) { DualMode = true });
        both.Bind(new IPEndPoint(IPAddress.IPv6Any, InPool + 2));
        both.Listen();
        neighbors.Send(Ask(InPool + 2, Syn));
        Assert.Equal([$"tcp {InPool + 2} to 40000 syn"], neighbors.Answers());
        neighbors.Send(Ask(InPool, Syn));
        neighbors.Send(Ask(InPool + 1, Syn));
        neighbors.Send(Udp(PeerMac, HostMac, Peer, Host, 40000, InPool));
        var answers = neighbors.Answers();
        Assert.Contains($"tcp {InPool} to 40000 syn", answers);
        Assert.Contains($"tcp {InPool + 1} to 40000 syn", answers);
        Assert.True(datagrams.Poll(5_000_000, SelectMode.SelectRead));
        after.Dispose();
        neighbors.Send(Tcp(PeerMac, HostMac, Peer, Host, 40001, InPool + 1, Syn));
        Assert.DoesNotContain(neighbors.Answers(), answer => answer.StartsWith($"tcp {InPool + 1} to 40001", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_socket_of_the_host_in_a_wide_range_hears_and_nothing_else_there_is_answered(bool asksForSockets)
    {
        using var neighbors = new Neighbors();
        using var guard = new PortGuard("nic", neighbors.Sandbox.Namespace, asksForSockets);
        TransportPorts[] wide = [new(IpProtocol.Udp, 40000, 49999)];
        guard.Guard(Host, s_pool, [new(wide[0], null)]);
        using var datagrams = neighbors.Bound(SocketType.Dgram, "0.0.0.0", 40123);
        using var ports = new HostPorts(neighbors.Sandbox.Namespace);
        Assert.True(ports.Poll(Host, wide));
        guard.Except(ports.InUse);
        neighbors.Send(Udp(PeerMac, HostMac, Peer, Host, 40000, 40123));
        neighbors.Send(Udp(PeerMac, HostMac, Peer, Host, 40000, 40124));
        Assert.True(datagrams.Poll(5_000_000, SelectMode.SelectRead));
        Assert.Empty(neighbors.Answers());
    }

    [Fact]
    public void Where_the_kernel_cant_be_asked_the_ports_that_are_told_pass()
    {
        using var neighbors = new Neighbors();
        using var listener = neighbors.Bound(SocketType.Stream, "0.0.0.0", InPool);
        using var brief = neighbors.Bound(SocketType.Stream, "0.0.0.0", InPool + 2);
        using var guard = Guard(neighbors, false);
        using var ports = new HostPorts(neighbors.Sandbox.Namespace);
        Assert.True(ports.Poll(Host, s_pool));
        guard.Except(ports.InUse);
        neighbors.Send(Ask(InPool, Syn));
        neighbors.Send(Ask(InPool + 1, Syn));
        Assert.Equal([$"tcp {InPool} to 40000 syn"], neighbors.Answers());
        brief.Dispose();
        Assert.True(ports.Poll(Host, s_pool));
        guard.Except(ports.InUse);
        neighbors.Send(Ask(InPool + 2, Syn));
        Assert.Empty(neighbors.Answers());
    }

    [Fact]
    public void A_port_that_is_kept_is_heard_by_no_socket_of_the_host_as_long_as_it_is()
    {
        using var neighbors = new Neighbors();
        using var guard = Guard(neighbors, true);
        using var thief = neighbors.Bound(SocketType.Dgram, "0.0.0.0", InPool);
        using var next = neighbors.Bound(SocketType.Dgram, "0.0.0.0", InPool + 1);
        guard.Keep(new HashSet<TransportPort> { new(IpProtocol.Udp, InPool) });
        neighbors.Send(Udp(PeerMac, HostMac, Peer, Host, 40000, InPool));
        neighbors.Send(Udp(PeerMac, HostMac, Peer, Host, 40000, InPool + 1));
        Assert.True(next.Poll(5_000_000, SelectMode.SelectRead));
        Assert.Equal(0, thief.Available);
        guard.Keep(new HashSet<TransportPort>());
        neighbors.Send(Udp(PeerMac, HostMac, Peer, Host, 40000, InPool));
        Assert.True(thief.Poll(5_000_000, SelectMode.SelectRead));
    }

    [Fact]
    public void A_connection_of_a_guest_is_not_reset_by_a_listener_that_comes_later_on_its_port()
    {
        using var neighbors = new Neighbors();
        using var guard = Guard(neighbors, true);
        using var listener = neighbors.Bound(SocketType.Stream, "0.0.0.0", InPool);
        // To the listener this is a stray of a connection that it never had.
        neighbors.Send(Ask(InPool, Acknowledge));
        Assert.Empty(neighbors.Answers());
        guard.Except(new HashSet<TransportPort> { new(IpProtocol.Tcp, InPool) });
        neighbors.Send(Ask(InPool, Acknowledge));
        Assert.Equal([$"tcp {InPool} to 40000 rst"], neighbors.Answers());
    }

    [Fact]
    public void A_program_of_the_host_connects_from_the_pool_and_may_reset_its_own_connections()
    {
        using var neighbors = new Neighbors();
        using var guard = Guard(neighbors, true);
        using var socket =
            neighbors.Sandbox.Namespace.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        socket.Bind(new IPEndPoint(IPAddress.Parse("192.0.2.1"), InPool));
        socket.Blocking = false;
        Assert.Throws<SocketException>(() => socket.Connect("192.0.2.2", 80));
        Assert.Equal([$"tcp {InPool} to 80 syn"], neighbors.Answers());
        neighbors.Send(Tcp(PeerMac, HostMac, Peer, Host, 80, InPool, Syn | Acknowledge, neighbors.Asked + 1));
        Assert.Equal([$"tcp {InPool} to 80"], neighbors.Answers());
        socket.LingerState = new(true, 0);
        socket.Dispose();
        Assert.Equal([$"tcp {InPool} to 80 rst"], neighbors.Answers());
    }

    [Fact]
    public void The_hosts_firewall_doesnt_answer_either_and_its_own_translations_go_on()
    {
        Need.Tool("nft");
        using var neighbors = new Neighbors();
        using var listener = neighbors.Bound(SocketType.Stream, "0.0.0.0", Elsewhere);
        neighbors.Sandbox.Namespace.Run(() => Shell.RunAsCaller("nft", [$$"""
            table ip firewall {
            chain in { type filter hook input priority -200; tcp dport {{InPool}} reject with tcp reset; }
            chain to { type nat hook prerouting priority -100; tcp dport {{InPool + 5}} redirect to :{{Elsewhere}}; }
            }
            """]).Succeeded());
        neighbors.Send(Ask(InPool, Syn));
        Assert.Equal([$"tcp {InPool} to 40000 rst"], neighbors.Answers());
        using var guard = Guard(neighbors, true);
        neighbors.Send(Ask(InPool, Syn));
        neighbors.Send(Ask(InPool + 5, Syn));
        Assert.Equal([$"tcp {InPool + 5} to 40000 syn"], neighbors.Answers());
    }

    [Theory]
    [InlineData("192.0.2.1")]
    [InlineData("127.0.0.1")]
    public void Whoever_speaks_to_a_program_that_vanished_is_told_so_where_no_guest_speaks(string address)
    {
        const int tcpRepair = 19; // linux/tcp.h: what is closed in this mode vanishes without a word, as in a crash.
        using var neighbors = new Neighbors();
        using var guard = Guard(neighbors, true);
        using var listener = neighbors.Bound(SocketType.Stream, "0.0.0.0", InPool);
        using var client =
            neighbors.Sandbox.Namespace.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        client.ReceiveTimeout = 10_000;
        client.Connect(address, InPool);
        using (var served = listener.Accept())
            served.SetRawSocketOption((int)SocketOptionLevel.Tcp, tcpRepair, BitConverter.GetBytes(1));
        listener.Dispose();
        client.Send([1]);
        Assert.Equal(SocketError.ConnectionReset, Assert.Throws<SocketException>(() => client.Receive(new byte[1])).SocketErrorCode);
    }

    [Fact]
    public void A_program_at_a_forward_s_port_serves_the_host_alone_and_the_guard_follows_changes()
    {
        using var neighbors = new Neighbors();
        using var listener = neighbors.Bound(SocketType.Stream, "0.0.0.0", Forwarded);
        using var guard = Guard(neighbors, true);
        neighbors.Send(Ask(Forwarded, Syn));
        Assert.Empty(neighbors.Answers());
        // What comes by the loopback is the host's own affair.
        using var client =
            neighbors.Sandbox.Namespace.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        client.Connect("192.0.2.1", Forwarded);
        guard.Guard(Host, s_pool, [Everywhere(IpProtocol.Tcp, 1, 3000), Everywhere(IpProtocol.Udp, 1, 1000)]);
        neighbors.Send(Ask(Forwarded, Syn));
        Assert.Empty(neighbors.Answers());
        guard.Guard(Host, [new(IpProtocol.Tcp, 30000, 31000)], []);
        neighbors.Send(Ask(Forwarded, Syn));
        neighbors.Send(Ask(InPool, Syn));
        neighbors.Send(Ask(30500, Syn));
        Assert.Equal([$"tcp {Forwarded} to 40000 syn", $"tcp {InPool} to 40000 rst"], neighbors.Answers());
    }

    [Fact]
    public void A_program_at_a_forward_s_port_serves_nobody_on_another_interface_either()
    {
        using var neighbors = new Neighbors();
        using var listener = neighbors.Bound(SocketType.Stream, "0.0.0.0", Forwarded);
        using var guard = new PortGuard("other", neighbors.Sandbox.Namespace);
        guard.Guard(Ipv4Address.Parse("198.51.100.1"), s_pool, [Everywhere(IpProtocol.Tcp, Forwarded, Forwarded)]);
        neighbors.Send(Ask(Forwarded, Syn));
        neighbors.Send(Ask(InPool, Syn));
        Assert.Equal([$"tcp {InPool} to 40000 rst"], neighbors.Answers());
    }

    [Theory]
    [InlineData("192.0.2.1", false)]
    [InlineData("192.0.2.7", true)]
    public void A_forward_that_is_for_another_address_leaves_the_port_to_the_host(string on, bool isAnswered)
    {
        using var neighbors = new Neighbors();
        using var listener = neighbors.Bound(SocketType.Stream, "0.0.0.0", Forwarded);
        using var datagrams = neighbors.Bound(SocketType.Dgram, "0.0.0.0", 40123);
        using var guard = new PortGuard("nic", neighbors.Sandbox.Namespace);
        guard.Guard(Host, s_pool, [Everywhere(IpProtocol.Tcp, Forwarded, Forwarded) with { On = Ipv4Address.Parse(on) },
            Everywhere(IpProtocol.Udp, 40000, 49999) with { On = Ipv4Address.Parse(on) }]);
        neighbors.Send(Ask(Forwarded, Syn));
        neighbors.Send(Udp(PeerMac, HostMac, Peer, Host, 40000, 40124));
        Assert.Equal(isAnswered ? [$"tcp {Forwarded} to 40000 syn", "icmp 3"] : [], neighbors.Answers());
        // A socket of the host's own is heard either way.
        neighbors.Send(Udp(PeerMac, HostMac, Peer, Host, 40000, 40123));
        Assert.True(datagrams.Poll(5_000_000, SelectMode.SelectRead));
    }

    [Fact]
    public void The_table_reads_as_it_was_meant()
    {
        Need.Tool("nft");
        using var neighbors = new Neighbors();
        using var guard = Guard(neighbors, true);
        guard.Except(new HashSet<TransportPort> { new(IpProtocol.Tcp, InPool) });
        guard.Guard(Host, [s_pool[0]], 
            [Everywhere(IpProtocol.Tcp, 2222, 2223), Everywhere(IpProtocol.Udp, 53, 53) with { On = Ipv4Address.Parse("192.0.2.7") }]);
        var listed = neighbors.Sandbox.Namespace.Run(() => Shell.RunAsCaller("nft", ["list", "ruleset"]).Succeeded().Output);
        var lines = listed.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0).ToArray();
        Assert.Matches("^table ip softswitch-nic-[0-9a-f]{8} ", lines[0]);
        Assert.Equal("flags owner", lines[1]);
        Assert.Equal("""
            set forwarded-tcp {
            type inet_service
            elements = { 2222, 2223 }
            }
            set forwarded-tcp-at {
            type ipv4_addr . inet_service
            }
            set host-tcp {
            type inet_service
            elements = { 20000 }
            }
            set kept-tcp {
            type inet_service
            }
            set forwarded-udp {
            type inet_service
            }
            set forwarded-udp-at {
            type ipv4_addr . inet_service
            elements = { 192.0.2.7 . 53 }
            }
            set host-udp {
            type inet_service
            }
            set kept-udp {
            type inet_service
            }
            chain arrival {
            type filter hook prerouting priority raw; policy accept;
            iifname "lo" accept
            iifname != "nic" ip saddr 169.254.83.0/24 accept
            ip daddr != 192.0.2.1 accept
            tcp dport @kept-tcp drop
            udp dport @kept-udp drop
            }
            chain input {
            type filter hook input priority raw; policy accept;
            iifname "lo" accept
            iifname != "nic" ip saddr 169.254.83.0/24 accept
            tcp dport @forwarded-tcp drop
            ip daddr . tcp dport @forwarded-tcp-at drop
            udp dport @forwarded-udp drop
            ip daddr . udp dport @forwarded-udp-at drop
            iifname != "nic" accept
            ip daddr != 192.0.2.1 accept
            tcp dport @kept-tcp drop
            tcp dport 16384-29999 socket transparent <= 1 accept
            tcp dport 16384-29999 drop
            udp dport @kept-udp drop
            }
            chain output {
            type filter hook output priority raw; policy accept;
            oifname "nic" ip saddr 192.0.2.1 tcp sport 16384-29999 tcp flags rst / rst,ack tcp sport @host-tcp accept
            oifname "nic" ip saddr 192.0.2.1 tcp sport 16384-29999 tcp flags rst / rst,ack drop
            }
            }
            """, string.Join('\n', lines[2..])
                .Replace("tcp flags & (rst | ack) == rst", "tcp flags rst / rst,ack", StringComparison.Ordinal));
    }

    private static ForwardedPorts Everywhere(byte protocol, int first, int last) => new(new(protocol, first, last), null);

    private static PortGuard Guard(Neighbors neighbors, bool asksForSockets)
    {
        var guard = new PortGuard("nic", neighbors.Sandbox.Namespace, asksForSockets);
        guard.Guard(Host, s_pool, s_forwards);
        return guard;
    }

    private static void AskAll(Neighbors neighbors)
    {
        foreach (var port in (int[])[InPool, Forwarded, Elsewhere])
            neighbors.Send(Ask(port, Syn));
        neighbors.Send(Ask(InPool, Acknowledge));
        foreach (var port in (int[])[InPool, 5005, Elsewhere])
            neighbors.Send(Udp(PeerMac, HostMac, Peer, Host, 40000, port));
    }

    private static byte[] Ask(int port, byte flags) => Tcp(PeerMac, HostMac, Peer, Host, 40000, port, flags);
}
