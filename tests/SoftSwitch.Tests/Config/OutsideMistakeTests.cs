using SoftSwitch.Config;
using SoftSwitch.Config.Checks;
using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Model;

namespace SoftSwitch.Tests.Config;

/// <summary>Every class of mistake in nat and host-only networks: what is wrong and where, and what would be right.</summary>
public class OutsideMistakeTests
{
    private const string Own = "networks: { a: { mode: nat, subnet: 10.1.0.0/24, outside: ";

    [Theory]
    [InlineData("nat, filtering: all", "1:42: 'filtering': 'all' is not endpoint, address or address-and-port")]
    [InlineData("nat, timeouts: 60s",
        "1:41: 'timeouts' is the text '60s': write a map such as { udp: 300s, tcp: 7440s, tcp-transitory: 240s, icmp: 60s }")]
    [InlineData("nat, timeouts: { udp: 119s }", "1:48: 'udp': '119s' is not a duration from 120s to 7d, such as 300s, 5m or 12h")]
    [InlineData("nat, timeouts: { tcp: 2h }", "1:48: 'tcp': '2h' is not a duration from 7440s to 7d, such as 300s, 5m or 12h")]
    [InlineData("nat, timeouts: { tcp-transitory: 239s }",
        "1:59: 'tcp-transitory': '239s' is not a duration from 240s to 7d, such as 300s, 5m or 12h")]
    [InlineData("nat, timeouts: { icmp: 59s }", "1:49: 'icmp': '59s' is not a duration from 60s to 7d, such as 300s, 5m or 12h")]
    [InlineData("nat, timeouts: { sctp: 1h }", "1:43: unknown key 'sctp': 'timeouts' takes udp, tcp, tcp-transitory, icmp")]
    [InlineData("nat, flows: 1", "1:38: 'flows': '1' is not a whole number from 2 to 4000000")]
    [InlineData("nat, flows: 4000001", "1:38: 'flows': '4000001' is not a whole number from 2 to 4000000")]
    [InlineData("nat, flows: 10, flows-per-guest: 11",
        "1:59: 11 flows a guest are more than the 10 of the network: write fewer, or a larger 'flows'")]
    [InlineData("nat, flows-per-guest: 2000000",
        "1:48: 2000000 flows a guest are more than the 1048576 of the network: write fewer, or a larger 'flows'")]
    [InlineData("nat, flows: 4000000, flows-per-guest: 4000001",
        "1:64: 'flows-per-guest': '4000001' is not a whole number from 2 to 4000000")]
    [InlineData("nat, ports-per-guest: 0", "1:48: 'ports-per-guest': '0' is not a whole number from 1 to 196608")]
    [InlineData("nat, subnet: 10.0.0.0/15", "1:39: subnet 10.0.0.0/15 is wider than a gateway has neighbors: write a prefix of 16 to 30")]
    [InlineData("nat, flow-log: flows.log",
        "1:41: 'flow-log': 'flows.log' is not a file: an absolute path such as /var/log/softswitch/flows.log")]
    [InlineData("nat, flow-log: /var/log/",
        "1:41: 'flow-log': '/var/log/' is not a file: an absolute path such as /var/log/softswitch/flows.log")]
    [InlineData("nat, outside: { port: 1024-2000 }", "1:42: unknown key 'port': did you mean 'ports'?")]
    [InlineData("nat, outside: { ports: 1023-2000 }",
        "1:49: the ports 1023-2000 of the host's address: those below 1024 belong to its own services: begin at 1024 or above")]
    [InlineData("nat, outside: { ports: 0-2000 }",
        "1:49: 'ports': '0-2000' is not a range of ports, the lower one first, such as 16384-29999")]
    [InlineData("nat, outside: { ports: 2000 }", "1:49: 'ports': '2000' is not a range of ports, the lower one first, such as 16384-29999")]
    [InlineData("nat, outside: { ports: 1024-65536 }",
        "1:49: 'ports': '1024-65536' is not a range of ports, the lower one first, such as 16384-29999")]
    [InlineData("nat, outside: { ports: 3000-2000 }",
        "1:49: 'ports': '3000-2000' is not a range of ports, the lower one first, such as 16384-29999")]
    [InlineData("nat, subnet: 10.0.0.0/24, outside: { address: dhcp, gateway: 192.0.2.1 }",
        "1:87: 'gateway' doesn't go with address: dhcp, where the lease says the router: leave it out")]
    [InlineData("nat, subnet: 10.0.0.0/24, outside: { address: dhcp }, forwards: [ { from: udp/68, to: \"10.0.0.5:68\" } ]",
        "1:100: udp/68 is where the outside address is leased (address: dhcp): leave it out")]
    [InlineData("nat, subnet: 10.0.0.0/24, outside: { address: dhcp }, forwards: [ { from: tcp/80, on: 192.0.2.1, to: \"10.0.0.5:80\" } ]",
        "1:112: 'on' goes only where the host's address is shared, and this network has one of its own: leave it out")]
    [InlineData("nat, outside: { address: mine }",
        "1:51: 'address': 'mine' is not host, dhcp, or an address of its own such as 192.0.2.10/24")]
    [InlineData("host-only, subnet: 10.0.0.0/30, dns: {}",
        "1:45: subnet 10.0.0.0/30 has addresses for this machine and the DNS server alone: write a wider one, or dns: off")]
    [InlineData("internal, dns: {}", "1:36: key 'dns' is not for mode internal, only for nat or host-only: leave it out")]
    [InlineData("nat, dns: { servers: [] }", "1:47: 'servers' is empty: write a list such as [auto] or [192.0.2.53]")]
    [InlineData("nat, dns: { servers: [\"::1\"] }", "1:48: 'servers': '::1' is not auto, or the IPv4 address of a DNS server")]
    [InlineData("nat, subnet: 10.0.0.0/24, dns: { servers: [192.0.2.53, 10.0.0.1] }",
        "1:81: 10.0.0.1 is this switch's own: write a resolver that it can ask, or auto")]
    [InlineData("nat, dns: { hosts: { db: ten, a_b: 10.0.0.9 } }", "1:51: 'db': 'ten' is not an IPv4 address such as 10.10.0.1\n"
        + "1:56: 'a_b' is not a name such as db or dev.example: words of a-z, 0-9 and '-' with dots between, none longer than 63 "
        + "characters, 189 in all")]
    [InlineData("nat, dns: { hosts: { gateway: 10.0.0.9 } }",
        "1:47: the gateway is called 'gateway' in this network: give it another name")]
    [InlineData("nat, domain: dev.example, dns: { hosts: { gateway.dev.example: 10.0.0.9, db: 10.0.0.8, db.dev.example: 10.0.0.7 } }",
        "1:68: the gateway is called 'gateway' in this network: give it another name\n"
        + "1:113: 'db.dev.example' is 'db' in this network, which stands here already: leave one of the two out")]
    [InlineData("nat, subnet: 10.0.0.0/24, dhcp: { reservations: [ { mac: \"52:54:00:00:00:01\", address: 10.0.0.5, name: gateway } ] }",
        "1:129: the gateway is called 'gateway' in this network: give it another name")]
    [InlineData("nat, dns: { host: on }", "1:44: the host has no interface in this network, by which it could ask: give it a port of kind "
        + "tap with an address and without netns, or leave this out")]
    [InlineData("nat, dns: { host: yes }", "1:44: 'host': 'yes' is not on or off")]
    [InlineData("nat, dns: { hosts: [db] }", "1:45: 'hosts' is a list: write a map such as { db: 10.10.0.20 }")]
    [InlineData("nat, dns: off, domain: dev.example",
        "1:49: 'domain' is for names that dns tells, and that is off: leave one of the two out")]
    [InlineData("nat, domain: dev.example.", "1:39: 'domain': 'dev.example.' is not a name such as db or dev.example: words of a-z, 0-9 "
        + "and '-' with dots between, none longer than 63 characters, 189 in all")]
    [InlineData("internal, domain: dev.example",
        "1:36: key 'domain' is not for mode internal, only for nat or host-only: leave it out")]
    [InlineData("nat, host: { interface: x }", "1:39: key 'interface' is not for mode nat, only for host-only: leave it out")]
    [InlineData("bridged, uplink: eth0, host: { interface: x, reach: some }",
        "1:57: key 'interface' is not for mode bridged, only for host-only: leave it out\n1:78: 'reach': 'some' is not address or all")]
    [InlineData("host-only, outside: {}", "1:37: key 'outside' is not for mode host-only, only for nat: leave it out")]
    [InlineData("host-only, forwards: []", "1:37: key 'forwards' is not for mode host-only, only for nat: leave it out")]
    [InlineData("host-only, host: { interface: a-name-of-16-xxx }",
        "1:56: 'interface': 'a-name-of-16-xxx' is not an interface name: at most 15 visible characters, without '/', ':' and '%'")]
    [InlineData("nat, subnet: 10.0.0.0/31",
        "1:39: 'subnet': '10.0.0.0/31' is not an IPv4 subnet such as 10.10.0.0/24, with a prefix of 8 to 30 (nat: 16 to 30)")]
    [InlineData("host-only, subnet: 10.0.0.0/32",
        "1:45: 'subnet': '10.0.0.0/32' is not an IPv4 subnet such as 10.10.0.0/24, with a prefix of 8 to 30 (nat: 16 to 30)")]
    [InlineData("nat, subnet: 169.254.7.0/24", "1:39: subnet 169.254.7.0/24 has link-local addresses (169.254.0.0/16), "
        + "which no router passes on: write a private one such as 10.10.0.0/24")]
    [InlineData("nat, gateway: 10.0.0.1", "1:40: gateway 10.0.0.1 needs a subnet that holds it: write subnet: 10.0.0.0/24")]
    [InlineData("host-only, subnet: 10.0.0.0/30, gateway: 10.0.0.4",
        "1:67: gateway 10.0.0.4 is outside the subnet 10.0.0.0/30: write one of 10.0.0.1 to 10.0.0.2")]
    [InlineData("nat, subnet: 10.0.0.0/24, gateway: 10.0.0.255",
        "1:61: gateway 10.0.0.255 is the broadcast address of the subnet 10.0.0.0/24: write one of 10.0.0.1 to 10.0.0.254")]
    public void A_mistake_in_one_network_is_told_at_its_place(string network, string mistakes) =>
        Assert.Equal(mistakes, Files.Mistakes($"networks: {{ lan: {{ mode: {network} }} }}\n"));

