using System.Net.Sockets;
using SoftSwitch.Linux.Endpoints.HostWay;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Packets;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Outside;

/// <summary>What the host says to forwards, and whoever is its other end: a namespace behind a veth pair, in place of the tap and of
/// everything behind it.</summary>
[Collection(typeof(AloneOnTheMachine))]
public class HostForwardsTests
{
    private const int Port = 2222, Closed = 2223, Other = 2300;
    private const string Shared = "192.0.2.1", Second = "192.0.2.2", Elsewhere = "10.99.0.1", Localhost = "127.0.0.1";

    private static readonly TransportPorts[] s_pool = [new(IpProtocol.Tcp, 16384, 29999), new(IpProtocol.Udp, 16384, 29999)];
    private static readonly string[] s_protocols = ["tcp", "udp"];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void They_are_reached_at_each_address_of_the_host_and_the_guest_sees_one_of_them(int filtering)
    {
        using var world = new World();
        world.Host.Exec("sh", ["-c", $"for i in all default way nic; do echo {filtering} > /proc/sys/net/ipv4/conf/$i/rp_filter; done"])
            .Succeeded();
        using var forwards = world.Lead([Both(Port)]);
        using var server = new WhoServer(world.Guest, Port);
        foreach (var protocol in s_protocols)
        {
            Assert.StartsWith($"{Shared}:", Conversation.Seen(world.Host, protocol, Localhost, Port));
            Assert.StartsWith($"{Elsewhere}:", Conversation.Seen(world.Host, protocol, Elsewhere, Port));
            foreach (var address in (string[])[Shared, Second])
                Assert.Contains(Conversation.Seen(world.Host, protocol, address, Port)?.Split(':')[0], (string[])[Shared, Second]);
            using var bound = Conversation.Open(world.Host, protocol, Localhost, Port, source: Second);
            Assert.StartsWith($"{Second}:", bound.Ask());
        }
    }

    [Fact]
    public void What_is_closed_at_the_guest_is_closed_for_the_host_at_once()
    {
        using var world = new World();
        using var forwards = world.Lead([Both(Closed)]);
        foreach (var protocol in s_protocols)
        {
            foreach (var address in (string[])[Localhost, Shared, Elsewhere])
            {
                using var refused = Conversation.Open(world.Host, protocol, address, Closed);
                Assert.Null(refused.Ask());
                Assert.Equal(SocketError.ConnectionRefused, refused.Error);
            }
        }
    }

    [Fact]
    public void All_else_stays_the_host_s()
    {
        using var world = new World();
        using var forwards = world.Lead([Both(Port)]);
        using var guest = new WhoServer(world.Guest, Port);
        using var beside = new WhoServer(world.Host, Other);
        using var loopback = new WhoServer(world.Host, Port, "127.0.0.2");
        using var far = new WhoServer(world.Far, Port);
        foreach (var protocol in s_protocols)
        {
            Assert.StartsWith($"{Localhost}:", Conversation.Seen(world.Host, protocol, Localhost, Other));
            Assert.StartsWith("127.0.0.1:", Conversation.Seen(world.Host, protocol, "127.0.0.2", Port));
            Assert.StartsWith($"{Shared}:", Conversation.Seen(world.Host, protocol, "192.0.2.9", Port));
        }
    }

    [Fact]
    public void One_that_is_for_one_address_is_reached_there_alone()
    {
        using var world = new World();
        using var forwards = world.Lead([[.. Both(Port).Select(forward => forward with { On = Ipv4Address.Parse(Second) })]]);
        using var guest = new WhoServer(world.Guest, Port);
        using var host = new WhoServer(world.Host, Port, Shared);
        using var loopback = new WhoServer(world.Host, Port, Localhost);
        foreach (var protocol in s_protocols)
        {
            // The guest sees the host's address, and a program of the host the one that was asked.
            using var led = Conversation.Open(world.Host, protocol, Second, Port, source: Elsewhere);
            Assert.StartsWith($"{Elsewhere}:", led.Ask());
            Assert.StartsWith($"{Localhost}:", Conversation.Seen(world.Host, protocol, Localhost, Port));
            Assert.NotNull(Conversation.Seen(world.Host, protocol, Shared, Port));
        }
        guest.Dispose();
        using var refused = Conversation.Open(world.Host, "tcp", Second, Port);
        Assert.Equal(SocketError.ConnectionRefused, refused.Error);
    }

    [Fact]
    public void Of_a_wide_range_a_port_that_the_host_has_is_the_host_s()
    {
        using var world = new World();
        using var forwards = world.Lead([[new(new(IpProtocol.Udp, 5000, 5999), null)]]);
        using var guest = new WhoServer(world.Guest, 5001);
        using var same = new WhoServer(world.Guest, 5002);
        using var host = new WhoServer(world.Host, 5002, Localhost);
        Assert.StartsWith($"{Shared}:", Conversation.Seen(world.Host, "udp", Localhost, 5001));
        forwards.Except(new HashSet<TransportPort> { new(IpProtocol.Udp, 5002) });
        Assert.StartsWith($"{Localhost}:", Conversation.Seen(world.Host, "udp", Localhost, 5002));
        forwards.Except(new HashSet<TransportPort>());
        Assert.StartsWith($"{Shared}:", Conversation.Seen(world.Host, "udp", Localhost, 5002));
        // TCP has nothing to do with it.
        Assert.Null(Conversation.Seen(world.Host, "tcp", Localhost, 5001));
    }

