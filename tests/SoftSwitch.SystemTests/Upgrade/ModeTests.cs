using SoftSwitch.SystemTests.Nat;
using SoftSwitch.SystemTests.Peers;
using SoftSwitch.SystemTests.Switching;

namespace SoftSwitch.SystemTests.Upgrade;

/// <summary>Each mode, followed by itself in the same process: connections live, none of what was sent is lost, and what the host has of
/// the switch is where it was.</summary>
public sealed class ModeTests : IDisposable
{
    private const int Server = 4000, Guests = 4001, Forwarded = 2222;

    private readonly World _world = new();
    private readonly string _state = TemporaryFolder.NewPath(".state");
    private readonly List<IDisposable> _servers = [];
    private SoftSwitchProcess? _switch;

    [Fact]
    public void Bridged_to_the_LAN_and_to_the_host_on_its_NIC()
    {
        Need.Tun();
        _switch = SoftSwitchProcess.Start($$"""
            networks: { lan: { mode: bridged, uplink: nic } }
            ports:
              one: { network: lan, kind: tap, netns: "{{_world.One.Name}}", interface: eth0, address: 192.0.2.5/24 }
            """, _world.Host);
        using var wire = new NumberedStream(_world.One, "192.0.2.5", _world.Lan, World.LanAddress, 7000);
        using var host = new NumberedStream(_world.One, "192.0.2.5", _world.Host, World.HostAddress, 7000);
        using var back = new NumberedStream(_world.Host, World.HostAddress, _world.One, "192.0.2.5", 7001);
        Upgrade([wire, host, back], []);
    }

    [Fact]
    public void Nat_by_the_hosts_address()
    {
        _switch = Start("");
        UpgradeNat(World.HostAddress, (_world.Far, World.HostAddress), (_world.Host, World.HostAddress), (_world.Host, "127.0.0.1"));
        Assert.StartsWith($"{World.HostAddress}:", Conversation.Seen(_world.One, "tcp", World.FarAddress, Server));
    }

    [Fact]
    public void Nat_by_an_address_of_its_own()
    {
        _switch = Start($", outside: {{ interface: nic, address: {World.OwnAddress}/24, gateway: {World.LanAddress} }}");
        UpgradeNat(World.HostAddress, (_world.Far, World.OwnAddress), (_world.Host, World.OwnAddress));
        Assert.StartsWith($"{World.OwnAddress}:", Conversation.Seen(_world.One, "tcp", World.FarAddress, Server));
    }

    [Fact]
    public void Nat_by_an_address_that_is_lent()
    {
        Need.Tool("dnsmasq");
        Directory.CreateDirectory(_state);
        using var lender = _world.Lan.Start("dnsmasq", ["--no-daemon", "--port=0", "--conf-file=/dev/null", "--interface=lan0",
            "--bind-interfaces", "--dhcp-range=192.0.2.50,192.0.2.50,255.255.255.0,2m", "--dhcp-authoritative", "--log-facility=-",
            $"--dhcp-leasefile={Path.Combine(_state, "lent")}"]);
        lender.WaitForLine(line => line.Contains("started", StringComparison.Ordinal));
        _switch = Start(", outside: { interface: nic, address: dhcp }");
        Serve(_world.Far, Server);
        Eventually.Holds(() => Conversation.Seen(_world.One, "tcp", World.FarAddress, Server)?.StartsWith("192.0.2.50:") == true);
        UpgradeNat(World.HostAddress, (_world.Far, "192.0.2.50"));
        Assert.StartsWith("192.0.2.50:", Conversation.Seen(_world.One, "tcp", World.FarAddress, Server));
    }

    [Fact]
    public void Nat_by_two_ways_one_of_them_a_tun()
    {
        using var vpn = new TunVpn(_world.Host, _world.Far);
        _world.Host.Check($"ip route add {World.FarOtherAddress} dev vpn");
        _switch = Start("");
        Serve(_world.Far, Server);
        using var byVpn = Conversation.Open(_world.One, "tcp", World.FarOtherAddress, Server);
        Assert.StartsWith($"{TunVpn.HostAddress}:", byVpn.Ask());
        using var stream = new NumberedStream(_world.Two, World.TwoAddress, _world.Far, World.FarAddress, 7000);
        Upgrade([stream], [byVpn]);
        Assert.StartsWith($"{TunVpn.HostAddress}:", Conversation.Seen(_world.Two, "tcp", World.FarOtherAddress, Server));
    }