    /// <summary>A port that has the reservation's MAC address, or may have it, is the one that is called so.</summary>
    [Theory]
    [InlineData("", "")]
    [InlineData(", mac: \"52:54:00:00:00:01\"", "")]
    [InlineData(", mac: \"52:54:00:00:00:02\"",
        "5:82: a port with another mac is called 'vm' in this network: give it another name")]
    public void A_reservation_is_not_called_what_another_port_is(string mac, string mistakes) => Assert.Equal(mistakes, Files.Mistakes($$"""
        networks:
          dev:
            mode: nat
            subnet: 10.0.0.0/24
            dhcp: { reservations: [ { mac: "52:54:00:00:00:01", address: 10.0.0.5, name: vm } ] }
        ports: { vm: { network: dev, kind: guest{{mac}} } }
        """));

    [Theory]
    [InlineData("nat, subnet: 10.0.0.0/30")]
    [InlineData("nat, dhcp: off, dns: off")]
    [InlineData("nat, dns: {}, domain: dev")]
    [InlineData("nat, dns: { servers: [192.0.2.53, auto], hosts: { db: 10.0.0.9, www.dev.example: 192.0.2.7 } }, domain: dev.example")]
    [InlineData("nat, outside: {}")]
    [InlineData("nat, outside: { interface: auto, address: host }")]
    [InlineData("nat, outside: { address: 192.0.2.10/31, gateway: 192.0.2.11 }")]
    [InlineData("nat, outside: { address: 192.0.2.10/24 }")]
    [InlineData("nat, outside: { address: 192.0.2.10/24, ports: 1-1023 }")]
    [InlineData("nat, subnet: 10.0.0.0/16")]
    [InlineData("host-only, subnet: 10.0.0.0/8")]
    [InlineData("nat, outside: { address: 192.0.2.10/24 }, subnet: 10.0.0.0/24, forwards: [{ from: tcp/2222, to: \"10.0.0.5:22\" }]")]
    [InlineData("nat, outside: { ports: 1024-65535 }, flows: 2, flows-per-guest: 2, ports-per-guest: 1")]
    [InlineData("host-only, host: {}")]
    [InlineData("host-only, dhcp: off, dns: off")]
    [InlineData("host-only, dns: { servers: [auto] }, domain: dev.example")]
    public void What_a_network_may_say_is_no_mistake(string network) =>
        Assert.Equal("", Files.Mistakes($"networks: {{ lan: {{ mode: {network} }} }}\n"));