    [Fact]
    public void No_port_that_another_guest_may_speak_from_is_the_host_s_source_there()
    {
        using var world = new World();
        using var forwards = world.Lead([Both(Port), [new(new(IpProtocol.Udp, 40000, 49999), null)]]);
        using var server = new WhoServer(world.Guest, Port);
        foreach (var (protocol, from) in ((string, int)[])[("tcp", 20000), ("udp", 20000), ("udp", 45000)])
        {
            foreach (var address in (string[])[Localhost, Shared])
            {
                var seen = Conversation.Seen(world.Host, protocol, address, Port, from)!.Split(':');
                Assert.Equal(Shared, seen[0]);
                Assert.InRange(int.Parse(seen[1]), 50000, 65535);
            }
        }
        Assert.Equal($"{Shared}:45000", Conversation.Seen(world.Host, "tcp", Shared, Port, 45000));
    }

    [Fact]
    public void Where_a_rule_of_the_host_leads_a_port_elsewhere_it_goes_there_in_whatever_order_they_came()
    {
        using var world = new World();
        using var forwards = world.Lead([Both(Port)]);
        world.Rules("table ip docker { chain OUTPUT { type nat hook output priority -100; "
            + $"ip daddr {Shared} tcp dport {Port} dnat to {Localhost}:{Other}; }}; }}");
        using var guest = new WhoServer(world.Guest, Port);
        using var container = new WhoServer(world.Host, Other);
        using var led = Conversation.Open(world.Host, "tcp", Shared, Port, source: Second);
        Assert.NotNull(led.Ask());
        guest.SendLine("from the guest");
        Assert.Null(led.Next(TimeSpan.FromMilliseconds(200)));
        // What the rule doesn't say is ours.
        using var ours = Conversation.Open(world.Host, "tcp", Localhost, Port);
        Assert.StartsWith($"{Shared}:", ours.Ask());
    }

    [Fact]
    public void A_strict_firewall_lets_the_answers_in_and_routing_needs_not_be_on()
    {
        using var world = new World();
        Assert.Equal("0", world.Host.Check("cat /proc/sys/net/ipv4/ip_forward").Trim());
        world.Rules("table inet wall { chain in { type filter hook input priority 0; policy drop; "
            + "ct state established,related accept; }; chain out { type filter hook output priority 0; policy drop; "
            + "ct state established,related accept; oif lo accept; }; chain on { type filter hook forward priority 0; policy drop; }; }");
        using var forwards = world.Lead([Both(Port), Both(Closed)]);
        using var server = new WhoServer(world.Guest, Port);
        foreach (var protocol in s_protocols)
        {
            foreach (var address in (string[])[Localhost, Shared])
            {
                Assert.NotNull(Conversation.Seen(world.Host, protocol, address, Port));
                using var refused = Conversation.Open(world.Host, protocol, address, Closed);
                Assert.Null(refused.Ask());
                Assert.Equal(SocketError.ConnectionRefused, refused.Error);
            }
        }
    }

    /// <summary>What the loopback carries whole is cut here. If the sender was told instead, all that the host says to itself would be
    /// shorter for ten minutes.</summary>
    [Fact]
    public void A_datagram_longer_than_the_guest_s_network_arrives_and_the_loopback_learns_nothing()
    {
        using var world = new World();
        using var forwards = world.Lead([Both(Port)]);
        using var server = new WhoServer(world.Guest, Port);
        foreach (var address in (string[])[Localhost, Shared])
        {
            using var conversation = Conversation.Open(world.Host, "udp", address, Port);
            Assert.NotNull(conversation.Ask(bytes: 60_000));
        }
        Assert.DoesNotContain("mtu", world.Host.Check($"ip route get {Localhost}"));
        Assert.DoesNotContain("mtu", world.Host.Check($"ip route get {Shared}"));
    }

    [Fact]
    public void The_table_is_as_meant_goes_with_its_owner_and_stays_when_others_clear_the_firewall()
    {
        Need.Tool("nft");
        using var world = new World();
        using (world.Lead([Both(Port), [new(new(IpProtocol.Udp, 53, 53), Ipv4Address.Parse(Second))],
            [new(new(IpProtocol.Udp, 5000, 5999), null)]]))
        {
            world.Host.Check("nft flush ruleset");
            Assert.Equal(
                $$"""
                chain output {
                type nat hook output priority -99; policy accept;
                fib daddr type != local accept
                ip daddr . tcp dport @forwarded-tcp-at dnat to 169.254.83.1
                ip daddr . udp dport @forwarded-udp-at dnat to 169.254.83.1
                ip daddr 127.0.0.0/8 ip daddr != 127.0.0.1 accept
                tcp dport @forwarded-tcp dnat to 169.254.83.1
                udp dport @forwarded-udp dnat to 169.254.83.1
                udp dport 5000-5999 udp dport @host-udp accept
                udp dport 5000-5999 dnat to 169.254.83.1
                }
                """, Chain(world.Host, "output"));
            Assert.Contains($"type ipv4_addr . inet_service\nelements = {{ {Second} . 53 }}", Listed(world.Host));
            using var server = new WhoServer(world.Guest, Port);
            Assert.NotNull(Conversation.Seen(world.Host, "tcp", Localhost, Port));
        }
        Assert.Equal("", Listed(world.Host));
    }