    /// <summary>What is behind an outside is another by now than what it began with: it goes on all the same.</summary>
    [Fact]
    public void Nat_whose_first_network_came_later()
    {
        var dev = $$"""
              dev: { mode: nat, subnet: {{World.Inside}}, forwards: [ { from: tcp/{{Forwarded}}, to: "{{World.OneAddress}}:{{Guests}}" } ] }
            {{_world.Ports}}
            """;
        _switch = _world.Start($"state: {_state}\nnetworks:\n{dev}");
        Assert.Equal(200, _switch.ReloadNow($"state: {_state}\nnetworks:\n  before: {{ mode: nat, subnet: 10.77.0.0/24 }}\n{dev}").Status);
        UpgradeNat(World.HostAddress, (_world.Far, World.HostAddress), (_world.Host, World.HostAddress), (_world.Host, "127.0.0.1"));
    }

    public void Dispose()
    {
        _switch?.Dispose();
        _servers.ForEach(server => server.Dispose());
        _world.Dispose();
        if (Directory.Exists(_state))
            Directory.Delete(_state, recursive: true);
    }

    private SoftSwitchProcess Start(string outside) => _world.Start($$"""
        state: {{_state}}
        networks:
          dev: { mode: nat, subnet: {{World.Inside}}{{outside}},
                 forwards: [ { from: tcp/{{Forwarded}}, to: "{{World.OneAddress}}:{{Guests}}" } ] }
        {{_world.Ports}}
        """);

    private void Serve(NetNs at, int port)
    {
        if (!_servers.OfType<WhoServer>().Any() || port != Server)
            _servers.Add(new WhoServer(at, port));
    }

    /// <param name="host">The host's address.</param>
    /// <param name="askers">Who asks the forward, and at which address.</param>
    private void UpgradeNat(string host, params (NetNs From, string Address)[] askers)
    {
        Serve(_world.Far, Server);
        _servers.Add(new WhoServer(_world.One, Guests));
        _servers.Add(new WhoServer(_world.Host, Server + 10));
        Conversation[] conversations =
        [
            Conversation.Open(_world.One, "tcp", World.FarAddress, Server), Conversation.Open(_world.Two, "udp", World.FarAddress, Server),
            Conversation.Open(_world.One, "tcp", host, Server + 10),
            .. askers.Select(asker => Conversation.Open(asker.From, "tcp", asker.Address, Forwarded)),
        ];
        _servers.AddRange(conversations);
        using var first = new NumberedStream(_world.One, World.OneAddress, _world.Far, World.FarAddress, 7000);
        using var second = new NumberedStream(_world.Two, World.TwoAddress, _world.Far, World.FarOtherAddress, 7001);
        using var toHost = new NumberedStream(_world.One, World.OneAddress, _world.Host, host, 7002);
        Upgrade([first, second, toHost], conversations);
    }

    private void Upgrade(NumberedStream[] streams, Conversation[] conversations)
    {
        string?[] seen = [.. conversations.Select(conversation => conversation.Ask())];
        Assert.All(seen, Assert.NotNull);
        foreach (var stream in streams)
            Eventually.Holds(() => stream.Received > 0);
        for (var upgrade = 0; upgrade < Upgrading.Times; upgrade++)
        {
            _switch!.Upgrade();
            Assert.All(streams, stream => Assert.Null(stream.Wrong));
            Assert.Equal(seen, conversations.Select(conversation => conversation.Ask()));
        }
        var received = string.Join(", ", streams.Select(stream => stream.End()));
        TestContext.Current.TestOutputHelper?.WriteLine($"{received} datagrams; pauses {string.Join(", ", _switch!.Pauses())} ms");
        Assert.DoesNotContain(_switch!.Errors, line => line.Contains("internal error", StringComparison.Ordinal)
            || line.Contains("over the restart", StringComparison.Ordinal));
    }
}