    [Fact]
    public void What_a_port_has_is_not_reserved_for_another_station() => Assert.Equal(
        "1:113: 10.0.0.5 is port 'box''s: reserve another address",
        Files.Mistakes("networks: { lan: { mode: nat, subnet: 10.0.0.0/24, dhcp: { reservations: [ { mac: \"52:54:00:00:00:01\", address: "
            + "10.0.0.5 } ] } } }\nports: { box: { network: lan, kind: tap, netns: box, address: 10.0.0.5/24 } }\n"));

    [Theory]
    [InlineData("nat", "nat")]
    [InlineData("nat", "host-only")]
    [InlineData("host-only", "internal")]
    [InlineData("internal", "nat")]
    public void Subnets_that_overlap_are_told_in_every_mode(string first, string second) => Assert.Equal(
        "3:16: subnet 10.1.2.0/24 overlaps 10.1.0.0/16 of network 'a': give each network its own",
        Files.Mistakes($"networks:\n  a: {{ subnet: 10.1.0.0/16, mode: {first} }}\n  b: {{ subnet: 10.1.2.0/24, mode: {second} }}\n"));

    [Theory]
    [InlineData("{ address: 10.1.0.9/16 } } }",
        "1:70: the outside 10.1.0.0/16 overlaps the inside 10.1.0.0/24: choose another subnet inside")]
    [InlineData("{ address: 10.2.0.9/16 } }, b: { mode: host-only, subnet: 10.2.3.0/24 } }",
        "1:70: the outside 10.2.0.0/16 overlaps the inside 10.2.3.0/24: choose another subnet inside")]
    [InlineData("{ address: 192.0.2.9/32 } } }",
        "1:70: 192.0.2.9/32 has nobody beside it: write the prefix length of the subnet outside, such as 192.0.2.9/24")]
    [InlineData("{ address: 192.0.2.9/24, gateway: 192.0.3.1 } } }",
        "1:93: gateway 192.0.3.1 is outside 192.0.2.0/24, the subnet of the address: write one inside it")]
    [InlineData("{ address: 192.0.2.9/24, gateway: 192.0.2.9 } } }",
        "1:93: gateway 192.0.2.9 is the network's own outside address: write the router's")]
    [InlineData("{ address: 192.0.2.9/24, gateway: 192.0.2.255 } } }",
        "1:93: gateway 192.0.2.255 is the network's own or the broadcast address of 192.0.2.0/24: write the router's")]
    [InlineData("{ address: host, gateway: 192.0.2.1 } } }",
        "1:85: 'gateway' goes only with an address of its own: leave it out, or write address: 192.0.2.10/24")]
    [InlineData("{ ports: 2000-3000 } }, b: { mode: nat, outside: { ports: 2500-3500 } } }", "1:117: the ports 2500-3500 of network 'b' "
        + "overlap 2000-3000 of network 'a' in part: write the same outside: { ports: … } for both, or apart")]
    [InlineData("{ ports: 29999-30001 } }, b: { mode: nat } }", "1:85: the ports 16384-29999 of network 'b' overlap 29999-30001 of network "
        + "'a' in part: write the same outside: { ports: … } for both, or apart")]
    [InlineData("{ address: 192.0.2.9/24, ports: 2000-3000 } }, b: { mode: nat, outside: { address: 192.0.2.9/24 } } }",
        "1:106: the ports 1-65535 of network 'b' overlap 2000-3000 of network 'a' in part: write the same outside: { ports: … } for both, "
            + "or apart")]
    [InlineData("{ address: 192.0.2.9/24 } }, b: { mode: nat, outside: { address: 192.0.2.9/25 } } }",
        "1:124: 192.0.2.9 stands at 1:70 with another interface, prefix length or gateway: write the same, or another address")]
    [InlineData("{ address: 192.0.2.9/24 } }, b: { mode: nat, outside: { address: 192.0.2.9/24, gateway: 192.0.2.1 } } }",
        "1:124: 192.0.2.9 stands at 1:70 with another interface, prefix length or gateway: write the same, or another address")]
    [InlineData("{ address: 192.0.2.9/24, interface: eth0 } }, b: { mode: nat, outside: { address: 192.0.2.9/24 } } }",
        "1:141: 192.0.2.9 stands at 1:70 with another interface, prefix length or gateway: write the same, or another address")]
    public void A_mistake_about_the_outside_is_told_at_its_place(string rest, string mistakes) =>
        Assert.Equal(mistakes, Files.Mistakes(Own + rest + "\n"));

