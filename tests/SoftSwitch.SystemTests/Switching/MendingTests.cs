using System.Text.Json;
using System.Text.RegularExpressions;
using SoftSwitch.Linux.Endpoints.HostWay;
using SoftSwitch.Linux.Endpoints.Tap;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Switching;

/// <summary>Others take away from the switch's interfaces what is the switch's: it is put back at once.</summary>
public sealed class MendingTests
{
    [Fact]
    public void Seal_filters_addresses_and_MTU_are_put_back()
    {
        Need.Tun();
        using var host = new NetNs("host");
        using var far = new NetNs("far");
        host.Veth("nic", far, "end");
        host.Address("nic", "192.0.2.1/24");
        using var started = SoftSwitchProcess.Start("""
            networks:
              lab: { mode: host-only, subnet: 192.168.56.0/24, host: { interface: ss-lab } }
              lan: { mode: bridged, uplink: nic }
              out: { mode: nat, subnet: 192.168.57.0/24, outside: { interface: nic } }
            ports: { vm: { network: lab, kind: guest }, ht: { network: lan, kind: tap } }
            """, host);
        // An action has a number of its own each time, and while the helper is made anew there is none.
        string Filters(string name) => string.Concat(new[] { "ingress", "egress" }.Select(side => Regex.Replace(
            host.Run($"tc filter show dev {name} {side}").Output, "\\bindex [0-9]+", "")));
        string Addresses(string name) => string.Join(' ', Regex.Matches(
            host.Check($"ip -o addr show dev {name}"), "inet6? [^ ]+").Select(match => match.Value).Order());
        var (seal, helper) = (Filters("vm"), Filters("sh-nic"));
        Assert.NotEmpty(seal);
        Assert.NotEmpty(helper);
        for (var i = 0; i < 2; i++)
        {
            host.Check("tc qdisc delete dev vm clsact");
            Eventually.Equal(seal, () => Filters("vm"));
            host.Check("tc filter delete dev vm ingress");
            Eventually.Equal(seal, () => Filters("vm"));
            host.Check("tc qdisc delete dev sh-nic clsact");
            Eventually.Equal(helper, () => Filters("sh-nic"));
            // Another's, before ours.
            host.Exec("tc", ["filter", "add", "dev", "sh-nic", "egress", "pref", "1", "protocol", "all", "handle", "2",
                "bpf", "bytecode", "1,6 0 0 2,", "direct-action"]).Succeeded();
            Eventually.Equal(helper, () => Filters("sh-nic"));
            var addresses = Addresses("ss-lab");
            Assert.Contains("inet6 fe80::", addresses);
            host.Check("ip addr flush dev ss-lab");
            Eventually.Equal(addresses, () => Addresses("ss-lab"));
        }
        host.Check("ip link set dev vm mtu 700");
        Eventually.Holds(() => host.Check("ip -o link show dev vm").Contains("mtu 1500"));
        foreach (var (name, mtu) in new[] { ("sh-nic", 1500), ("sn-out", HostWayEndpoint.MaxMtu) })
        {
            var mac = host.Mac(name);
            host.Check($"ip link set dev {name} mtu 700 address 02:00:00:00:00:77");
            Eventually.Holds(() => host.Check($"ip -o link show dev {name}").Contains($"mtu {mtu}") && host.Mac(name) == mac);
        }
        // Routes that the kernel makes of an address, and only when it is given; in all tables, of both families.
        string Routes(string name) => string.Join('\n', new[] { "-4", "-6" }.SelectMany(family => host.Run(
            $"ip {family} route show table all dev {name}").Output.Split('\n')).Where(line => !line.StartsWith("multicast ")).Order());
        string Neighbor() => host.Check("ip neigh show dev sn-out nud permanent");
        // The kernel forgets neighbors where a MAC changes.
        Eventually.Holds(() => Neighbor() != "");
        var (routes, way, neighbor) = (Routes("ss-lab"), Routes("sn-out"), Neighbor());
        Assert.Contains("192.168.56.0/24 proto kernel", routes);
        foreach (var attack in new[]
        {
            "ip route flush dev ss-lab", "ip -6 route flush dev ss-lab", "ip route flush table local dev ss-lab",
            "ip route flush table local dev sn-out", "ip neigh flush nud permanent dev sn-out",
        })
        {
            host.Check(attack);
            Eventually.Equal($"{routes} {way} {neighbor}", () => $"{Routes("ss-lab")} {Routes("sn-out")} {Neighbor()}");
        }
        // An MTU below 1,280 turns IPv6 off; after that the kernel begins anew.
        foreach (var name in new[] { "sn-out", "sh-nic" })
            Eventually.Equal("", () => Addresses(name));
        Eventually.Equal("0", () => host.Check("cat /proc/sys/net/ipv6/conf/sh-nic/accept_ra").Trim());
        // Its route goes with it.
        host.Check("ip link set dev sn-out down");
        Eventually.Holds(() => host.Check("ip -o link show dev sn-out").Contains(",UP")
            && host.Check("ip route show table local dev sn-out") != "");
        foreach (var name in new[] { "ss-lab", "ht" })
        {
            var mac = host.Mac(name);
            host.Check($"ip link set dev {name} address 02:00:00:00:00:77");
            Eventually.Holds(() => host.Mac(name) == mac);
        }
        host.Check("ip link set dev vm addrgenmode eui64");
        Eventually.Holds(() => host.Check("ip -d link show dev vm").Contains("addrgenmode none"));
        Assert.All(started.Items("ports"), port => Assert.NotEqual("failed", port.GetProperty("state").GetString()));
        started.Terminate();
    }

