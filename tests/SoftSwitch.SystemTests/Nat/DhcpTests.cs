using SoftSwitch.SystemTests.Peers;
using SoftSwitch.SystemTests.Switching;

namespace SoftSwitch.SystemTests.Nat;

/// <summary>A guest that has nothing but a client of DHCP finds itself addressed and connected.</summary>
public sealed class DhcpTests : IDisposable
{
    private const string WebMac = "52:54:00:00:00:77";

    private readonly World _world = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("softswitch-dhcp-").FullName;

    public void Dispose()
    {
        _world.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void It_gets_an_address_and_a_route_and_reaches_the_outside_and_the_others()
    {
        using var started = Start();
        var (one, two) = (Lease(_world.One), Lease(_world.Two));
        Assert.StartsWith("10.10.0.", one);
        Assert.NotEqual(one, two);
        Assert.True(Ping.Reaches(_world.One, World.FarAddress));
        Assert.True(Ping.Reaches(_world.One, two));
        var leases = started.Show("leases").ToString();
        Assert.Contains(one, leases, StringComparison.Ordinal);
        Assert.Contains("bound", leases, StringComparison.Ordinal);
        started.Terminate();
    }

    [Fact]
    public void A_reserved_station_gets_its_address_and_a_forward_finds_it_by_its_name()
    {
        using var started = Start();
        _world.One.Check($"ip link set dev eth0 address {WebMac}");
        Assert.Equal("10.10.0.10", Lease(_world.One));
        using var server = new WhoServer(_world.One, 80);
        Eventually.Holds(() => Conversation.Seen(_world.Far, "tcp", World.HostAddress, 8080)?.StartsWith(World.FarAddress) == true);
        started.Terminate();
    }

    [Fact]
    public void After_kill_minus_9_leases_are_known_and_a_guest_has_its_address_again()
    {
        string one, two;
        using (var killed = Start())
        {
            (two, one) = (Lease(_world.Two), Lease(_world.One));
            Eventually.Holds(() => File.Exists(Leases) && File.ReadAllText(Leases).Contains($" {one} ", StringComparison.Ordinal));
            killed.Kill();
        }
        File.AppendAllText(Leases, "dev 10.10.0.7");
        using var started = Start();
        Assert.Equal(((string[])[one, two]).ToHashSet(),
            started.Items("leases").Select(lease => lease.GetProperty("address").GetString()!).ToHashSet());
        Assert.Equal(one, Lease(_world.One));
        Assert.True(Ping.Reaches(_world.One, World.FarAddress));
        Assert.Contains("leases.broken", started.WaitForLine("is broken"), StringComparison.Ordinal);
        started.Terminate();
    }

    /// <summary>The address that a client has got.</summary>
    private string Lease(NetNs guest)
    {
        guest.Check("ip addr flush dev eth0 scope global");
        guest.Check($"busybox udhcpc -i eth0 -f -q -n -t 5 -T 1 -s {DhcpClient.Script(_folder)}");
        return guest.Check("ip -4 -o addr show dev eth0").Split(' ', StringSplitOptions.RemoveEmptyEntries)[3].Split('/')[0];
    }

    private string Leases => Path.Combine(_folder, "leases");

    private SoftSwitchProcess Start() => SoftSwitchProcess.Start($$"""
        state: {{_folder}}
        networks:
          dev:
            mode: nat
            subnet: {{World.Inside}}
            dhcp: { reservations: [ { mac: "{{WebMac}}", address: 10.10.0.10, name: web } ] }
            forwards: [ { from: tcp/8080, to: "web:80" } ]
        ports:
          one: { network: dev, kind: tap, netns: "{{_world.One.Name}}", interface: eth0 }
          two: { network: dev, kind: tap, netns: "{{_world.Two.Name}}", interface: eth0 }
        """, _world.Host);
}