    [Theory]
    [InlineData("{ ports: 2000-3000 } }, b: { mode: nat, outside: { ports: 2000-3000 } } }")]
    [InlineData("{ ports: 2000-3000 } }, b: { mode: nat, outside: { ports: 3001-4000 } } }")]
    [InlineData("{ address: 192.0.2.9/24, ports: 2000-3000 } }, b: { mode: nat, outside: { ports: 2500-3500 } } }")]
    [InlineData("{ address: 192.0.2.9/24 } }, b: { mode: nat, outside: { address: 192.0.2.9/24 } } }")]
    [InlineData("{ address: 192.0.2.9/24, ports: 2000-3000 } }, b: { mode: nat, outside: { address: 192.0.2.10/24, ports: 2500-3500 } } }")]
    public void Networks_share_a_pool_or_have_one_each(string rest) => Assert.Equal("", Files.Mistakes(Own + rest + "\n"));

    [Theory]
    [InlineData("{ from: tcp/0, to: vm }",
        "6:24: 'from': 'tcp/0' is not a protocol with a port or a range of ports, such as tcp/2222 or udp/5000-5010")]
    [InlineData("{ from: tcp/65536, to: vm }",
        "6:24: 'from': 'tcp/65536' is not a protocol with a port or a range of ports, such as tcp/2222 or udp/5000-5010")]
    [InlineData("{ from: tcp/9-8, to: vm }",
        "6:24: 'from': 'tcp/9-8' is not a protocol with a port or a range of ports, such as tcp/2222 or udp/5000-5010")]
    [InlineData("{ from: tcp/80, to: \"vm:0\" }",
        "6:36: 'to': 'vm:0' is not a name or an address, with or without a port, such as \"web:22\" or 10.10.0.20")]
    [InlineData("{ from: tcp/80, to: \"vm:65536\" }",
        "6:36: 'to': 'vm:65536' is not a name or an address, with or without a port, such as \"web:22\" or 10.10.0.20")]
    [InlineData("{ from: tcp/80, to: nobody }",
        "6:36: nobody is called 'nobody': write the name of a port of network 'dev', or an address")]
    [InlineData("{ from: tcp/80, to: elsewhere }",
        "6:36: port 'elsewhere' is on network 'other', not on 'dev': a forward leads into its own network")]
    [InlineData("{ from: tcp/80, to: 10.1.1.5 }",
        "6:36: address 10.1.1.5 is outside the subnet 10.1.0.0/24: write one of 10.1.0.1 to 10.1.0.254")]
    [InlineData("{ from: tcp/80, to: 10.1.0.1 }", "6:36: 10.1.0.1 is the gateway's: forward to a guest")]
    [InlineData("{ from: tcp/80-90, to: \"vm:80\" }", "6:39: a range of ports keeps its numbers: write vm without a port")]
    [InlineData("{ from: tcp/20000, to: vm }", "6:24: tcp/20000 overlaps 16384-29999, the ports of translated flows: "
        + "forward from another port, or write outside: { ports: 20001-32767 }")]
    [InlineData("{ from: udp/16000-16384, to: vm }", "6:24: udp/16000-16384 overlaps 16384-29999, the ports of translated flows: "
        + "forward from another port, or write outside: { ports: 16385-32767 }")]
    [InlineData("{ from: udp/10000-29999, to: vm }", "6:24: udp/10000-29999 overlaps 16384-29999, the ports of translated flows: "
        + "forward from another port, or write outside: { ports: 4096-8079 }")]
    [InlineData("{ from: udp/4000-60999, to: vm }", "6:24: udp/4000-60999 overlaps 16384-29999, the ports of translated flows: "
        + "forward from another port, or write outside: { ports: 61000-65535 }")]
    [InlineData("{ from: tcp/80, to: vm }, { from: tcp/80, to: \"10.1.0.5:81\" }",
        "6:50: tcp/80 is forwarded at 6:24 already: one forward a port")]
    [InlineData("{ from: tcp/80-90, to: vm }, { from: udp/85, to: vm }, { from: tcp/85, to: vm }",
        "6:79: tcp/85 is forwarded at 6:24 already: one forward a port")]
    [InlineData("{ from: tcp/8080, to: vm }", "6:24: tcp/8080 is forwarded at 2:42 already: one forward a port")]
    [InlineData("{ from: tcp/8080, on: 192.0.2.2, to: vm }", "6:24: tcp/8080 is forwarded at 2:42 already: one forward a port, "
        + "or each with 'on' and an address that the other has not")]
    [InlineData("{ from: udp/53, on: 192.0.2.2, to: vm }, { from: udp/53, on: 192.0.2.3, to: vm }, { from: tcp/53, to: vm }", "")]
    [InlineData("{ from: udp/1-99, on: 192.0.2.2, to: vm }, { from: udp/1-5, on: 192.0.2.3, to: vm }, "
        + "{ from: udp/53, on: 192.0.2.3, to: vm }, { from: udp/54, on: 192.0.2.2, to: vm }",
        "6:150: udp/54 is forwarded at 6:24 already: one forward a port, or each with 'on' and an address that the other has not")]
    [InlineData("{ from: udp/53, on: 192.0.2.2, to: vm }, { from: udp/53, to: vm }",
        "6:65: udp/53 is forwarded at 6:24 already: one forward a port, or each with 'on' and an address that the other has not")]
    [InlineData("{ from: udp/53, on: 127.0.0.1, to: vm }", "6:36: 'on': '127.0.0.1' is not an IPv4 address such as 10.10.0.1")]
    [InlineData("{ from: udp/53, on: 224.0.0.1, to: vm }, { from: udp/53, to: vm }",
        "6:36: 'on': '224.0.0.1' is not an IPv4 address such as 10.10.0.1")]
    [InlineData("{ from: udp/53, on: 10.1.0.7, to: vm }", "6:36: 10.1.0.7 is inside network 'dev': write an address of the host")]
    public void A_mistake_in_a_forward_is_told_at_its_place(string forwards, string mistakes) => Assert.Equal(mistakes, Files.Mistakes(
        $$"""
        networks:
          other: { mode: nat, forwards: [{ from: tcp/8080, to: elsewhere }] }
          dev:
            mode: nat
            subnet: 10.1.0.0/24
            forwards: [{{forwards}}]
        ports:
          vm: { network: dev, kind: guest }
          elsewhere: { network: other, kind: guest }

        """));