    [Fact]
    public void Ports_come_and_go_and_connections_that_are_there_stay()
    {
        using var world = new World();
        using var forwards = world.Lead([Both(Port)]);
        using var server = new WhoServer(world.Guest, Port);
        using var other = new WhoServer(world.Guest, Other);
        using var open = Conversation.Open(world.Host, "tcp", Localhost, Port);
        Assert.NotNull(open.Ask());
        world.Lead(forwards, [Both(Other)]);
        Assert.NotNull(open.Ask());
        Assert.NotNull(Conversation.Seen(world.Host, "tcp", Localhost, Other));
        using var gone = Conversation.Open(world.Host, "tcp", Localhost, Port);
        Assert.Equal(SocketError.ConnectionRefused, gone.Error);
    }

    [Fact]
    public void At_its_end_no_connection_goes_on_to_where_nobody_is()
    {
        using var world = new World();
        using var server = new WhoServer(world.Guest, Port);
        using var host = new WhoServer(world.Host, Other, Localhost);
        using var other = Conversation.Open(world.Host, "tcp", Localhost, Other);
        using var forwards = world.Lead([Both(Port)]);
        using var tcp = Conversation.Open(world.Host, "tcp", Localhost, Port);
        using var udp = Conversation.Open(world.Host, "udp", Shared, Port);
        Assert.NotNull(tcp.Ask());
        Assert.NotNull(udp.Ask());
        forwards.Dispose();
        foreach (var (ended, how) in new[] { (tcp, SocketError.ConnectionReset), (udp, SocketError.ConnectionRefused) })
        {
            Assert.Null(ended.Ask());
            Assert.Equal(how, ended.Error);
        }
        Assert.NotNull(other.Ask());
    }

    private static ForwardedPorts[] Both(int port) =>
        [new(new(IpProtocol.Tcp, port, port), null), new(new(IpProtocol.Udp, port, port), null)];

    private static string Listed(NetNs host) => string.Join('\n',
        host.Check("nft list ruleset").Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0));

    private static string Chain(NetNs host, string name)
    {
        var all = Listed(host);
        var from = all.IndexOf($"chain {name} {{", StringComparison.Ordinal);
        return all[from..(all.IndexOf("\n}", from, StringComparison.Ordinal) + 2)];
    }

    /// <summary>A host with addresses on its NIC and on another interface, and one end of a pair whose other is the guest's.</summary>
    private sealed class World : IDisposable
    {
        private readonly NetworkNamespace _space;

        internal World()
        {
            Need.RealRoot("sockets in other namespaces");
            Need.Tool("nft");
            Host.Veth("way", Guest, "eth0");
            Host.Veth("nic", Far, "eth0");
            Host.Veth("vpn", Far, "eth1");
            Host.Address("nic", $"{Shared}/24");
            Host.Address("nic", $"{Second}/24");
            Host.Address("vpn", $"{Elsewhere}/24");
            Far.Address("eth0", "192.0.2.9/24");
            Host.Check($"ip route add 169.254.83.1/32 dev way src {Shared}");
            Guest.Address("eth0", "169.254.83.1/32");
            Guest.Check("ip route add default dev eth0");
            foreach (var space in (NetNs[])[Host, Guest])
                space.Exec("sh", ["-c", "echo 0 > /proc/sys/net/ipv4/icmp_ratemask"]).Succeeded();
            _space = NetworkNamespace.Open(Host.Path);
            using var links = new Links(_space);
            links.RouteLoopback(links.Find("way")!.Index);
        }

        internal NetNs Host { get; } = new("host");

        internal NetNs Guest { get; } = new("guest");

        internal NetNs Far { get; } = new("far");

        internal HostForwards Lead(ForwardedPorts[][] forwarded)
        {
            var forwards = new HostForwards("way", _space);
            Lead(forwards, forwarded);
            return forwards;
        }

        internal void Lead(HostForwards forwards, ForwardedPorts[][] forwarded) => forwards.Lead(
            Ipv4Address.Parse("169.254.83.1"), Ipv4Address.Parse(Shared), [.. forwarded.SelectMany(some => some)], s_pool);

        internal void Rules(string rules) => Host.Exec("nft", [rules]).Succeeded();

        public void Dispose()
        {
            _space.Dispose();
            Host.Dispose();
            Guest.Dispose();
            Far.Dispose();
        }
    }
}
