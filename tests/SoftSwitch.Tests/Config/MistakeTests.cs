namespace SoftSwitch.Tests.Config;

/// <summary>Every class of mistake in a file that is YAML: what is wrong and where, and what would be right.</summary>
public class MistakeTests
{
    private const string Lan = "networks: { lan: { mode: internal, subnet: 10.0.0.0/24 } }\nports:\n  p: ";

    [Theory]
    [InlineData("ports: {}\n", "1:1: the file has no 'networks': write networks: { lan: { mode: internal } }")]
    [InlineData("networks: {}\n", "1:11: 'networks' is empty: write a network, such as name: { mode: internal }")]
    [InlineData("networks:\n", "1:1: 'networks' is empty: write a map of networks, such as name: { mode: internal }")]
    [InlineData("networks: [a]\n", "1:11: 'networks' is a list: write a map of networks, such as name: { mode: internal }")]
    [InlineData("network: { lan: { mode: internal } }\n", "1:1: unknown key 'network': did you mean 'networks'?")]
    [InlineData("network: { lan: { mode: internal } }\nports: { a: { network: lan, kind: tap }, b: { network: lan, kind: tap } }\n",
        "1:1: unknown key 'network': did you mean 'networks'?")]
    [InlineData("networks: { lan: { mode: bridged, uplnk: eth0 } }\n", "1:35: unknown key 'uplnk': did you mean 'uplink'?")]
    [InlineData("networks: { lan: { mode: nat, subnet: 10.0.0.0/24, forwards: [{ from: tcp/1, to: \"a:1\" }] } }\n"
        + "port: { a: { network: lan, kind: tap } }\n", "2:1: unknown key 'port': did you mean 'ports'?")]
    [InlineData("networks: { lan: { mode: host-only, subnet: 10.0.0.0/24, mtu: 65535 } }\n",
        "1:63: the host's interface in network 'lan' is a tap, which takes an mtu of 65521 at most: write mtu: 65521")]
    [InlineData("networks: { dev: { mode: nat, outside: { interface: t } } }\nports: { a: { network: dev, kind: tap, interface: t } }\n",
        "1:53: interface 't' is made by this switch itself, at 2:10: write a NIC of the host, or auto")]
    [InlineData("networks: { dev: { mode: nat, outside: { interface: lan } }, lan: { mode: host-only, host: { interface: lan } } }\n",
        "1:53: interface 'lan' is made by this switch itself, at 1:62: write a NIC of the host, or auto")]
    [InlineData("networks: { -: { mode: internal } }\n",
        "1:13: '-' is not a name: 1 to 15 characters of a-z, 0-9 and '-', the first a letter or digit")]
    [InlineData("networks: { lan: { mode: internal } }\nports: { --help: { network: lan, kind: tap } }\n",
        "2:10: '--help' is not a name: 1 to 15 characters of a-z, 0-9 and '-', the first a letter or digit")]
    [InlineData("networks: { lan: { mode: internal, mtu: 65535 } }\nports: { a: { network: lan, kind: tap }, b: { network: lan, "
        + "kind: veth, netns: b } }\n", "2:10: a port of kind tap takes an mtu of 65521 at most, not 65535: write mtu: 65521")]
    [InlineData("networks: { LAN: { mode: internal } }\n",
        "1:13: 'LAN' is not a name: 1 to 15 characters of a-z, 0-9 and '-', the first a letter or digit")]
    [InlineData("networks: { a-name-of-16-xxx: { mode: internal } }\n",
        "1:13: 'a-name-of-16-xxx' is not a name: 1 to 15 characters of a-z, 0-9 and '-', the first a letter or digit")]
    [InlineData("networks: { lan: internal }\n", "1:18: 'lan' is the text 'internal': write a map, such as name: { mode: internal }")]
    [InlineData("networks: { lan: { } }\n", "1:13: network 'lan' has no 'mode': write mode: internal, bridged, nat or host-only")]
    [InlineData("networks: { lan: { mode: host } }\n", "1:26: 'mode': 'host' is not internal, bridged, nat or host-only")]
    [InlineData("networks: { lan: { mode: [] } }\n", "1:26: 'mode' is a list: write internal, bridged, nat or host-only")]
    [InlineData("networks: { lan: { mode: internal, mtu: 67 } }\n", "1:41: 'mtu': '67' is not a whole number from 68 to 65535")]
    [InlineData("networks: { lan: { mode: internal, mtu: 0x5dc } }\n", "1:41: 'mtu': '0x5dc' is not a whole number from 68 to 65535")]
    [InlineData("networks: { lan: { mode: internal, mtu: 1500.0 } }\n", "1:41: 'mtu': '1500.0' is not a whole number from 68 to 65535")]
    [InlineData("networks: { lan: { mode: internal, mtu: 99999999999999999999 } }\n",
        "1:41: 'mtu': '99999999999999999999' is not a whole number from 68 to 65535")]
    [InlineData("networks: { lan: { mode: internal, mtu: } }\n", "1:36: 'mtu' is empty: write a whole number from 68 to 65535")]
    [InlineData("networks: { lan: { mode: internal, ageing: 300 } }\n",
        "1:44: 'ageing': '300' is not a duration from 10s to 86400s, such as 300s, 5m or 12h")]
    [InlineData("networks: { lan: { mode: internal, ageing: 2147483647d } }\n",
        "1:44: 'ageing': '2147483647d' is not a duration from 10s to 86400s, such as 300s, 5m or 12h")]
    [InlineData("networks: { lan: { mode: internal, uplink: eth0 } }\n",
        "1:36: key 'uplink' is not for mode internal, only for bridged: leave it out")]
    [InlineData("networks: { lan: { mode: internal, colour: red } }\n",
        "1:36: unknown key 'colour': network 'lan' takes mode, mtu, comment, ageing, control-frames, arp, guard, host, subnet, dhcp")]
    [InlineData("networks: { lan: { mode: internal, subnet: 10.0.0.1/24 } }\n", "1:44: 'subnet': '10.0.0.1/24' is not an IPv4 subnet such "
        + "as 10.10.0.0/24, with a prefix of 8 to 30 (nat: 16 to 30): write 10.0.0.0/24")]
    [InlineData("networks: { lan: { mode: internal, subnet: 10.0.0.0/31 } }\n",
        "1:44: 'subnet': '10.0.0.0/31' is not an IPv4 subnet such as 10.10.0.0/24, with a prefix of 8 to 30 (nat: 16 to 30)")]
    [InlineData("networks: { lan: { mode: internal, subnet: 10.0.0.0/16 }, dev: { mode: internal, subnet: 10.0.3.0/24 } }\n",
        "1:90: subnet 10.0.3.0/24 overlaps 10.0.0.0/16 of network 'lan': give each network its own")]
    [InlineData("networks: { lan: { mode: internal, dhcp: {} } }\n", "1:36: 'dhcp' on an internal network needs a subnet: write subnet: "
        + "10.10.0.0/24")]
    [InlineData("networks: { lab: { mode: host-only, subnet: 10.0.0.0/30, dhcp: {} } }\n",
        "1:45: subnet 10.0.0.0/30 has addresses for this machine and the DHCP server alone: write a wider one, or dhcp: off")]
    [InlineData("networks: { lan: { mode: internal, subnet: 10.0.0.0/24, dhcp: { range: 10.0.0.9-10.0.1.9 } } }\n",
        "1:72: range 10.0.1.9 is outside the subnet 10.0.0.0/24: write one of 10.0.0.1 to 10.0.0.254")]
    [InlineData("networks: { lan: { mode: bridged } }\n",
        "1:13: network 'lan' is bridged and has no way to the LAN: write uplink: and the name of a NIC, or add a port of kind nic")]
    [InlineData("networks: { lan: { mode: bridged, uplink: a/b } }\n",
        "1:43: 'uplink': 'a/b' is not an interface name: at most 15 visible characters, without '/', ':' and '%'")]
    [InlineData("networks: { lan: { mode: bridged, uplink: eth0.5 } }\n",
        "1:43: uplink 'eth0.5' becomes a port of that name, and it is not a name: 1 to 15 characters of a-z, 0-9 and '-', "
            + "the first a letter or digit: write a port of kind nic with interface: eth0.5 instead")]
    [InlineData("networks: { lan: { mode: bridged, uplink: eth0 } }\nports: { eth0: { network: lan, kind: tap } }\n",
        "1:43: uplink 'eth0' becomes a port of that name, and there is one at 2:10: keep one of them, or rename the port")]
    [InlineData("networks: { lan: { mode: bridged, uplink: eth0 } }\nports: { p: { network: lan, kind: nic, interface: eth0 } }\n",
        "2:51: interface 'eth0' is taken at 1:43 already: one port an interface")]
    [InlineData("workers: 0\nnetworks: { lan: { mode: internal } }\n", "1:10: 'workers': '0' is not a whole number from 1 to 64")]
    [InlineData("workers: 65\nnetworks: { lan: { mode: internal } }\n", "1:10: 'workers': '65' is not a whole number from 1 to 64")]
    [InlineData("workers: 2\ncpus: [1]\nnetworks: { lan: { mode: internal } }\n",
        "1:10: 2 workers but 1 in 'cpus': give each worker a processor")]
    [InlineData("cpus: [1, 1, a, [2]]\nnetworks: { lan: { mode: internal } }\n",
        "1:11: processor 1 stands here a second time, the first is at 1:8: give each worker its own\n"
            + "1:14: 'cpus': 'a' is not a whole number from 0 to 1023\n1:17: 'cpus' is a list: write a whole number from 0 to 1023")]
    [InlineData("cpus: 1\nnetworks: { lan: { mode: internal } }\n",
        "1:7: 'cpus' is the text '1': write a list of processor numbers such as [1, 3]")]
    [InlineData("poll: busy\nnetworks: { lan: { mode: internal } }\n", "1:7: 'poll': 'busy' is not adaptive or always")]
    [InlineData("state: here\nnetworks: { lan: { mode: internal } }\n",
        "1:8: 'state': 'here' is not a folder: an absolute path such as /var/lib/softswitch")]
    [InlineData("listen: 0.0.0.0:8080\nnetworks: { lan: { mode: internal } }\n",
        "1:9: 'listen': '0.0.0.0:8080' is not a loopback address with a port, such as 127.0.0.1:8080")]
    [InlineData("\"networks\\n\": 1\n", "1:1: unknown key 'networks?': did you mean 'networks'?\n"
        + "1:15: 'networks' is the text '1': write a map of networks, such as name: { mode: internal }")]
    public void A_mistake_in_a_network_or_at_the_top_is_told_at_its_place(string text, string mistakes) =>
        Assert.Equal(mistakes, Files.Mistakes(text));

