using SoftSwitch.SystemTests.Nat;
using SoftSwitch.SystemTests.Peers;
using SoftSwitch.SystemTests.Switching;

namespace SoftSwitch.SystemTests.Addressing;

/// <summary>A container or a namespace gets an address and the way out without running a client: <c>address: auto</c>.</summary>
public sealed class AutoAddressTests : IDisposable
{
    private readonly World _world = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("softswitch-auto-").FullName;

    public void Dispose()
    {
        _world.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void It_reaches_the_outside_at_once_and_has_the_same_address_after_a_kill_and_nobody_else_is_given_it()
    {
        using var other = new NetNs("other");
        string first;
        using (var killed = Start(other))
        {
            (var one, first) = (Address(_world.One), Address(_world.Two));
            Assert.NotEqual(one, first);
            Assert.Contains($"default via {World.Gateway} dev eth0", _world.One.Check("ip route"), StringComparison.Ordinal);
            Assert.DoesNotContain("default", _world.Two.Check("ip route"), StringComparison.Ordinal);
            Assert.True(Ping.Reaches(_world.One, World.FarAddress));
            Assert.True(Ping.Reaches(_world.One, first));
            // Its own name and another's, by whatever it calls the resolver.
            Assert.Equal(one, _world.One.Check("getent ahostsv4 one").Split(' ')[0]);
            Assert.Equal(first, _world.One.Check("getent ahostsv4 two.dev.internal").Split(' ')[0]);
            Assert.False(File.Exists($"/etc/netns/{_world.Two.Name}/resolv.conf"));
            using var client = DhcpClient.Start(other, _folder);
            Assert.DoesNotContain(client.WaitForAddress(), new[] { one, first });
            killed.Kill();
        }
        // It was gone with its interface.
        Eventually.Holds(() => _world.Two.Run("ip link show dev eth0").ExitStatus != 0);
        using var started = Start(other);
        Assert.Equal(first, Address(_world.Two));
        using var server = new WhoServer(_world.Two, 80);
        _world.Two.Check($"ip route add default via {World.Gateway}");
        Eventually.Holds(() => Conversation.Seen(_world.Far, "tcp", World.HostAddress, 8080, seconds: 1) is not null);
        Assert.True(File.Exists($"/etc/netns/{_world.One.Name}/resolv.conf"));
        started.Terminate();
        Assert.False(Directory.Exists($"/etc/netns/{_world.One.Name}"));
    }

    [Fact]
    public void In_a_host_only_network_namespaces_find_each_other_by_name_also_after_a_kill()
    {
        var config = $$"""
            state: {{_folder}}
            networks: { lab: { mode: host-only, subnet: 192.168.56.0/24 } }
            ports:
              one: { network: lab, kind: veth, netns: "{{_world.One.Name}}", interface: eth0, address: auto }
              two: { network: lab, kind: tap, netns: "{{_world.Two.Name}}", interface: eth0, address: auto }
            """;
        for (var isKilled = true; ; isKilled = false)
        {
            using var started = SoftSwitchProcess.Start(config, _world.Host);
            Assert.Equal(Address(_world.Two), _world.One.Check("getent ahostsv4 two").Split(' ')[0]);
            Assert.Equal(Address(_world.One), _world.Two.Check("getent ahostsv4 one.lab.internal").Split(' ')[0]);
            Assert.Equal("192.168.56.1", _world.Two.Check("getent ahostsv4 gateway").Split(' ')[0]);
            if (isKilled)
            {
                started.Kill();
                Eventually.Holds(() => _world.Two.Run("ip link show dev eth0").ExitStatus != 0);
                continue;
            }
            started.Terminate();
            break;
        }
        Assert.False(Directory.Exists($"/etc/netns/{_world.One.Name}"));
        Assert.False(Directory.Exists($"/etc/netns/{_world.Two.Name}"));
    }

    [Fact]
    public void A_resolver_that_somebody_else_has_named_stays()
    {
        var own = Directory.CreateDirectory($"/etc/netns/{_world.One.Name}").FullName;
        try
        {
            File.WriteAllText(Path.Combine(own, "resolv.conf"), "nameserver 192.0.2.53\n");
            using var other = new NetNs("other");
            using var started = Start(other);
            Assert.Equal("nameserver 192.0.2.53\n", File.ReadAllText(Path.Combine(own, "resolv.conf")));
            started.Terminate();
            Assert.Equal("nameserver 192.0.2.53\n", File.ReadAllText(Path.Combine(own, "resolv.conf")));
        }
        finally
        {
            Directory.Delete(own, recursive: true);
        }
    }

    [Fact]
    public void A_port_for_which_no_address_is_left_says_so_as_long_as_it_has_none()
    {
        using var started = SoftSwitchProcess.Start($$"""
            state: {{_folder}}
            networks: { dev: { mode: nat, subnet: 10.10.0.0/30 } }
            ports:
              one: { network: dev, kind: tap, netns: "{{_world.One.Name}}", interface: eth0, address: auto }
              two: { network: dev, kind: tap, netns: "{{_world.Two.Name}}", interface: eth0, address: auto }
            """, _world.Host);
        Eventually.Holds(() => started.Items("ports").Any(port => port.GetProperty("name").GetString() == "two"
            && port.TryGetProperty("reason", out var reason)
            && reason.GetString()!.StartsWith("has no address, for none was free in its network at the start", StringComparison.Ordinal)));
        Assert.DoesNotContain(started.Items("ports"), port => port.GetProperty("name").GetString() == "one"
            && port.TryGetProperty("reason", out _));
        started.Terminate();
    }

    private SoftSwitchProcess Start(NetNs other) => SoftSwitchProcess.Start($$"""
        state: {{_folder}}
        networks:
          dev: { mode: nat, subnet: {{World.Inside}}, forwards: [ { from: tcp/8080, to: "two:80" } ] }
        ports:
          one: { network: dev, kind: veth, netns: "{{_world.One.Name}}", interface: eth0, address: auto }
          two: { network: dev, kind: tap, netns: "{{_world.Two.Name}}", interface: eth0, address: auto, gateway: no }
          dhc: { network: dev, kind: tap, netns: "{{other.Name}}", interface: eth0 }
        """, _world.Host);

    private static string Address(NetNs ns) =>
        ns.Check("ip -4 -o addr show dev eth0").Split(' ', StringSplitOptions.RemoveEmptyEntries)[3].Split('/')[0];
}