    [Fact]
    public void Networks_with_addresses_of_their_own_forward_the_same_port_each() => Assert.Equal("", Files.Mistakes(
        """
        networks:
          a: { mode: nat, subnet: 10.1.0.0/24, forwards: [{ from: tcp/80, to: 10.1.0.5 }] }
          b: { mode: nat, subnet: 10.2.0.0/24, forwards: [{ from: tcp/80, to: 10.2.0.5 }], outside: { address: 192.0.2.10/24 } }
          c: { mode: nat, subnet: 10.3.0.0/24, forwards: [{ from: tcp/80, to: 10.3.0.5 }], outside: { address: 192.0.2.11/24 } }

        """));

    [Fact]
    public void A_network_with_an_address_of_its_own_has_no_other_to_forward_on() => Assert.Equal(
        "4:38: 'on' goes only where the host's address is shared, and this network has 192.0.2.10: leave it out", Files.Mistakes(
        """
        networks:
          a:
            { mode: nat, subnet: 10.1.0.0/24, outside: { address: 192.0.2.10/24 },
              forwards: [{ from: tcp/80, on: 192.0.2.11, to: 10.1.0.5 }] }

        """));

    [Fact]
    public void A_port_that_takes_the_gateways_address_is_told() => Assert.Equal(
        """
        5:59: address 10.1.0.1 is the gateway's: choose another
        6:59: address 10.2.0.9 is the gateway's: choose another
        7:59: address 10.3.0.1 is outside the subnet 10.2.0.0/24: write one of 10.2.0.1 to 10.2.0.254
        """, Files.Mistakes(
        """
        networks:
          a: { mode: nat, subnet: 10.1.0.0/24 }
          b: { mode: host-only, subnet: 10.2.0.0/24, gateway: 10.2.0.9 }
        ports:
          one:   { network: a, kind: tap, netns: box,    address: 10.1.0.1/24 }
          two:   { network: b, kind: tap, netns: box,    address: 10.2.0.9/24 }
          three: { network: b, kind: tap, netns: box,    address: 10.3.0.1/24 }

        """));