    [Theory]
    [InlineData("tap", "3:6: 'p' is the text 'tap': write a map, such as name: { network: lan, kind: tap }")]
    [InlineData("{}", "3:3: port 'p' has no 'network': write network: and the name of a network\n"
        + "3:3: port 'p' has no 'kind': write kind: tap, guest, nic or veth")]
    [InlineData("{ network: lam, kind: tap }", "3:17: there is no network 'lam': did you mean 'lan'?")]
    [InlineData("{ network: lan, kind: tapp }", "3:28: 'kind': 'tapp' is not tap, guest, nic or veth: did you mean 'tap'?")]
    [InlineData("{ network: lan, kind: veth }",
        "3:3: port 'p' has no 'netns': write netns: and the name, path or pid of the namespace that gets the other end")]
    [InlineData("{ network: lan, kind: nic, netns: box }",
        "3:33: key 'netns' is not for kind nic, only for tap or veth: leave it out")]
    [InlineData("{ network: lan, kind: tap, owner: root }", "3:33: key 'owner' is not for kind tap, only for guest: leave it out")]
    [InlineData("{ network: lan, kind: tap, netns: a/b }",
        "3:40: 'netns': 'a/b' is not a network namespace: its name, the absolute path of its file, or a pid")]
    [InlineData("{ network: lan, kind: tap, netns: 0 }",
        "3:40: 'netns': '0' is not a network namespace: its name, the absolute path of its file, or a pid")]
    [InlineData("{ network: lan, kind: tap, interface: a-name-of-16-xxx }",
        "3:44: 'interface': 'a-name-of-16-xxx' is not an interface name: at most 15 visible characters, without '/', ':' and '%'")]
    [InlineData("{ network: lan, kind: tap, address: 10.0.0.9 }",
        "3:42: 'address': '10.0.0.9' is not auto, or an IPv4 address of one station with its prefix length, such as 10.10.0.9/24")]
    [InlineData("{ network: lan, kind: tap, address: 10.0.1.9/24 }",
        "3:42: address 10.0.1.9 is outside the subnet 10.0.0.0/24: write one of 10.0.0.1 to 10.0.0.254")]
    [InlineData("{ network: lan, kind: tap, address: 10.0.0.9/16 }",
        "3:42: address 10.0.0.9/16 has another prefix length than the subnet 10.0.0.0/24: write 10.0.0.9/24")]
    [InlineData("{ network: lan, kind: tap, address: 10.0.0.9/25 }",
        "3:42: address 10.0.0.9/25 has another prefix length than the subnet 10.0.0.0/24: write 10.0.0.9/24")]
    [InlineData("{ network: lan, kind: tap, address: 10.0.0.255/16 }",
        "3:42: address 10.0.0.255 is the broadcast address of the subnet 10.0.0.0/24: write one of 10.0.0.1 to 10.0.0.254")]
    [InlineData("{ network: lan, kind: tap, mtu: 9000 }",
        "3:38: mtu 9000 is more than the 1500 of network 'lan': write less, or mtu: 9000 at the network")]
    [InlineData("{ network: lan, kind: tap, mtu: 1400 }\n  q: { network: lan, kind: nic, mtu: 1501 }",
        "4:38: mtu 1501 is more than the 1500 of network 'lan': write less, or mtu: 1501 at the network")]
    [InlineData("{ network: lan, kind: tap, address: 10.0.0.0/24 }",
        "3:42: 'address': '10.0.0.0/24' is not auto, or an IPv4 address of one station with its prefix length, such as 10.10.0.9/24")]
    [InlineData("{ network: lan, kind: tap, address: auto }",
        "3:42: 'address: auto' is for an interface in a namespace, with netns: write an address such as 10.10.0.9/24\n"
            + "3:42: network 'lan' gives no addresses: write dhcp: {} there, or an address")]
    [InlineData("{ network: lan, kind: nic, gateway: no }",
        "3:33: key 'gateway' is not for kind nic, only for tap or veth: leave it out")]
    [InlineData("{ network: lan, kind: tap, mac: \"01:00:5e:00:00:01\" }",
        "3:38: 'mac': '01:00:5e:00:00:01' is not a MAC address of one station, such as \"52:54:00:12:34:56\"")]
    [InlineData("{ network: lan, kind: tap, mac: 52:54:00:00:00 }",
        "3:38: 'mac': '52:54:00:00:00' is not a MAC address of one station, such as \"52:54:00:12:34:56\"")]
    [InlineData("{ network: lan, kind: guest, owner: -root }", "3:42: 'owner': '-root' is not a user: a name or a uid")]
    [InlineData("{ network: lan, kind: vhost-user }", "3:28: kind 'vhost-user' is not available yet (available: tap, guest, nic, veth)")]
    [InlineData("{ network: lan, kind: stream, listen: /run/a, connect: /run/b }",
        "3:28: kind 'stream' is not available yet (available: tap, guest, nic, veth)")]
    [InlineData("{ network: lan, kind: dgram, local: /run/a, remote: /run/b }",
        "3:28: kind 'dgram' is not available yet (available: tap, guest, nic, veth)")]
    [InlineData("{ network: lan, kind: macvtap, parent: eth0, type: bridged }", "3:28: kind 'macvtap' is not available yet (available: "
        + "tap, guest, nic, veth)\n3:57: 'type': 'bridged' is not bridge, private, vepa or passthru: did you mean 'bridge'?")]
    [InlineData("{ network: lan, kind: tap }\n  q: { network: lan, kind: tap, interface: p }",
        "4:44: interface 'p' is taken at 3:3 already: one port an interface")]
    [InlineData("{ network: lan, kind: tap, mac: \"52:54:00:00:00:01\" }\n  q: { network: lan, kind: tap, mac: \"52:54:00:00:00:01\" }",
        "4:38: mac 52:54:00:00:00:01 stands here a second time, the first is at 3:38: give each port its own")]
    [InlineData("{ network: lan, kind: tap, address: 10.0.0.9/24 }\n  q: { network: lan, kind: tap, address: 10.0.0.9/24 }",
        "4:42: address 10.0.0.9 is taken by the port at 3:42: give each port its own")]
    [InlineData("{ network: lan, kind: veth, netns: a, interface: eth0 }\n  q: { network: lan, kind: veth, netns: /run/netns/a, "
        + "interface: eth0 }", "4:66: interface 'eth0' is taken at 3:55 already: one port an interface")]
    public void A_mistake_in_a_port_is_told_at_its_place(string port, string mistakes) =>
        Assert.Equal(mistakes, Files.Mistakes(Lan + port + "\n"));

