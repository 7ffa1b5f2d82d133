using System.Text.Json;
using SoftSwitch.SystemTests.Nat;
using SoftSwitch.SystemTests.Peers;
using SoftSwitch.SystemTests.Switching;

namespace SoftSwitch.SystemTests.HostStack;

/// <summary>
/// A host that routes for others, as Docker and kube-proxy make one (<c>ip_forward</c>, <c>route_localnet</c>, no strict <c>rp_filter</c>),
/// with a LAN behind it. Beside its guests on interfaces of ours there is one on a plain veth, by which all of it is tried that must not
/// work by ours.
/// </summary>
public sealed class NoRouterTests : IDisposable
{
    private const int Port = 4000;

    private readonly World _world = new();
    private readonly NetNs _plain = new("plain");
    private SoftSwitchProcess? _switch;

    public void Dispose()
    {
        _switch?.Dispose();
        _plain.Dispose();
        _world.Dispose();
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(2, false)]
    [InlineData(0, true)]
    public void Guests_reach_the_host_at_its_address_there_and_the_LAN_reaches_no_guest(int rpFilter, bool reachesAll)
    {
        Start(rpFilter, reachesAll);
        // By the kernel's own interface all of it works.
        Assert.Equal("loopback other lan forged in", Reached(Link(_plain, 50, "plain")));
        foreach (var link in new[] { Link(_world.One, 56, "ss-lab"), Link(_world.Two, 57, "t") })
            Assert.Equal(reachesAll ? "other" : "", Reached(link));
        var drops = _switch!.Items("drops").Where(drop => Text(drop, "direction") == "in").ToList();
        foreach (var (guest, host) in new[] { ("one", "ss-lab"), ("two", "t") })
        {
            foreach (var reason in new[] { "loopback-address", "not-for-host", "source-outside-subnet" })
                Assert.Contains(drops, drop => Text(drop, "port") == guest && Text(drop, "reason") == reason);
            Assert.Contains(drops, drop => Text(drop, "port") == host && Text(drop, "reason") == "routed-by-host");
        }
    }

    [Fact]
    public void A_guest_s_router_advertisements_give_the_host_nothing_also_where_somebody_lets_them()
    {
        Start(rpFilter: 0, reachesAll: false);
        var links = new[] { Link(_world.One, 56, "ss-lab"), Link(_world.Two, 57, "t") };
        foreach (var link in links)
        {
            Assert.Equal("0 0 0 0 0 0 0", Settings(link.Interface));
            foreach (var key in new[] { "accept_ra", "autoconf", "accept_redirects" })
                _world.Host.Exec("sh", ["-c", $"echo 1 > /proc/sys/net/ipv6/conf/{link.Interface}/{key}"]).Succeeded();
            link.Attacker.AdvertiseRouter();
        }
        var plain = Link(_plain, 50, "plain");
        plain.Attacker.AdvertiseRouter();
        // What the kernel's own interface hears changes the host; what came by ours came before that.
        Eventually.Holds(() => _world.Host.Check("ip -6 route show default").Contains(Attacker.Router, StringComparison.Ordinal));
        Eventually.Holds(() => _world.Host.Check("ip -6 addr show dev plain").Contains(Attacker.Prefix, StringComparison.Ordinal));
        foreach (var link in links)
        {
            Assert.Empty(_world.Host.Check($"ip -6 route show default dev {link.Interface}"));
            Assert.DoesNotContain(Attacker.Prefix, _world.Host.Check($"ip -6 addr show dev {link.Interface}"));
            Eventually.Equal("0 0 0 0 0 0 0", () => Settings(link.Interface));
        }
        foreach (var port in new[] { "one", "two" })
            Assert.Contains(_switch!.Items("drops"), drop => Text(drop, "port") == port && Text(drop, "reason") == "router-pretended");
        // Neighbors find each other as before.
        var address = _world.Host.Check("ip -6 -o addr show dev ss-lab scope link").Split(' ', StringSplitOptions.RemoveEmptyEntries)[3];
        Assert.True(Ping.Reaches(_world.One, address.Split('/')[0] + "%eth0"));
    }

