namespace SoftSwitch.Forwarding.Drops;

/// <summary>The names and sentences of <see cref="DropReason"/>: the CLI, the metrics and the documentation print these.</summary>
public static class DropReasons
{
    private static readonly (string Name, string Help)[] s_texts =
    [
        ("none", "the frame was forwarded"),
        ("too-short", "shorter than an Ethernet header (14 bytes)"),
        ("too-long", "longer than any frame the switch carries (526,336 bytes)"),
        ("source-not-unicast", "the source address is a multicast address or zero, which no station can have"),
        ("reserved-address", "sent to 01:80:c2:00:00:00 to 0f, or a PAUSE frame: these end at the first link (IEEE 802.1D, 7.12.6); "
            + "control-frames: forward in the network lets all but PAUSE through"),
        ("offload-invalid", "the offload header beside the frame contradicts the frame: the sender's driver is broken or hostile"),
        ("segments-too-small",
            "a super-frame that would be cut into segments of less than 48 bytes of payload, or more than 1,366 of them"),
        ("offload-unsupported", "the kernel could not hand it over: a super-frame that no offload header can describe, "
            + "such as a guest's UFO: start QEMU with what attach prints (host_ufo=off)"),
        ("guard-mac", "its port has a guard, and it was sent with, or speaks in ARP, DHCP or neighbor discovery of, a MAC address that "
            + "isn't the port's (show ports): its sender pretends to be another, or was started with another MAC address than attach "
            + "prints; the log has which"),
        ("guard-ip", "its port has a guard, and it comes from an IP address that the port was neither given by the file nor lent by DHCP, "
            + "or is in a VLAN, or neither ARP nor IP: its sender pretends to be another, or has an address that nobody gave it; the "
            + "log has which"),
        ("guard-server", "its port has a guard, and it is what only servers and routers say: an answer of DHCP, a router advertisement, or "
            + "a redirect"),
        ("station-flood",
            "new source addresses come faster than any network has stations (32,768 at once, 2,048 a second): somebody forges them"),
        ("source-taken", "sent with an address that is another's for certain: the gateway's, the host's, or another port's (mac, from the "
            + "file or made by the switch; see: show ports): its sender pretends to be it, or has its address by mistake; the log has "
            + "whose it is"),
        ("address-taken", "says in ARP that it has the IP address of the gateway or the host, or one that the file or a forward gives to "
            + "another port; or an IPv4 packet from an address that the file gives to another port: its sender pretends to be that "
            + "one, or is set up with the wrong address; the log has which and whose it is"),
        ("source-elsewhere", "sent with the address of a station that is still heard, or has not yet had a second to answer, behind "
            + "another port: two guests have one MAC, one pretends to be the other, or the LAN sends back what it is sent"),
        ("address-elsewhere", "says in ARP or neighbor discovery that it has an IP address for which somebody behind another port still "
            + "answers, or has not yet had a second to: two have one address, or one pretends to be the other"),
        ("loop-probe", "a frame by which the switch looks for loops has come back: this port and another, or it alone, bring back what "
            + "they are sent; show ports has the one that was taken out for that"),
        ("flood-limit", "its port brings more frames for everybody (broadcast, multicast, or for a station that nobody has heard) than its "
            + "flood-limit: it floods or is part of a loop; where it means to, such as a source of multicast, raise its flood-limit"),
        ("same-port", "the destination is behind the port that the frame came from"),
        ("no-receiver", "nobody else is up on this network; of a way out (NET.out): the interface there is down"),
        ("loopback-address", "to or from the host with an address of 127.0.0.0/8 or ::1, which is never on a link"),
        ("not-for-host", "to the host, but not to an address that it has in this network: it is no router for guests; "
            + "host: { reach: all } on the network lets them reach its other addresses, mode nat all that the host reaches"),
        ("not-heard-by-host", "a copy for the host of what it doesn't listen to on an interface of ours: "
            + "it hears ARP, IPv4 and IPv6, without a VLAN tag; others may have got the frame"),
        ("router-pretended", "a router advertisement, redirect or DHCP answer for the host: it takes no routes from guests, and no address "
            + "where it has one"),
        ("routed-by-host", "from the host, with an address that it doesn't have in this network: "
            + "it came from elsewhere, and the host is no way into this network"),
        ("not-routed", "sent to the gateway, but nothing that it takes: it routes IPv4 and answers ARP and echo requests"),
        ("packet-malformed", "an IP header or ARP message that contradicts itself, its checksum or the frame's length"),
        ("source-routed", "an IP packet with a source route, or of IPv4 with a record of its route (options LSRR, SSRR, RR; ping -R): "
            + "the switch routes none (RFC 7126)"),
        ("source-outside-subnet", "an IP source address that no guest of this network can have: the guest needs one of the network's "
            + "subnet (show networks)"),
        ("ttl-exceeded", "the packet has made all the hops that it may"),
        ("no-route", "nothing leads to the packet's destination: the outside is down, the address is nobody's, or the host's own routing "
            + "forbids it; softswitch route PORT ADDRESS says what leads there, show outside what there is"),
        ("route-unknown", "the host's kernel hadn't yet said by which way the packet's destination is reached: its port sends to new "
            + "addresses faster than 2,000 a second, or the kernel couldn't be asked, which the log then says"),
        ("route-changed", "had been decided for a way by which the host's routing leads no more, and had not left by it yet: "
            + "it goes by no other, its sender sends it again"),
        ("way-changed", "in the middle of a TCP connection that was begun by another way out, and the host's routing leads there no more: "
            + "with another address it would be no part of it, so its sender was told that the connection has ended (RST)"),
        ("network-isolated", "the destination is in another network of this switch, which nothing leads to but its forwards"),
        ("fragmentation-needed", "longer than the MTU of the way out, and its sender forbids fragments: it was told so"),
        ("neighbor-unreachable", "the next station on the way doesn't answer ARP"),
        ("neighbor-queue-full", "too many packets wait for the next station's answer to ARP, or it couldn't be asked: "
            + "one port may make us ask 500 times a second"),
        ("service-flood", "the port asks a service of the switch more often than one port may"),
        ("no-free-address", "asks for an address by DHCP, and there is none for it: its port has had its share of the range "
            + "(leases-per-port), the range is used up, or the address that is reserved for it is another's"),
        ("no-flow", "came from outside without belonging to a flow or a forward"),
        ("forward-waits",
            "for a forward to a port of which no address is known (see: show networks): its guest must have one and answer ARP"),
        ("source-forged", "came from outside with a source address that only an insider, this switch or nobody can have"),
        ("nat-protocol", "neither TCP, UDP nor ICMP: other protocols have no ports by which NAT tells hosts apart; "
            + "its sender is told once in a while (ICMP 3/2)"),
        ("nat-malformed", "its TCP, UDP or ICMP header is cut short, contradicts the packet or carries a wrong checksum"),
        ("nat-unmatched",
            "about no flow that is translated, and nothing that begins one: a late reset, an ICMP answer or error that nobody waits for"),
        ("nat-filtered",
            "sent from outside to a guest's port by somebody to whom the guest has not sent (filtering decides whom that lets in)"),
        ("nat-ports-exhausted", "no outside port is free for a new flow; flows that exist live on"),
        ("nat-table-full", "the table of flows, or the network's share of it, is full; flows that exist live on"),
        ("nat-quota", "the port has as many outside ports or flows as one guest may have, whatever addresses it sends from; "
            + "flows that exist live on"),
        ("fragment-too-small", "a first fragment without the whole TCP, UDP or ICMP header, as only attackers make them"),
        ("fragment-mismatch", "fragments of one packet overlap or contradict each other (RFC 5722), or its first was dropped: "
            + "the rest goes no further either"),
        ("fragment-doubled", "an exact copy of a fragment that came before, as some networks make them: the packet goes on without it"),
        ("fragment-flood", "more fragments wait for the first of their packet than one sender may have, or than all may"),
        ("fragment-alone", "waited for the first fragment of its packet, which didn't come within 30 seconds, or went no further itself"),
        ("mtu-exceeded", "longer than the MTU of the port it should leave by: set the same mtu on all ports of the network"),
        ("queue-full", "the receiver takes frames more slowly than they come"),
        ("port-down", "the port was not up: its interface or its other end was down, or had only just come up"),
        ("transmit-failed", "the kernel refused the frame at the port it should leave by"),
        ("kernel-queue-full", "the kernel dropped it before the switch read it: frames came faster than the switch takes them, "
            + "or were longer than the MTU of the switch's end of a veth (show ports), which the guest's end must not exceed"),
        ("receiver-dropped", "it went out (and counts as out, too), but the kernel dropped it at the other end: the guest there reads "
            + "more slowly than frames come, nothing there takes such frames, or nobody is there yet"),
    ];

    /// <summary>Reasons there are, <see cref="DropReason.None"/> included.</summary>
    public static int Count => s_texts.Length;

    /// <summary>The name in commands and metrics, such as <c>mtu-exceeded</c>.</summary>
    public static string Name(this DropReason reason) => s_texts[(int)reason].Name;

    /// <summary>What it means, in a sentence for the person who reads the counter.</summary>
    public static string Help(this DropReason reason) => s_texts[(int)reason].Help;
}
