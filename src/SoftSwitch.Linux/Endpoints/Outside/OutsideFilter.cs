using SoftSwitch.Linux.Filters;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Packets;
using SoftSwitch.Packets.Dhcp;
using static SoftSwitch.Linux.Interop.Filter;

namespace SoftSwitch.Linux.Endpoints.Outside;

/// <summary>
/// A filter in the kernel that lets through what concerns the outside of a network, of all that a NIC receives: nothing else is copied or
/// wakes a worker.
/// </summary>
/// <remarks>
/// With the host's address: ARP for us, packets to the address that could belong to a translation (the ports of the pools and the forwards,
/// ICMP but for the echo requests, which the host answers, and fragments, of which most don't say their ports), and to other addresses of
/// the host those that could belong to a forward there. With an address and a MAC of our own: what is sent to that MAC, and ARP. What is in
/// a VLAN never passes: it belongs to another network on that wire. A tag of VLAN 0 only says a priority.
/// </remarks>
public sealed class OutsideFilter
{
    /// <summary>Ranges of a protocol that are told apart. Where there are more, those that lie close together are joined, which lets
    /// through more than necessary.</summary>
    public const int MaxRanges = 512;

    /// <summary>The same at the host's other addresses, for all of them together.</summary>
    public const int MaxRangesAtOthers = 64;

    private const int Ethernet = EthernetHeader.Size;
    private const int TypeAt = 2 * MacAddress.Size;
    private const int ArpSenderAt = Ethernet + 14, ArpTargetAt = Ethernet + 24;
    private const int FragmentAt = Ethernet + 6, ProtocolAt = Ethernet + 9, SourceAt = Ethernet + 12, DestinationAt = Ethernet + 16;
    private const int SourcePort = 0, DestinationPort = 2;
    private const uint FragmentOffset = 0x1fff, MoreFragments = 0x2000, EchoRequest = 8;

    private readonly sock_filter[] _program;

    private OutsideFilter(sock_filter[] program) => _program = program;

    /// <summary>For the host's own address, on a socket that needn't be promiscuous.</summary>
    /// <param name="address">The host's address that is shared.</param>
    /// <param name="ports">Of the pools and the forwards.</param>
    /// <param name="others">The host's other addresses at which forwards are asked; left out: there are none.</param>
    /// <param name="forwards">Of the forwards there.</param>
    public static OutsideFilter Shared(Ipv4Address address, IReadOnlyCollection<TransportPorts> ports,
        IReadOnlyCollection<Ipv4Address>? others = null, IReadOnlyCollection<TransportPorts>? forwards = null) =>
        new(FilterProgram.Rejecting(program =>
        {
            InNoVlan(program);
            program.Load(BPF_H, TypeAt);
            program.When(EtherType.Arp, arp => Arp(arp, address));
            program.Require(EtherType.Ipv4);
            Packet(program, Ethernet, address, ports, others ?? [], forwards ?? []);
        }).ToArray());

    /// <summary>The same on an interface without Ethernet, of whose packets a socket for IPv4 sees nothing but the packet.</summary>
    /// <inheritdoc cref="Shared"/>
    public static OutsideFilter SharedBareIp(Ipv4Address address, IReadOnlyCollection<TransportPorts> ports,
        IReadOnlyCollection<Ipv4Address>? others = null, IReadOnlyCollection<TransportPorts>? forwards = null) =>
        new(FilterProgram.Rejecting(program => Packet(program, 0, address, ports, others ?? [], forwards ?? [])).ToArray());

    /// <summary>For an address and a MAC of our own.</summary>
    /// <param name="mac">Ours.</param>
    /// <param name="address">Ours; null while it isn't known: then all ARP broadcasts pass.</param>
    public static OutsideFilter Own(MacAddress mac, Ipv4Address? address) =>
        new(FilterProgram.Rejecting(program =>
        {
            InNoVlan(program);
            // Not the interface's address, so the kernel calls these another host's.
            program.Load(BPF_W, 0);
            program.When((uint)(mac.Value >> 16), ours =>
            {
                ours.Load(BPF_H, 4);
                ours.AcceptIf((uint)(mac.Value & 0xffff));
            });
            program.Load(BPF_H, TypeAt);
            program.When(EtherType.Arp, arp => Arp(arp, address));
        }).ToArray());