    [Fact]
    public void An_interface_on_the_host_that_is_taken_is_told() => Assert.Equal(
        "3:44: interface 'ss-x' is taken at 2:44 already: one port an interface\n"
            + "4:3: the interface of network 'lab' on the host would be called 'ss-lab', which is taken at 8:42: "
            + "write host: { interface: NAME } with another name\n"
            + "6:3: the interface of network 'a-long-name-b' on the host would be called 'ss-a-long-name-', which is taken at 5:3: "
            + "write host: { interface: NAME } with another name\n"
            + "9:3: interface 'ss-x' is taken at 2:44 already: one port an interface", Files.Mistakes(
        """
        networks:
          a: { mode: host-only, host: { interface: ss-x } }
          b: { mode: host-only, host: { interface: ss-x } }
          lab: { mode: host-only }
          a-long-name-a: { mode: host-only }
          a-long-name-b: { mode: host-only }
        ports:
          p: { network: a, kind: tap, interface: ss-lab }
          ss-x: { network: a, kind: guest }
          q: { network: a, kind: veth, netns: box, interface: ss-lab }

        """));

    [Theory]
    [InlineData("{ interface: bare }", "")]
    [InlineData("{ interface: bare, address: host }", "")]
    [InlineData("{ interface: bare, address: 192.0.2.9/24 }", "")]
    [InlineData("{ address: 192.0.2.7/24 }",
        "1:70: 192.0.2.7 is this machine's own address: write address: host to share it, or one that nobody has")]
    [InlineData("{ interface: good }", "")]
    [InlineData("{ interface: missing }", "")]
    [InlineData("{ interface: auto }", "")]
    [InlineData("{}", "")]
    public void What_is_the_machine_s_own_is_a_mistake_and_what_it_has_no_address_for_is_waited_for(string outside, string mistakes)
    {
        var text = $"{Own}{outside} }} }}\n";
        Assert.Equal("", Files.Mistakes(text));
        var host = new HostAddresses([new(2, new(0xC0000207), 24, IsGlobal: true, IsSecondary: false)]);
        var result = ConfigFile.Parse("file", text, () => host);
        Assert.Equal(mistakes, string.Join('\n', result.Mistakes.Select(mistake => mistake.ToString()["file:".Length..])));
    }

