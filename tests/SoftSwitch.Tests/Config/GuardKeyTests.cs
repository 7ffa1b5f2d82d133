using SoftSwitch.Model;

namespace SoftSwitch.Tests.Config;

/// <summary>Who is guarded, by his port or his network, and where that can't be.</summary>
public sealed class GuardKeyTests
{
    [Fact]
    public void A_port_has_its_network_s_unless_it_has_its_own_and_a_NIC_has_none()
    {
        var model = Files.Read("""
            networks: { dev: { mode: nat, guard: on, subnet: 10.10.0.0/24 }, lan: { mode: bridged, uplink: eth0, guard: mac } }
            ports:
              a: { network: dev, kind: guest }
              b: { network: dev, kind: tap, netns: b, guard: off }
              c: { network: lan, kind: veth, netns: c }
              d: { network: lan, kind: nic }
              e: { network: lan, kind: veth, netns: e, guard: ip, address: 192.0.2.9/24 }
            """).Model!;
        Assert.Equal([("eth0", Guarding.Off), ("a", Guarding.On), ("b", Guarding.Off), ("c", Guarding.Mac), ("d", Guarding.Off),
            ("e", Guarding.Ip)], model.Ports.Select(port => (port.Name, port.Guard)));
    }

    [Theory]
    [InlineData("lan: { mode: bridged, uplink: eth0 }", "network: lan, kind: guest, guard: on", "2:49: guard: on lets port 'a' send from "
        + "addresses that it was given, and nothing gives it one: write guard: mac at the port")]
    [InlineData("lan: { mode: internal, guard: ip }", "network: lan, kind: tap", "1:43: guard: ip lets port 'a' send from "
        + "addresses that it was given, and nothing gives it one: write dhcp: {} at the network, an address or guard: mac at the port")]
    [InlineData("lan: { mode: nat, dhcp: off }", "network: lan, kind: tap, guard: on", "2:47: guard: on lets port 'a' send from "
        + "addresses that it was given, and nothing gives it one: write dhcp: {} at the network, an address or guard: mac at the port")]
    [InlineData("lan: { mode: internal, guard: yes }", "network: lan, kind: tap",
        "1:43: 'guard': 'yes' is not off, mac, ip or on")]
    [InlineData("lan: { mode: bridged, uplink: eth0 }", "network: lan, kind: nic, guard: mac",
        "2:40: key 'guard' is not for kind nic, only for tap, guest or veth: leave it out")]
    public void A_guard_that_would_let_nobody_speak_is_a_mistake(string network, string port, string mistake) => Assert.Equal([mistake],
        Files.Read($$"""
            networks: { {{network}} }
            ports: { a: { {{port}} } }
            """).Mistakes.Select(one => one.ToString()["file:".Length..][..mistake.Length]));

    [Theory]
    [InlineData("lan: { mode: internal, dhcp: {}, subnet: 10.0.0.0/24, guard: on }", "network: lan, kind: guest")]
    [InlineData("lan: { mode: bridged, uplink: eth0, guard: on }", "network: lan, kind: tap, netns: a, address: 192.0.2.9/24")]
    [InlineData("lan: { mode: host-only }", "network: lan, kind: guest, guard: on")]
    public void Where_somebody_gives_addresses_it_is_none(string network, string port) =>
        Assert.Empty(Files.Read($$"""
            networks: { {{network}} }
            ports: { a: { {{port}} } }
            """).Mistakes);
}