    /// <summary>The same for several on one LAN. What the switch hands to the host there isn't heard again; what another switch does
    /// is.</summary>
    /// <param name="stations">Ours.</param>
    internal static OutsideFilter Own(IReadOnlyCollection<KeyValuePair<MacAddress, Ipv4Address>> stations) =>
        new(FilterProgram.Rejecting(program =>
        {
            program.LoadAncillary(SKF_AD_MARK);
            program.When(SocketMark.ToHost, toHost =>
            {
                Stations(toHost, stations, MacAddress.Size, (sender, mac) => sender.RejectIf(mac));
                ForStations(toHost, stations);
            });
            ForStations(program, stations);
        }).ToArray());

    /// <summary>For a client of DHCP that is ours, and has no address yet: what servers on the wire answer it, whoever else gets it. What a
    /// switch hands to the host there was said by a guest.</summary>
    /// <param name="mac">The client's.</param>
    internal static OutsideFilter Leased(MacAddress mac) =>
        new(FilterProgram.Rejecting(program =>
        {
            program.LoadAncillary(SKF_AD_MARK);
            program.RejectIf(SocketMark.ToHost);
            InNoVlan(program);
            program.Load(BPF_H, TypeAt);
            program.Require(EtherType.Ipv4);
            program.Load(BPF_H, FragmentAt);
            program.RejectIfAnyOf(FragmentOffset | MoreFragments);
            Udp(program);
            program.LoadBehindHeader(BPF_H, Ethernet + DestinationPort);
            program.Require(DhcpHeader.ClientPort);
            program.LoadBehindHeader(BPF_W, Ethernet + UdpHeader.Size + DhcpHeader.HardwareAddressOffset);
            program.Require((uint)(mac.Value >> 16));
            program.LoadBehindHeader(BPF_H, Ethernet + UdpHeader.Size + DhcpHeader.HardwareAddressOffset + sizeof(uint));
            program.AcceptIf((uint)(mac.Value & 0xffff));
        }).ToArray());

    /// <summary>For what the host itself says from UDP ports.</summary>
    /// <param name="addresses">Those of its addresses that it says it with.</param>
    /// <param name="ports">Ranges of them.</param>
    /// <param name="ours">The mark of what we say: that isn't the host's.</param>
    internal static OutsideFilter Said(
        IReadOnlyCollection<Ipv4Address> addresses, IReadOnlyCollection<TransportPorts> ports, uint ours) =>
        new(FilterProgram.Rejecting(program =>
        {
            program.LoadAncillary(SKF_AD_PKTTYPE);
            program.Require(IfPacket.PACKET_OUTGOING);
            program.LoadAncillary(SKF_AD_MARK);
            program.RejectIf(ours);
            program.Load(BPF_H, TypeAt);
            program.Require(EtherType.Ipv4);
            program.Load(BPF_W, SourceAt);
            program.RequireAnyOf([.. addresses.Select(address => address.Value)]);
            program.Load(BPF_H, FragmentAt);
            program.RejectIfAnyOf(FragmentOffset);
            Udp(program);
            Port(program, Ethernet, SourcePort, ports, IpProtocol.Udp);
        }).ToArray());

    internal ReadOnlyMemory<sock_filter> Program => _program;

    private static void ForStations(FilterProgram program, IReadOnlyCollection<KeyValuePair<MacAddress, Ipv4Address>> stations)
    {
        InNoVlan(program);
        Stations(program, stations, 0, (receiver, mac) => receiver.AcceptIf(mac));
        program.Load(BPF_H, TypeAt);
        program.When(EtherType.Arp, arp => Arp(arp, [.. stations.Select(station => station.Value)]));
    }

    /// <summary>Decides about frames whose address at a place begins as one of some stations' does.</summary>
    /// <param name="decide">About those with this end.</param>
    private static void Stations(FilterProgram program, IEnumerable<KeyValuePair<MacAddress, Ipv4Address>> stations, int at,
        Action<FilterProgram, uint> decide)
    {
        program.Load(BPF_W, at);
        foreach (var alike in stations.GroupBy(station => (uint)(station.Key.Value >> 16)))
        {
            program.When(alike.Key, ours =>
            {
                ours.Load(BPF_H, at + sizeof(uint));
                foreach (var (mac, _) in alike)
                    decide(ours, (uint)(mac.Value & 0xffff));
            });
        }
    }

