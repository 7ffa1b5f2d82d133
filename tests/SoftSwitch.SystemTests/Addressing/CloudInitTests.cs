using SoftSwitch.SystemTests.Nat;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Addressing;

/// <summary>What a cloud image does first: cloud-init has an address for a moment, to ask where its configuration is.</summary>
public sealed class CloudInitTests : IDisposable
{
    private const string Module = "/usr/lib/python3/dist-packages/cloudinit/net/dhcp.py", Python = "/usr/bin/python3";

    private readonly World _world = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("softswitch-cloud-").FullName;

    public void Dispose()
    {
        _world.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Its_early_client_has_an_address_a_route_and_a_way_out_and_leaves_nothing()
    {
        Need.RealRoot("mounts of its own");
        Need.File(Module, "cloud-init");
        Need.Tool("dhclient");
        using var started = SoftSwitchProcess.Start($$"""
            state: {{_folder}}
            networks: { dev: { mode: nat, subnet: {{World.Inside}}, domain: dev.example, dhcp: { range: 10.10.0.50-10.10.0.50 } } }
            ports: { one: { network: dev, kind: tap, netns: "{{_world.One.Name}}", interface: eth0 } }
            """, _world.Host);
        var script = Path.Combine(_folder, "early.py");
        File.WriteAllText(script, $"""
            from cloudinit import subp
            from cloudinit.net.ephemeral import EphemeralDHCPv4
            with EphemeralDHCPv4("eth0") as lease:
                for option in ("fixed-address", "subnet-mask", "routers", "domain-name-servers", "domain-name", "interface-mtu"):
                    print(option, lease.get(option))
                subp.subp(["ping", "-c", "1", "-W", "5", "{World.FarAddress}"])
                print(subp.subp(["ip", "route"])[0])
            """);
        // It ends its dhclient when that has init for its parent: here it is init itself.
        var said = _world.One.Exec("unshare", ["--mount", "--pid", "--fork", "--mount-proc", "sh", "-c",
            $"mount -t tmpfs none /run && {Python} -B {script}"]).Succeeded().Output;
        Assert.StartsWith($"""
            fixed-address 10.10.0.50
            subnet-mask 255.255.255.0
            routers {World.Gateway}
            domain-name-servers {World.Gateway}
            domain-name dev.example
            """, said, StringComparison.Ordinal);
        Assert.Contains($"default via {World.Gateway} dev eth0", said, StringComparison.Ordinal);
        Assert.Empty(_world.One.Check("ip -4 addr show dev eth0"));
        Assert.Equal("10.10.0.50", Assert.Single(started.Items("leases")).GetProperty("address").GetString());
        started.Terminate();
    }
}