    [Fact]
    public void What_a_NIC_takes_since_its_MTU_was_changed_passes()
    {
        Need.Tun();
        using var host = new NetNs("host");
        using var far = new NetNs("far");
        using var guest = new NetNs("guest");
        host.Veth("nic", far, "end");
        host.Check("ip link set dev nic mtu 1400");
        far.Address("end", "192.0.2.1/24");
        using var started = SoftSwitchProcess.Start($$"""
            networks: { lan: { mode: bridged, uplink: nic } }
            ports: { g: { network: lan, kind: veth, netns: "{{guest.Name}}", interface: eth0, address: 192.0.2.9/24 } }
            """, host);
        Ping.Wait(guest, "192.0.2.1");
        Assert.False(Ping.Reaches(guest, "-M do 192.0.2.1", bytes: 1472, count: 1));
        host.Check("ip link set dev nic mtu 1500");
        Eventually.Holds(() => Ping.Reaches(guest, "-M do 192.0.2.1", bytes: 1472, count: 1));
        started.Terminate();
    }

    [Fact]
    public void A_NIC_that_somebody_puts_into_a_bridge_is_told_and_comes_back_when_it_is_free()
    {
        Need.Tun();
        using var host = new NetNs("host");
        using var far = new NetNs("far");
        host.Veth("nic", far, "end");
        host.Veth("wan", far, "net");
        host.Address("wan", "192.0.2.1/24");
        using var started = SoftSwitchProcess.Start("""
            networks:
              lan: { mode: bridged, uplink: nic }
              lab: { mode: internal }
              out: { mode: nat, subnet: 192.168.57.0/24, outside: { interface: wan } }
            ports: { t: { network: lab, kind: tap } }
            """, host);
        host.Check("ip link add name br type bridge");
        foreach (var (nic, port, cure) in new[]
        {
            ("nic", "nic", "so free it: ip link set nic nomaster"), ("wan", "out.out", "which is the outside's interface in its place"),
        })
        {
            host.Check($"ip link set dev {nic} master br");
            Eventually.Holds(() => Port(port).TryGetProperty("reason", out var reason)
                && reason.GetString()!.Contains($"it belongs to a bridge or bond, {cure}"));
        }
        Assert.Equal("failed", State("sh-nic"));
        host.Check("ip link set dev nic nomaster");
        host.Check("ip link set dev wan nomaster");
        Eventually.Holds(() => State("nic") == "up" && State("sh-nic") == "up" && State("out.out") == "up", 15);
        started.Terminate();

        string? State(string name) => Port(name).GetProperty("state").GetString();

        JsonElement Port(string name) => started.Items("ports").Single(port => port.GetProperty("name").GetString() == name);
    }

    [Fact]
    public void That_the_file_of_the_control_socket_was_removed_is_told()
    {
        Need.Tun();
        using var host = new NetNs("host");
        using var started = SoftSwitchProcess.Start("networks: { q: { mode: internal } }\nports: { t: { network: q, kind: tap } }\n", host);
        File.Delete(started.Socket);
        started.WaitForLine($"control socket: {started.Socket} was removed");
        started.Terminate();
    }

    [Fact]
    public void A_tap_that_can_t_be_sealed_is_down_and_its_port_says_why()
    {
        Need.Tun();
        using var host = new NetNs("host");
        using var space = NetworkNamespace.Open(host.Name);
        using var started = SoftSwitchProcess.Start(
            "networks: { lab: { mode: internal } }\nports: { vm: { network: lab, kind: guest } }\n", host);
        using var guest = space.Run(() => TapDevice.Attach("vm", 0));
        Eventually.Holds(() => State() == "up");
        // In the seal's own line, and before it: all may pass.
        string[] filter = ["dev", "vm", "ingress", "pref", "1", "protocol", "all", "handle", "2", "bpf"];
        host.Exec("tc", ["filter", "add", .. filter, "bytecode", "1,6 0 0 0,", "direct-action"]).Succeeded();
        Eventually.Holds(() => Port().TryGetProperty("reason", out var reason)
            && reason.GetString()!.Contains("seal of tap vm: device or resource busy (filters of another program are in its place"));
        // It is tried again and again.
        for (var i = 0; i < 20; i++)
            Assert.DoesNotContain(",UP", host.Check("ip -o link show dev vm"));
        host.Exec("tc", ["filter", "delete", .. filter]).Succeeded();
        Eventually.Holds(() => State() == "up", 15);
        started.Terminate();

        string? State() => Port().GetProperty("state").GetString();

        JsonElement Port() => started.Items("ports").Single();
    }
}
