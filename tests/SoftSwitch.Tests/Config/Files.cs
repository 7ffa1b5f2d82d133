using SoftSwitch.Config;

namespace SoftSwitch.Tests.Config;

/// <summary>Configurations that several tests read, and what reading them came to.</summary>
internal static class Files
{
    /// <summary>One of everything that is built.</summary>
    public const string Valid = """
        workers: 2
        cpus: [1, 3]
        poll: always
        state: /var/lib/softswitch
        networks:
          office: { mode: bridged, uplink: ens33, mtu: 9000 }
          dev:
            mode: internal
            subnet: 10.10.0.0/24
            ageing: 5m
          out:
            mode: nat
            subnet: 10.20.0.0/24
            gateway: 10.20.0.254
            outside: { interface: eth9, address: 192.0.2.10/24, gateway: 192.0.2.1, ports: 2000-3000 }
            filtering: endpoint
            timeouts: { udp: 2m, tcp: 3h, tcp-transitory: 5m, icmp: 90s }
            flows: 1000
            flows-per-guest: 100
            ports-per-guest: 50
            flow-log: /var/log/softswitch/out.log
            dhcp: off
            dns: off
            forwards:
              - { from: tcp/80, to: "10.20.0.5:8080" }
              - { from: udp/5000-5010, to: box3 }
          lab: { mode: host-only, subnet: 192.168.56.0/24 }
        ports:
          vm1:  { network: dev, kind: guest, mac: "52:54:00:00:00:01", owner: libvirt-qemu }
          box1: { network: dev, kind: tap, netns: box1, address: 10.10.0.9/24, interface: eth0 }
          box2: { network: office, kind: veth, netns: "4711", mtu: 1400 }
          eth1: { network: office, kind: nic }
          box3: { network: out, kind: tap, netns: box3, address: 10.20.0.6/24 }

        """;

    /// <summary>The language's full example.</summary>
    public const string Full = """
        networks:
          office:
            mode: bridged
            uplink: ens33                    # becomes a port of kind nic, named like the interface
          dev:
            mode: nat
            subnet: 10.10.0.0/24             # left out: a free one is chosen, avoiding every route of the host, and remembered
            gateway: 10.10.0.1               # left out: the first address
            outside:
              interface: auto                # auto: the interface of the host's default route
              address: host                  # host: share the host's address | dhcp | 192.0.2.10/24 (an address of its own, own MAC)
              gateway: 192.0.2.1             # only with an address of its own
            dhcp:
              range: 10.10.0.50-10.10.0.200  # left out: everything that is free
              lease: 12h
              reservations:
                - { mac: "52:54:00:00:00:01", address: 10.10.0.10, name: web }
            dns: { servers: [auto] }         # auto: the host's resolvers, followed as they change
            forwards:
              - { from: tcp/2222, to: "web:22" }         # a name, an address, or a port's name
              - { from: udp/5000-5010, to: "10.10.0.20" }
          lab:
            mode: host-only
            subnet: 192.168.56.0/24
            host: { interface: ss-lab }      # the interface that appears on the host, with the gateway address
            dhcp: {}
          quiet:
            mode: internal

        ports:
          vm1:   { network: dev,    kind: guest, mac: "52:54:00:00:00:01" }             # QEMU opens this tap
          vm2:   { network: dev,    kind: vhost-user, socket: /run/softswitch/vm2.sock }
          vm3:   { network: dev,    kind: stream, listen: /run/softswitch/vm3.sock }    # QEMU -netdev stream
          box1:  { network: lab,    kind: tap, netns: box1, address: 192.168.56.9/24 }  # a namespace gets the interface
          eth1:  { network: office, kind: nic, interface: eth1 }

        """;

    /// <summary>The mistakes in a text, one a line, without the file's name.</summary>
    public static string Mistakes(string text) =>
        string.Join('\n', Read(text).Mistakes.Select(mistake => mistake.ToString()["file:".Length..]));

    public static ConfigResult Read(string text) => ConfigFile.Parse("file", text);
}
