using System.Buffers.Binary;
using SoftSwitch.Packets;
using SoftSwitch.Packets.Dhcp;
using static SoftSwitch.Tests.Forwarding.IpFrames;
using static SoftSwitch.Tests.Forwarding.Stations;

namespace SoftSwitch.Tests.Forwarding;

/// <summary>What a guest says that has the MAC address number 1 and 10.10.0.5: honest, and as somebody else. The victim has number 2 and
/// 10.10.0.6.</summary>
internal static class GuardedFrames
{
    public const string Own = "10.10.0.5", Victim = "10.10.0.6", Gateway = "10.10.0.1";
    private const string OwnLink = "fe80::ff:fe00:1", VictimLink = "fe80::ff:fe00:2", AllNodes = "ff02::1";

    /// <summary>Ports of a datagram's header, and the length of what is behind it.</summary>
    private static byte[] Udp(ushort to, byte[]? payload = null, ushort from = 999)
    {
        payload ??= new byte[32];
        var datagram = new byte[8 + payload.Length];
        BinaryPrimitives.WriteUInt16BigEndian(datagram, from);
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(2), to);
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(4), (ushort)datagram.Length);
        payload.CopyTo(datagram, 8);
        return datagram;
    }

    private static byte[] Dhcp(uint client, byte operation = DhcpHeader.Request)
    {
        var message = new byte[DhcpHeader.MinimumSize];
        (message[0], message[1], message[2]) = (operation, 1, 6);
        new MacAddress(Mac(client)).Write(message.AsSpan(DhcpHeader.HardwareAddressOffset));
        return message;
    }

    /// <param name="target">Of a solicitation or an advertisement.</param>
    /// <param name="option">1: the source's MAC address; 2: the target's.</param>
    private static byte[] Icmp6(byte type, string? target = null, byte option = 0, uint said = 1)
    {
        byte[] address = target is null ? [] : Bytes(target), link = new byte[8];
        (link[0], link[1]) = (option, 1);
        new MacAddress(Mac(said)).Write(link.AsSpan(2));
        return [type, 0, 0, 0, 0, 0, 0, 0, .. address, .. option == 0 ? [] : link];
    }

    private static byte[] Bytes(string address)
    {
        var bytes = new byte[16];
        Ipv6Address.Parse(address).Write(bytes);
        return bytes;
    }

    private static byte[] Arp(string sender, ushort operation = ArpMessage.Request, uint said = 1, ushort hardware = 1)
    {
        var packet = IpFrames.Arp(sender, sender, operation, hardware);
        new MacAddress(Mac(said)).Write(packet.AsSpan(8));
        return packet;
    }

    /// <summary>An ARP question of who has no address.</summary>
    private static byte[] Probe(string target) => IpFrames.Arp("0.0.0.0", target);

    private static byte[] From1(ushort type, byte[] packet, params ushort[] tags) => Ethernet(Broadcast, Mac(1), type, packet, tags);

    private static byte[] Ip(
        string from, byte protocol = IpProtocol.Udp, byte[]? payload = null, ushort fragment = 0, byte[]? options = null) =>
        From1(EtherType.Ipv4, Ipv4(from, "10.10.0.255", protocol, payload ?? Udp(5000), fragment, options));

    private static byte[] Ip6(string from, byte next, byte[] payload) => From1(EtherType.Ipv6, Ipv6(from, AllNodes, next, payload));

    private static byte[] Snap(byte[] packet, ushort type)
    {
        byte[] carried = [0xAA, 0xAA, 3, 0, 0, 0, (byte)(type >> 8), (byte)type, .. packet];
        return From1((ushort)carried.Length, carried);
    }

    private static readonly byte[] s_offer = Udp(68, Dhcp(2, DhcpHeader.Reply), 67), s_router = Icmp6(IcmpV6Type.RouterAdvertisement, "::");

    /// <summary>Each is dropped at a port with a guard of both, and goes on from one without.</summary>
    public static readonly Dictionary<string, (byte[] Frame, VirtioNetHeader Offload)> Tricks = new()
    {
        ["the victim's MAC address"] = (Ethernet(Broadcast, Mac(2), EtherType.Ipv4, Ipv4(Own, Victim)), default),
        ["nobody's MAC address"] = (Ethernet(Broadcast, Mac(99), EtherType.Ipv4, Ipv4(Own, Victim)), default),
        ["ARP: the victim's MAC address"] = (From1(EtherType.Arp, Arp(Own, said: 2)), default),
        ["ARP: the victim's address asks"] = (From1(EtherType.Arp, Arp(Victim)), default),
        ["ARP: the victim's address answers"] = (From1(EtherType.Arp, Arp(Victim, ArpMessage.Reply)), default),
        ["ARP: may I have the victim's address?"] = (From1(EtherType.Arp, Probe(Victim)), default),
        ["ARP: the gateway's address"] = (From1(EtherType.Arp, Arp(Gateway, ArpMessage.Reply)), default),
        ["ARP: of the other hardware"] = (From1(EtherType.Arp, Arp(Victim, hardware: 6)), default),
        ["ARP: with a priority"] = (From1(EtherType.Arp, Arp(Victim), 0xE000), default),
        ["ARP: with two"] = (From1(EtherType.Arp, Arp(Victim), 0xE000, 0), default),
        ["ARP: behind SNAP"] = (Snap(Arp(Victim), EtherType.Arp), default),
        ["ARP: in a VLAN"] = (From1(EtherType.Arp, Arp(Victim), 5), default),
        ["RARP: the victim is here"] = (From1(EtherType.Rarp, Arp("0.0.0.0", 3, said: 2)), default),
        ["RARP: an answer"] = (From1(EtherType.Rarp, Arp(Victim, 4)), default),
        ["UDP from the victim"] = (Ip(Victim), default),
        ["TCP from the victim"] = (Ip(Victim, IpProtocol.Tcp, new byte[20]), default),
        ["a ping from the victim"] = (Ip(Victim, IpProtocol.Icmp, [8, 0, 0, 0, 0, 0, 0, 0]), default),
        ["from the gateway"] = (Ip(Gateway), default),
        ["from nobody"] = (Ip("0.0.0.0"), default),
        ["from the victim in a VLAN"] = (From1(EtherType.Ipv4, Ipv4(Victim, Own), 5), default),
        ["from the victim with a priority"] = (From1(EtherType.Ipv4, Ipv4(Victim, Own), 0x2000), default),
        ["from the victim behind SNAP"] = (Snap(Ipv4(Victim, Own), EtherType.Ipv4), default),
        ["a later fragment from the victim"] = (Ip(Victim, fragment: 0x0010), default),
        ["a first fragment without a header"] = (Ip(Own, payload: new byte[4], fragment: 0x2000), default),
        ["an offer"] = (Ip(Own, payload: s_offer), default),
        ["an offer behind options"] = (Ip(Own, payload: s_offer, options: [1, 1, 1, 1]), default),
        ["an offer in fragments"] = (Ip(Own, payload: s_offer[..24], fragment: 0x2000), default),
        ["an offer for a relay"] = (Ip(Own, payload: Udp(67, Dhcp(2, DhcpHeader.Reply), 67)), default),
        ["a question for the victim"] = (Ip("0.0.0.0", payload: Udp(67, Dhcp(2), 68)), default),
        ["questions in one super-frame"] = (Ip("0.0.0.0", payload: Udp(67, [.. Dhcp(1), .. Dhcp(2)], 68)), new()
        {
            Flags = VirtioNetFlags.NeedsChecksum, GsoType = GsoType.UdpSegments, GsoSize = DhcpHeader.MinimumSize, HeaderLength = 42,
            ChecksumStart = 34, ChecksumOffset = 6,
        }),
        ["a datagram whose port becomes another"] = (Ip(Own),
            new() { Flags = VirtioNetFlags.NeedsChecksum, ChecksumStart = 34, ChecksumOffset = 2 }),
        ["ICMP: a redirect"] = (Ip(Own, IpProtocol.Icmp, [5, 1, 0, 0, 10, 10, 0, 5, .. new byte[28]]), default),
        ["ICMP: a router"] = (Ip(Own, IpProtocol.Icmp, [9, 0, 0, 0, 1, 2, 0, 60, 10, 10, 0, 5, 0, 0, 0, 0]), default),
        ["IPv6: a router"] = (Ip6(OwnLink, IpProtocol.IcmpV6, s_router), default),
        ["IPv6: a router behind a header"] = (Ip6(OwnLink, IpProtocol.HopByHopOptions,
            [IpProtocol.IcmpV6, 0, 1, 4, 0, 0, 0, 0, .. s_router]), default),
        ["IPv6: a router in fragments"] = (Ip6(OwnLink, IpProtocol.Fragment,
            [IpProtocol.IcmpV6, 0, 0, 1, 0, 0, 0, 1, .. s_router[..8]]), default),
        ["IPv6: a redirect"] = (Ip6(OwnLink, IpProtocol.IcmpV6, Icmp6(IcmpV6Type.Redirect, VictimLink)), default),
        ["IPv6: the victim's address is here"] =
            (Ip6(OwnLink, IpProtocol.IcmpV6, Icmp6(IcmpV6Type.NeighborAdvertisement, VictimLink, 2)), default),
        ["IPv6: the victim says"] = (Ip6(VictimLink, IpProtocol.Udp, Udp(5000)), default),
        ["IPv6: own address, the victim's MAC"] =
            (Ip6(OwnLink, IpProtocol.IcmpV6, Icmp6(IcmpV6Type.NeighborAdvertisement, OwnLink, 2, said: 2)), default),
        ["IPv6: a question with the victim's MAC"] =
            (Ip6(OwnLink, IpProtocol.IcmpV6, Icmp6(IcmpV6Type.NeighborSolicitation, VictimLink, 1, said: 2)), default),
        ["IPv6: may I have the victim's address?"] =
            (Ip6("::", IpProtocol.IcmpV6, Icmp6(IcmpV6Type.NeighborSolicitation, VictimLink)), default),
        ["IPv6: from nobody"] = (Ip6("::", IpProtocol.Udp, Udp(5000)), default),
        ["IPv6: an address of the world"] = (Ip6("2001:db8::5", IpProtocol.Udp, Udp(5000)), default),
        ["IPv6: an answer of DHCP"] = (Ip6(OwnLink, IpProtocol.Udp, Udp(546, from: 547)), default),
        ["IPv6: a datagram whose port becomes another"] = (Ip6(OwnLink, IpProtocol.Udp, Udp(5000)),
            new() { Flags = VirtioNetFlags.NeedsChecksum, ChecksumStart = 54, ChecksumOffset = 2 }),
        ["another protocol"] = (From1(0x88B5, new byte[46]), default),
        ["nothing but tags"] = (From1(EtherType.Vlan, new byte[10], [.. Enumerable.Repeat((ushort)0, 40)]), default),
        ["longer than it is"] = (Ip(Own)[..50], default),
    };

    /// <summary>Each goes on from a guarded port.</summary>
    public static readonly Dictionary<string, (byte[] Frame, VirtioNetHeader Offload)> Honest = new()
    {
        ["ARP: a question"] = (From1(EtherType.Arp, Arp(Own)), default),
        ["ARP: an answer"] = (From1(EtherType.Arp, Arp(Own, ArpMessage.Reply)), default),
        ["ARP: a probe"] = (From1(EtherType.Arp, Probe(Own)), default),
        ["ARP: with a priority"] = (From1(EtherType.Arp, Arp(Own), 0xE000), default),
        ["RARP: where it is after a migration"] = (From1(EtherType.Rarp, Arp("0.0.0.0", 3)), default),
        ["UDP"] = (Ip(Own), default),
        ["UDP with a sum to complete"] = (Ip(Own), new() { Flags = VirtioNetFlags.NeedsChecksum, ChecksumStart = 34, ChecksumOffset = 6 }),
        ["a tunnel with a sum inside"] = (Ip(Own, payload: Udp(4789, new byte[60])),
            new() { Flags = VirtioNetFlags.NeedsChecksum, ChecksumStart = 84, ChecksumOffset = 6 }),
        ["TCP"] = (Ip(Own, IpProtocol.Tcp, new byte[20]), default),
        ["another protocol of IP"] = (Ip(Own, 132, new byte[12]), default),
        ["a later fragment"] = (Ip(Own, fragment: 0x0010), default),
        ["a ping"] = (Ip(Own, IpProtocol.Icmp, [8, 0, 0, 0, 0, 0, 0, 0]), default),
        ["DHCP without an address"] = (Ip("0.0.0.0", payload: Udp(67, Dhcp(1), 68)), default),
        ["DHCP with one"] = (Ip(Own, payload: Udp(67, Dhcp(1), 68)), default),
        ["IPv6: may I have this address?"] = (Ip6("::", IpProtocol.IcmpV6, Icmp6(IcmpV6Type.NeighborSolicitation, OwnLink)), default),
        ["IPv6: a question"] = (Ip6(OwnLink, IpProtocol.IcmpV6, Icmp6(IcmpV6Type.NeighborSolicitation, VictimLink, 1)), default),
        ["IPv6: an answer"] = (Ip6(OwnLink, IpProtocol.IcmpV6, Icmp6(IcmpV6Type.NeighborAdvertisement, OwnLink, 2)), default),
        ["IPv6: are there routers?"] = (Ip6(OwnLink, IpProtocol.IcmpV6, Icmp6(IcmpV6Type.RouterSolicitation, option: 1)), default),
        ["IPv6: listeners"] = (Ip6(OwnLink, IpProtocol.HopByHopOptions,
            [IpProtocol.IcmpV6, 0, 5, 2, 0, 0, 1, 0, 143, 0, 0, 0, 0, 0, 0, 0]), default),
        ["IPv6: an address that no MAC makes"] = (Ip6("fe80::1:2:3:4", IpProtocol.Udp, Udp(5000)), default),
    };
}