    [Fact]
    public void All_mistakes_are_told_in_one_go_in_the_order_of_the_file()
    {
        Assert.Equal(
            """
            1:10: 'workers': 'many' is not a whole number from 1 to 64
            3:19: 'mode': 'bridgd' is not internal, bridged, nat or host-only: did you mean 'bridged'?
            7:14: gateway 10.11.0.1 is outside the subnet 10.10.0.0/24: write one of 10.10.0.1 to 10.10.0.254
            9:14: 'range': '10.10.0.200-10.10.0.50' is not a range of IPv4 addresses, the lower one first, such as 10.10.0.50-10.10.0.200
            10:14: 'lease': '12' is not a duration from 60s to 365d, such as 300s, 5m or 12h
            12:48: address 10.10.1.10 is outside the subnet 10.10.0.0/24: write one of 10.10.0.1 to 10.10.0.254
            12:66: 'name': 'Web' is not a host name: 1 to 63 characters of a-z, 0-9 and '-', none of these at either end
            13:18: 52:54:00:00:00:01 is reserved a second time, the first is at 12:18: one reservation a station
            14:28: 'servers': 'ten' is not auto, or the IPv4 address of a DNS server
            16:36: a range of ports keeps its numbers: write web without a port
            16:36: nobody is called 'web': write the name of a port of network 'dev', or an address
            17:17: tcp/2225 is forwarded at 16:17 already: one forward a port
            18:17: 'from': 'icmp/1' is not a protocol with a port or a range of ports, such as tcp/2222 or udp/5000-5010
            18:29: nobody is called 'nobody': write the name of a port of network 'dev', or an address
            20:19: there is no network 'deb': did you mean 'dev'?
            20:42: 'mac': '52-54-00-00-00-0x' is not a MAC address of one station, such as "52:54:00:12:34:56"
            21:42: aliases are refused: write the value itself in place of '*box'
            22:3: key 'vm2' stands here a second time, the first is at 21:3: keep one of them
            """, Files.Mistakes("""
            workers: many
            networks:
              office: { mode: bridgd, uplink: eth0 }
              dev:
                mode: nat
                subnet: 10.10.0.0/24
                gateway: 10.11.0.1
                dhcp:
                  range: 10.10.0.200-10.10.0.50
                  lease: 12
                  reservations:
                    - { mac: "52:54:00:00:00:01", address: 10.10.1.10, name: Web }
                    - { mac: "52:54:00:00:00:01", address: 10.10.0.1 }
                dns: { servers: [auto, ten] }
                forwards:
                  - { from: tcp/2222-2230, to: "web:22" }
                  - { from: tcp/2225, to: "10.10.0.20" }
                  - { from: icmp/1, to: nobody }
            ports:
              vm1: { network: deb, kind: guest, mac: 52-54-00-00-00-0x }
              vm2: { network: dev, kind: tap, netns: *box }
              vm2: { network: dev }

            """));
    }

    [Fact]
    public void The_languages_full_example_is_refused_only_for_what_is_not_built_and_a_gateway_without_an_address()
    {
        Assert.Equal(
            """
            12:16: 'gateway' goes only with an address of its own: leave it out, or write address: 192.0.2.10/24
            32:35: kind 'vhost-user' is not available yet (available: tap, guest, nic, veth)
            33:35: kind 'stream' is not available yet (available: tap, guest, nic, veth)
            """, Files.Mistakes(Files.Full));
    }
}