    private static void InNoVlan(FilterProgram program)
    {
        program.LoadAncillary(SKF_AD_VLAN_TAG);
        program.RejectIfAnyOf(EthernetHeader.VlanMask);
    }

    /// <summary>Lets packets to addresses of the host through that could belong to a translation.</summary>
    /// <param name="at">Where the packet begins.</param>
    private static void Packet(FilterProgram program, int at, Ipv4Address address, IReadOnlyCollection<TransportPorts> ports,
        IReadOnlyCollection<Ipv4Address> others, IReadOnlyCollection<TransportPorts> forwards)
    {
        program.LoadAncillary(SKF_AD_PKTTYPE);
        program.Require(IfPacket.PACKET_HOST);
        program.Load(BPF_W, at + DestinationAt - Ethernet);
        program.When(address.Value, own => Translated(own, at, ports, MaxRanges));
        program.RequireAnyOf([.. others.Select(other => other.Value)]);
        Translated(program, at, forwards, MaxRangesAtOthers);
    }

    /// <summary>The same for one whose destination fits.</summary>
    /// <param name="most">Ranges of a protocol that are told apart.</param>
    private static void Translated(FilterProgram program, int at, IReadOnlyCollection<TransportPorts> ports, int most)
    {
        program.Load(BPF_H, at + FragmentAt - Ethernet);
        // The first, too: of the others of its packet only that one says whose they are. Those of the host would wait for it.
        program.AcceptIfAnyOf(FragmentOffset | MoreFragments);
        program.LoadHeaderLength(at);
        program.Load(BPF_B, at + ProtocolAt - Ethernet);
        program.When(IpProtocol.Icmp, icmp => Icmp(icmp, at));
        program.When(IpProtocol.Tcp, tcp => Port(tcp, at, DestinationPort, ports, IpProtocol.Tcp, most));
        program.When(IpProtocol.Udp, udp => Port(udp, at, DestinationPort, ports, IpProtocol.Udp, most));
    }

    /// <summary>Lets ARP through that is for us alone, or that is for all and about us: a question for our address, or the news of a
    /// station about itself (RFC 5227).</summary>
    private static void Arp(FilterProgram arp, Ipv4Address? address)
    {
        if (address is { } asked)
        {
            Arp(arp, [asked]);
            return;
        }
        arp.LoadAncillary(SKF_AD_PKTTYPE);
        arp.RejectIf(IfPacket.PACKET_OTHERHOST);
        arp.Accept();
    }

    private static void Arp(FilterProgram arp, Ipv4Address[] addresses)
    {
        arp.LoadAncillary(SKF_AD_PKTTYPE);
        arp.RejectIf(IfPacket.PACKET_OTHERHOST);
        arp.AcceptIf(IfPacket.PACKET_HOST);
        arp.Load(BPF_W, ArpSenderAt);
        arp.KeepInX();
        arp.Load(BPF_W, ArpTargetAt);
        foreach (var address in addresses)
            arp.AcceptIf(address.Value);
        arp.AcceptIfX();
    }

    private static void Icmp(FilterProgram icmp, int at)
    {
        icmp.LoadBehindHeader(BPF_B, at);
        icmp.RejectIf(EchoRequest);
        icmp.Accept();
    }

    private static void Udp(FilterProgram program)
    {
        program.Load(BPF_B, ProtocolAt);
        program.Require(IpProtocol.Udp);
        program.LoadHeaderLength(Ethernet);
    }

    /// <param name="at">Where the packet begins.</param>
    /// <param name="which">Which port: its place in the transport header.</param>
    /// <param name="most">Ranges that are told apart.</param>
    private static void Port(
        FilterProgram transport, int at, int which, IReadOnlyCollection<TransportPorts> ports, byte protocol, int most = MaxRanges)
    {
        transport.LoadBehindHeader(BPF_H, at + which);
        foreach (var range in TransportPorts.Merge(ports, protocol, most))
            transport.AcceptBetween(range.First, range.Last);
    }
}
