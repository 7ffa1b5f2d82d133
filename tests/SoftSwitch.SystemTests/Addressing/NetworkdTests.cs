using SoftSwitch.SystemTests.Nat;
using SoftSwitch.SystemTests.Peers;
using SoftSwitch.SystemTests.Switching;

namespace SoftSwitch.SystemTests.Addressing;

/// <summary>A guest that is configured by systemd-networkd: what it is told by DHCP is what it sets.</summary>
public sealed class NetworkdTests : IDisposable
{
    private const string Program = "/lib/systemd/systemd-networkd";

    private readonly World _world = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("softswitch-networkd-").FullName;

    public void Dispose()
    {
        _world.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void It_sets_the_reserved_address_routes_and_domains_as_the_file_says()
    {
        Need.RealRoot("mounts of its own");
        Need.File(Program, "systemd");
        using var started = SoftSwitchProcess.Start($$"""
            state: {{_folder}}
            networks:
              lab:
                mode: internal
                subnet: {{World.Inside}}
                dhcp:
                  router: 10.10.0.7
                  routes: { 10.20.0.0/16: 10.10.0.8 }
                  dns: [10.10.0.9]
                  domain: lab.example
                  search: [a.lab.example, b.lab.example]
                  ntp: [192.0.2.123]
                  reservations: [ { client: "FF:00:00:00:01:00:02:00:00:AB:11:01:02:03:04:05:06:07:08", address: 10.10.0.12 } ]
            ports: { one: { network: lab, kind: tap, netns: "{{_world.One.Name}}", interface: eth0 } }
            """, _world.Host);
        using (var networkd = _world.One.Start("unshare", "-m", "sh", Script()))
        {
            Eventually.Holds(() => Routes().Contains("default via 10.10.0.7", StringComparison.Ordinal));
            Assert.Contains("10.20.0.0/16 via 10.10.0.8", Routes(), StringComparison.Ordinal);
            Assert.Contains(" 10.10.0.12/24 ", _world.One.Check("ip -4 -o addr show dev eth0"), StringComparison.Ordinal);
            var lease = _world.Host.Exec("nsenter", ["-t", $"{networkd.Pid}", "-m", "sh", "-c", "cat /run/systemd/netif/leases/*"])
                .Succeeded().Output.Split('\n');
            Assert.Superset(((string[])
            [
                "DNS=10.10.0.9", "NTP=192.0.2.123", "DOMAINNAME=lab.example", "DOMAIN_SEARCH_LIST=a.lab.example b.lab.example",
                "CLASSLESS_ROUTES=10.20.0.0/16,10.10.0.8 0.0.0.0/0,10.10.0.7",
            ]).ToHashSet(), lease.ToHashSet());
            Assert.Equal("bound", Assert.Single(started.Items("leases")).GetProperty("state").GetString());
        }
        started.Terminate();
    }

    [Fact]
    public void It_keeps_its_lease_over_a_kill_and_renews_it()
    {
        Need.RealRoot("mounts of its own");
        Need.File(Program, "systemd");
        OverAKill.KeepsItsLease(_world, _folder, () => _world.One.Start("unshare", "-m", "sh", Script()));
    }

    private string Routes() => _world.One.Check("ip route");

    /// <summary>Folders of its own for what it reads and writes, and a /sys that says that nobody else names interfaces here.</summary>
    private string Script()
    {
        File.WriteAllText(Path.Combine(_folder, "eth0.network"), """
            [Match]
            Name=eth0
            [Network]
            DHCP=ipv4
            LinkLocalAddressing=no
            IPv6AcceptRA=no
            [DHCPv4]
            ClientIdentifier=duid
            IAID=1
            DUIDType=vendor
            DUIDRawData=00:00:ab:11:01:02:03:04:05:06:07:08
            UseDomains=yes
            """);
        var path = Path.Combine(_folder, "networkd");
        File.WriteAllText(path, $"""
            mount -t tmpfs none /run
            mkdir -p /run/systemd/network /run/systemd/netif/links /run/systemd/netif/leases
            cp {_folder}/eth0.network /run/systemd/network/
            chown -R systemd-network: /run/systemd/netif
            mount -o remount,bind,ro /sys
            exec {Program}
            """);
        return path;
    }
}
