using SoftSwitch.SystemTests.Nat;
using SoftSwitch.SystemTests.Peers;
using SoftSwitch.SystemTests.Switching;

namespace SoftSwitch.SystemTests.Addressing;

/// <summary>Unmodified clients get an address, the reserved one and any, and renew it.</summary>
public sealed class DhcpClientsTests : IDisposable
{
    private const string Reserved = "10.10.0.12", ReservedMac = "52:54:00:00:00:0c";

    private readonly World _world = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("softswitch-dhcp-").FullName;

    public void Dispose()
    {
        _world.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Dhclient_gets_what_is_reserved_renews_it_and_gives_it_back()
    {
        Need.Tool("dhclient");
        using var started = Start();
        _world.One.Check($"ip link set dev eth0 address {ReservedMac}");
        var script = Path.Combine(_folder, "script");
        File.WriteAllText(script, """
            #!/bin/sh
            case $reason in
              PREINIT) ip link set dev $interface up;;
              BOUND|RENEW|REBIND|REBOOT)
                ip addr replace $new_ip_address/24 dev $interface
                ip route replace default via $new_routers;;
            esac
            """);
        File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var leases = Path.Combine(_folder, "dhclient.leases");
        File.WriteAllText(leases, "");
        string[] words = ["-4", "-v", "-sf", script, "-lf", leases, "-pf", Path.Combine(_folder, "dhclient.pid")];
        // A lease of a minute is renewed after half of it: it is enough that it is asked for again.
        using (var client = _world.One.Start("dhclient", [.. words, "-d", "eth0"]))
        {
            client.WaitForLine(line => line.StartsWith($"bound to {Reserved} ", StringComparison.Ordinal));
            Assert.True(Ping.Reaches(_world.One, World.FarAddress));
        }
        using (var again = _world.One.Start("dhclient", [.. words, "-d", "eth0"]))
        {
            again.WaitForLine(line => line.StartsWith($"DHCPREQUEST for {Reserved}", StringComparison.Ordinal));
            again.WaitForLine(line => line.StartsWith($"bound to {Reserved} ", StringComparison.Ordinal));
        }
        Assert.Equal("bound", State(started, Reserved));
        _world.One.Exec("dhclient", [.. words, "-r", "eth0"]);
        Eventually.Holds(() => State(started, Reserved) is null or "kept");
        started.Terminate();
    }

    [Fact]
    public void Dhcpcd_probes_what_it_is_offered_and_takes_address_and_route()
    {
        Need.Tool("dhcpcd");
        using var started = Start();
        var said = _world.Two.Exec("dhcpcd", ["-4", "-1", "-d", "-t", "20", "--nohook", "resolv.conf,hostname", "-c", "/bin/true", "eth0"]);
        // The kernel says what it took: at times dhcpcd ends well and its last lines are never written.
        Assert.True(said.ExitStatus == 0, said.Output + said.Error);
        Eventually.Holds(() => _world.Two.Check("ip -4 -o addr show dev eth0").Contains(" 10.10.0.", StringComparison.Ordinal));
        Assert.Contains($"default via {World.Gateway}", _world.Two.Check("ip route"), StringComparison.Ordinal);
        Assert.True(Ping.Reaches(_world.Two, World.FarAddress));
        started.Terminate();
    }

    private static string? State(SoftSwitchProcess started, string address) => started.Items("leases")
        .Where(lease => lease.GetProperty("address").GetString() == address)
        .Select(lease => lease.GetProperty("state").GetString()).FirstOrDefault();

    private SoftSwitchProcess Start() => SoftSwitchProcess.Start($$"""
        state: {{_folder}}
        networks:
          dev:
            mode: nat
            subnet: {{World.Inside}}
            dhcp: { lease: 60s, reservations: [ { mac: "{{ReservedMac}}", address: {{Reserved}}, name: web } ] }
        ports:
          one: { network: dev, kind: tap, netns: "{{_world.One.Name}}", interface: eth0 }
          two: { network: dev, kind: tap, netns: "{{_world.Two.Name}}", interface: eth0 }
        """, _world.Host);
}