    [Theory]
    [InlineData(1024, 0)]
    [InlineData(1025, 1)]
    public void As_many_networks_have_one_outside_as_a_translator_has_numbers_for(int count, int mistakes)
    {
        var networks = string.Concat(Enumerable.Range(0, count)
            .Select(i => $"  n{i}: {{ mode: nat, subnet: 10.{i / 250}.{i % 250}.0/24 }}\n"));
        var told = Files.Mistakes($"networks:\n{networks}  other: {{ mode: nat, subnet: 10.9.0.0/24, outside: {{ interface: nic }} }}\n");
        Assert.Equal(mistakes, told.Split("more than 1024 nat networks have the same outside").Length - 1);
        Assert.Equal(mistakes == 0, told.Length == 0);
        Assert.Equal(Napt.MaximumNetworks, NatModel.MaximumNetworks);
    }

    [Fact]
    public void The_machine_is_not_asked_where_nothing_depends_on_its_addresses() =>
        Assert.True(ConfigFile.Parse("file", "networks: { a: { mode: nat }, b: { mode: nat, outside: { interface: auto } }, "
            + "c: { mode: internal } }", () => throw new InvalidOperationException()).Ok);

    [Fact]
    public void What_is_left_out_gets_the_defaults()
    {
        var model = Files.Read("networks: { n: { mode: nat }, own: { mode: nat, outside: { address: 192.0.2.9/24 }, flows: 100 }, "
            + "h: { mode: host-only, subnet: 10.1.0.0/24 } }").Model!;
        var nat = model.Networks[0].Nat!;
        Assert.Equal((null, null), (model.Networks[0].Subnet, model.Networks[0].Gateway));
        Assert.Equal(new OutsideModel { Ports = new(16384, 29999) }, nat.Outside);
        Assert.Equal((Filtering.AddressAndPort, 1_048_576, 65_536, 4096, (string?)null, 0),
            (nat.Filtering, nat.Flows, nat.FlowsPerGuest, nat.PortsPerGuest, nat.FlowLog, nat.Forwards.Count));
        Assert.Equal((300.0, 7440.0, 240.0, 60.0),
            (nat.Timeouts.Udp.TotalSeconds, nat.Timeouts.Tcp.TotalSeconds, nat.Timeouts.TcpTransitory.TotalSeconds,
                nat.Timeouts.Icmp.TotalSeconds));
        Assert.Equal((new PortPool(1, 65535), 100), (model.Networks[1].Nat!.Outside.Ports, model.Networks[1].Nat!.FlowsPerGuest));
        Assert.Equal(("10.1.0.1", "ss-h"), (model.Networks[2].Gateway.ToString(), model.Networks[2].HostInterface));
    }
}
