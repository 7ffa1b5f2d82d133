using SoftSwitch.SystemTests.Nat;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Addressing;

/// <summary>Where the gateway isn't ours, or there is none, a station of ours gives addresses: in host-only networks by default, in
/// internal ones where the file says so.</summary>
public sealed class DhcpWithoutGatewayTests : IDisposable
{
    private readonly World _world = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("softswitch-dhcp-").FullName;

    public void Dispose()
    {
        _world.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("mode: host-only, subnet: 192.168.56.0/24, host: { interface: ss-lab }")]
    [InlineData("mode: internal, subnet: 192.168.56.0/24, dhcp: {}")]
    public void Guests_get_addresses_without_a_route_keep_them_and_reach_each_other(string network)
    {
        var isWithHost = network.Contains("host-only", StringComparison.Ordinal);
        using var started = SoftSwitchProcess.Start($$"""
            state: {{_folder}}
            networks: { lab: { {{network}} } }
            ports:
              one: { network: lab, kind: tap, netns: "{{_world.One.Name}}", interface: eth0 }
              two: { network: lab, kind: tap, netns: "{{_world.Two.Name}}", interface: eth0 }
            """, _world.Host);
        using var capture = new Capture(_world.One, "eth0", "out");
        using var client = DhcpClient.Start(_world.One, _folder);
        using var other = DhcpClient.Start(_world.Two, _folder);
        var (one, two) = (client.WaitForAddress(), other.WaitForAddress());
        Assert.NotEqual(one, two);
        Assert.All([one, two], address => Assert.StartsWith("192.168.56.", address));
        Assert.True(Ping.Reaches(_world.One, two));
        if (isWithHost)
            Assert.True(Ping.Reaches(_world.One, "192.168.56.1"));
        Assert.DoesNotContain("default", _world.One.Check("ip route"));
        // It is asked by a datagram to itself alone.
        client.Renew();
        Assert.Equal(((string[])[one, two]).ToHashSet(),
            started.Items("leases").Select(lease => lease.GetProperty("address").GetString()!).ToHashSet());
        Assert.Equal(1, Tshark.Count(capture.Stop(), "udp.dstport == 67 && ip.dst == 192.168.56.254"));
        started.Terminate();
    }

    [Fact]
    public void Off_is_off_and_a_subnet_for_the_host_and_one_guest_has_none()
    {
        foreach (var (network, address) in new[]
        {
            ("subnet: 192.168.56.0/24, dhcp: off", "192.168.56.9/24"), ("subnet: 192.168.56.0/30", "192.168.56.2/30"),
        })
        {
            using var started = SoftSwitchProcess.Start($$"""
                networks: { lab: { mode: host-only, {{network}}, host: { interface: ss-lab } } }
                ports: { one: { network: lab, kind: tap, netns: "{{_world.One.Name}}", interface: eth0, address: {{address}} } }
                """, _world.Host);
            started.WaitForLine("network lab: no DHCP: its guests need addresses of their own");
            Assert.True(Ping.Reaches(_world.One, "192.168.56.1"));
            Assert.Empty(started.Items("leases"));
            started.Terminate();
        }
    }
}