    [Fact]
    public void An_address_that_the_host_gets_later_is_reached_and_one_that_it_loses_is_not()
    {
        Start(rpFilter: 0, reachesAll: false);
        _world.Host.Address("t", "10.66.0.1/24");
        _world.Two.Address("eth0", "10.66.0.9/24");
        _world.Host.Address("t", "fd66::1/64");
        _world.Two.Address("eth0", "fd66::9/64");
        foreach (var address in new[] { "10.66.0.1", "fd66::1", "192.168.57.1" })
            Ping.Wait(_world.Two, address);
        Ping.Wait(_world.Host, "10.66.0.9");
        _world.Host.Check("ip addr del 10.66.0.1/24 dev t");
        // It is another interface's now, which the kernel would answer for.
        _world.Host.Address("nic", "10.66.0.1/24");
        Eventually.Holds(() => !Ping.Reaches(_world.Two, "10.66.0.1", 1));
        Assert.True(Ping.Reaches(_world.Two, "192.168.57.1"));
    }

    [Fact]
    public void In_a_bridge_of_the_host_a_tap_is_a_cable_to_the_LAN_there()
    {
        Start(rpFilter: 0, reachesAll: false);
        _world.Host.Bridge("br0", "t");
        using var member = new NetNs("member");
        _world.Host.Veth("m", member, "eth0");
        _world.Host.Check("ip link set dev m master br0");
        member.Address("eth0", "192.168.57.77/24");
        Ping.Wait(_world.Two, "192.168.57.77");
        Ping.Wait(member, "192.168.57.9");
    }

    [Fact]
    public void The_way_of_nat_guests_to_the_host_leads_to_its_addresses_and_is_no_way_in_for_the_LAN()
    {
        HostRoutes(0);
        _world.Host.Check("ip addr add 10.88.0.1/32 dev lo");
        _switch = SoftSwitchProcess.Start($$"""
            networks:
              dev:
                mode: nat
                subnet: {{World.Inside}}
                outside: {}
                forwards: [{ from: tcp/2222, to: "one:22" }]
            {{_world.Ports}}
            """, _world.Host);
        _world.TellGuests();
        using var server = new WhoServer(_world.One, 22);
        using var everywhere = new WhoServer(_world.Host, Port);
        Assert.NotNull(Conversation.Seen(_world.One, "tcp", World.HostAddress, Port));
        Assert.NotNull(Conversation.Seen(_world.One, "tcp", "10.88.0.1", Port));
        Assert.Null(Conversation.Seen(_world.One, "tcp", "127.0.0.1", Port, seconds: 1));
        Assert.NotNull(Conversation.Seen(_world.Host, "tcp", World.HostAddress, 2222));
        Assert.Equal("0 0 0 0 0 0 0", Settings("sn-dev"));
        var way = _world.Host.Check("ip -4 route show table local dev sn-dev").Split(' ')[0];
        _world.Lan.Check($"ip route add {way}/32 via {World.HostAddress}");
        Assert.Null(Conversation.Seen(_world.Lan, "tcp", way, 2222, seconds: 1));
        Assert.Contains(_switch.Items("drops"), drop => Text(drop, "port") == "dev.host" && Text(drop, "reason") == "routed-by-host");
    }

    [Fact]
    public void A_bridged_guest_reaches_what_a_machine_of_the_LAN_does_but_not_the_loopback_and_is_no_router()
    {
        HostRoutes(0);
        _world.Host.Check("ip addr add 10.88.0.1/32 dev lo");
        _switch = SoftSwitchProcess.Start($$"""
            networks: { office: { mode: bridged, uplink: nic } }
            ports: { two: { network: office, kind: veth, netns: "{{_world.Two.Name}}", interface: eth0, address: 192.0.2.77/24 } }
            """, _world.Host);
        Ping.Wait(_world.Two, World.HostAddress);
        Assert.Equal("0 0 0 0 0 0 0", Settings("sh-nic"));
        using var loopback = new Listener(_world.Host, "127.0.0.1", Port);
        using var other = new Listener(_world.Host, "10.88.0.1", Port);
        Attacker guest = new(_world.Two, "eth0", _world.Host.Mac("nic")), machine = new(_world.Lan, "lan0", _world.Host.Mac("nic"));
        machine.SendUdp(World.LanAddress, "127.0.0.1", Port, "lan");
        machine.SendUdp(World.LanAddress, "10.88.0.1", Port, "lan");
        Assert.Equal(("lan", "lan"), (loopback.Heard("lan"), other.Heard("lan")));
        guest.AdvertiseRouter();
        guest.SendUdp("192.0.2.77", "127.0.0.1", Port, "guest");
        guest.SendUdp("192.0.2.77", "10.88.0.1", Port, "guest");
        Assert.Equal(("guest", ""), (other.Heard("guest"), loopback.Heard()));
        Assert.DoesNotContain(Attacker.Router, _world.Host.Check("ip -6 route show default"));
        machine.AdvertiseRouter();
        Eventually.Holds(() => _world.Host.Check("ip -6 route show default").Contains(Attacker.Router, StringComparison.Ordinal));
    }

    private void Start(int rpFilter, bool reachesAll)
    {
        HostRoutes(rpFilter);
        _world.Host.Veth("plain", _plain, "eth0");
        _world.Host.Address("plain", "192.168.50.1/24");
        _plain.Address("eth0", "192.168.50.9/24");
        var host = reachesAll ? ", host: { reach: all }" : "";
        _switch = SoftSwitchProcess.Start($$"""
            networks:
              lab: { mode: host-only, subnet: 192.168.56.0/24{{host}} }
              quiet: { mode: internal{{host}} }
            ports:
              one: { network: lab, kind: tap, netns: "{{_world.One.Name}}", interface: eth0, address: 192.168.56.9/24 }
              two: { network: quiet, kind: tap, netns: "{{_world.Two.Name}}", interface: eth0, address: 192.168.57.9/24 }
              t: { network: quiet, kind: tap, address: 192.168.57.1/24 }
            """, _world.Host);
        Ping.Wait(_world.One, "192.168.56.1");
        Ping.Wait(_world.Two, "192.168.57.1");
        Ping.Wait(_plain, "192.168.50.1");
    }

    private void HostRoutes(int rpFilter)
    {
        string[] settings =
        [
            "ip_forward=1", "conf.all.route_localnet=1", "conf.nic.rp_filter=0", $"conf.all.rp_filter={rpFilter}",
            $"conf.default.rp_filter={rpFilter}",
        ];
        _world.Host.Check($"sysctl -qw {string.Join(' ', settings.Select(setting => $"net.ipv4.{setting}"))}");
    }

    private (NetNs Guest, string Subnet, string Interface, Attacker Attacker) Link(NetNs guest, int subnet, string hostInterface) =>
        (guest, $"192.168.{subnet}", hostInterface, new(guest, "eth0", _world.Host.Mac(hostInterface)));

    /// <summary>Which of what must not be reached is.</summary>
    private string Reached((NetNs Guest, string Subnet, string Interface, Attacker Attacker) link)
    {
        string host = $"{link.Subnet}.1", guest = $"{link.Subnet}.9";
        using var loopback = new Listener(_world.Host, "127.0.0.1", Port);
        using var other = new Listener(_world.Host, World.HostAddress, Port);
        using var there = new Listener(_world.Host, host, Port);
        using var lan = new Listener(_world.Lan, World.LanAddress, Port);
        using var inside = new Listener(link.Guest, guest, Port);
        link.Attacker.SendUdp(guest, "127.0.0.1", Port, "loopback");
        link.Attacker.SendUdp(guest, World.HostAddress, Port, "other");
        link.Attacker.SendUdp(guest, World.LanAddress, Port, "lan");
        link.Attacker.SendUdp(World.LanAddress, host, Port, "forged");
        _world.Lan.Run($"ip route add {link.Subnet}.0/24 via {World.HostAddress}");
        lan.Tell(guest, Port, "in");
        // What works comes last by the same way.
        link.Attacker.SendUdp(guest, host, Port, "there");
        there.Tell(guest, Port, "here");
        string[] heard =
        [
            loopback.Heard(), other.Heard(), lan.Heard(),
            there.Heard("there").Replace("there", "", StringComparison.Ordinal).Trim(),
            inside.Heard("here").Replace("here", "", StringComparison.Ordinal).Trim(),
        ];
        return string.Join(' ', heard.Where(text => text.Length > 0));
    }

    private string Settings(string name) => string.Join(' ', new[]
    {
        "ipv6/conf/{0}/accept_ra", "ipv6/conf/{0}/autoconf", "ipv6/conf/{0}/accept_redirects", "ipv4/conf/{0}/accept_redirects",
        "ipv4/conf/{0}/accept_source_route", "ipv4/conf/{0}/forwarding", "ipv6/conf/{0}/forwarding",
    }.Select(path => _world.Host.Check($"cat /proc/sys/net/{path.Replace("{0}", name, StringComparison.Ordinal)}").Trim()));

    private static string? Text(JsonElement item, string name) => item.TryGetProperty(name, out var value) ? value.GetString() : null;
}
