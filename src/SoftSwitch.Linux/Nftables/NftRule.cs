using SoftSwitch.Linux.Interop;
using SoftSwitch.Packets;
using static SoftSwitch.Linux.Interop.NfTables;

namespace SoftSwitch.Linux.Nftables;

/// <summary>
/// A rule as the kernel wants it: a line of expressions over a few registers, run from left to right until one doesn't match or decides.
/// <c>Match…</c> ends the rule for all other frames; the rest of the methods do something with the frames that got so far. Register 1 is
/// for comparing, 2 for what is done, 3 keeps a mark.
/// </summary>
public sealed class NftRule
{
    private const byte Reset = 0x04, Acknowledge = 0x10;

    /// <summary>Don't Fragment, of a packet that is whole (RFC 791, 3.1).</summary>
    private const ushort DontFragment = 0x4000;

    private readonly NftExpressions _line = new();

    internal ReadOnlySpan<byte> Expressions => _line.Bytes;

    /// <summary>SO_MARK of the socket that sent it, or the mark that somebody set.</summary>
    public NftRule MatchMark(uint mark) => With(_line.LoadMeta(NFT_META_MARK, NFT_REG_1).Compare(NFT_CMP_EQ, BitConverter.GetBytes(mark)));

    public NftRule MatchOtherMark(uint mark) =>
        With(_line.LoadMeta(NFT_META_MARK, NFT_REG_1).Compare(NFT_CMP_NEQ, BitConverter.GetBytes(mark)));

    /// <summary>The type of the packet, VLAN tag aside.</summary>
    public NftRule MatchEtherType(ushort etherType) =>
        With(_line.LoadMeta(NFT_META_PROTOCOL, NFT_REG_1).Compare(NFT_CMP_EQ, etherType));

    /// <summary>The protocol behind the IP header; for an IPv4 packet check its type first.</summary>
    public NftRule MatchProtocol(byte protocol) => With(_line.LoadMeta(NFT_META_L4PROTO, NFT_REG_1).Compare(NFT_CMP_EQ, [protocol]));

    /// <summary>Destination ports of TCP or UDP, both ends included; later fragments never match.</summary>
    public NftRule MatchDestinationPorts(ushort first, ushort last) => With(_line.Load(NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2)
        .Compare(NFT_CMP_GTE, first).Compare(NFT_CMP_LTE, last));

    /// <summary>The destination of an IPv4 packet is in a set of <see cref="NftKey.Ipv4Address"/>.</summary>
    public NftRule MatchDestinationIn(string set) => With(_line.Load(NFT_PAYLOAD_NETWORK_HEADER, 16, Ipv4Address.Size).Lookup(set));

    /// <summary>The destination is in a set of <see cref="NftKey.MacAddress"/>.</summary>
    public NftRule MatchStationIn(string set) => With(_line.Load(NFT_PAYLOAD_LL_HEADER, 0, MacAddress.Size).Lookup(set));

    /// <summary>The source is in a set of <see cref="NftKey.MacAddress"/>.</summary>
    public NftRule MatchSenderIn(string set) => With(_line.Load(NFT_PAYLOAD_LL_HEADER, MacAddress.Size, MacAddress.Size).Lookup(set));

    public NftRule MatchStation(MacAddress destination) =>
        With(_line.Load(NFT_PAYLOAD_LL_HEADER, 0, MacAddress.Size).Compare(NFT_CMP_EQ, destination));

    public NftRule MatchOtherStation(MacAddress destination) =>
        With(_line.Load(NFT_PAYLOAD_LL_HEADER, 0, MacAddress.Size).Compare(NFT_CMP_NEQ, destination));

    /// <summary>The destination is a group: broadcast or multicast.</summary>
    public NftRule MatchGroup() => With(_line.Load(NFT_PAYLOAD_LL_HEADER, 0, 1).Mask(1).Compare(NFT_CMP_EQ, [1]));

    // What only the host's stack knows of a packet, for tables of NftFamily.Ipv4.

    /// <summary>The destination is no address of the host, 127.0.0.0/8 and routes of type local included.</summary>
    public NftRule MatchOthersDestination() => With(_line.LoadDestinationType()
        .Compare(NFT_CMP_NEQ, BitConverter.GetBytes((uint)Rtnetlink.RTN_LOCAL)));

    /// <summary>The destination is in a subnet.</summary>
    public NftRule MatchDestination(Ipv4Subnet subnet) =>
        With(_line.Compare(NFT_PAYLOAD_NETWORK_HEADER, Ipv4Header.DestinationOffset, subnet));

    /// <summary>The source is in a subnet.</summary>
    public NftRule MatchSource(Ipv4Subnet subnet) =>
        With(_line.Compare(NFT_PAYLOAD_NETWORK_HEADER, Ipv4Header.SourceOffset, subnet));

    /// <summary>It is whole, and may not be fragmented.</summary>
    public NftRule MatchDontFragment() =>
        With(_line.Load(NFT_PAYLOAD_NETWORK_HEADER, Ipv4Header.FragmentOffset, 2).Compare(NFT_CMP_EQ, DontFragment));

    public NftRule MatchDestination(Ipv4Address address) =>
        With(_line.Load(NFT_PAYLOAD_NETWORK_HEADER, 16, Ipv4Address.Size).Compare(NFT_CMP_EQ, address));

    /// <summary>Destination and its port are in a set of <see cref="NftKey.Endpoint"/>.</summary>
    public NftRule MatchDestinationEndpointIn(string set) =>
        With(_line.Load(NFT_PAYLOAD_NETWORK_HEADER, 16, Ipv4Address.Size, NFT_REG32_00)
            .Load(NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2, NFT_REG32_01).Lookup(set));

    /// <summary>It came in by another interface.</summary>
    public NftRule MatchOtherInterface(string name) => With(_line.LoadMeta(NFT_META_IIFNAME, NFT_REG_1).CompareName(NFT_CMP_NEQ, name));

    /// <summary>It came in by the interface of this name.</summary>
    public NftRule MatchInterface(string name) => With(_line.LoadMeta(NFT_META_IIFNAME, NFT_REG_1).CompareName(NFT_CMP_EQ, name));

    /// <summary>It goes out by the interface of this name.</summary>
    public NftRule MatchWayOut(string name) => With(_line.LoadMeta(NFT_META_OIFNAME, NFT_REG_1).CompareName(NFT_CMP_EQ, name));

    public NftRule MatchOtherDestination(Ipv4Address address) =>
        With(_line.Load(NFT_PAYLOAD_NETWORK_HEADER, 16, Ipv4Address.Size).Compare(NFT_CMP_NEQ, address));

    /// <summary>For tables of <see cref="NftFamily.Ipv6"/>.</summary>
    public NftRule MatchOtherDestination(Ipv6Address address) => With(
        _line.Load(NFT_PAYLOAD_NETWORK_HEADER, Ipv6Header.DestinationOffset, Ipv6Address.Size).Compare(NFT_CMP_NEQ, address));

    public NftRule MatchSource(Ipv4Address address) =>
        With(_line.Load(NFT_PAYLOAD_NETWORK_HEADER, 12, Ipv4Address.Size).Compare(NFT_CMP_EQ, address));

    /// <summary>For tables of <see cref="NftFamily.Ipv6"/>.</summary>
    public NftRule MatchSource(Ipv6Address address) => With(
        _line.Load(NFT_PAYLOAD_NETWORK_HEADER, Ipv6Header.SourceOffset, Ipv6Address.Size).Compare(NFT_CMP_EQ, address));

    /// <summary>Source ports of TCP or UDP, both ends included.</summary>
    public NftRule MatchSourcePorts(ushort first, ushort last) => With(_line.Load(NFT_PAYLOAD_TRANSPORT_HEADER, 0, 2)
        .Compare(NFT_CMP_GTE, first).Compare(NFT_CMP_LTE, last));

    /// <summary>The source port is in a set of <see cref="NftKey.Port"/>.</summary>
    public NftRule MatchSourcePortIn(string set) => With(_line.Load(NFT_PAYLOAD_TRANSPORT_HEADER, 0, 2).Lookup(set));

    /// <summary>The destination port is in a set of <see cref="NftKey.Port"/>.</summary>
    public NftRule MatchDestinationPortIn(string set) => With(_line.Load(NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2).Lookup(set));

    /// <summary>
    /// TCP with RST and without ACK: the answer to a segment of a connection that doesn't exist (RFC 9293, 3.10.7). A program that ends its
    /// own connection by force sends both.
    /// </summary>
    public NftRule MatchBareReset() =>
        With(_line.Load(NFT_PAYLOAD_TRANSPORT_HEADER, 13, 1).Mask(Reset | Acknowledge).Compare(NFT_CMP_EQ, [Reset]));

    /// <summary>A socket of the host is there for it, listening, connected or just closed.</summary>
    public NftRule MatchSocket() => With(_line.MatchSocket());

    public NftRule SetMark(uint mark) => With(_line.SetMark(mark));

    /// <summary>What the kernel takes the frame for, on ingress.</summary>
    /// <param name="type">PACKET_HOST, PACKET_BROADCAST, PACKET_MULTICAST or PACKET_OTHERHOST (linux/if_packet.h).</param>
    public NftRule SetPacketType(byte type) => With(_line.Immediate(NFT_REG_2, [type]).StoreMeta(NFT_META_PKTTYPE, NFT_REG_2));

    /// <summary>Sends the frame out by another interface of this namespace instead. Decides.</summary>
    public NftRule Forward(int index) => With(_line.To("fwd", NFTA_FWD_SREG_DEV, index));

    /// <summary>Sends a copy out by another interface of this namespace; the copy bears a mark, the frame keeps its own.</summary>
    public NftRule Duplicate(int index, uint mark) => With(_line.LoadMeta(NFT_META_MARK, NFT_REG_3)
        .SetMark(mark).To("dup", NFTA_DUP_SREG_DEV, index).StoreMeta(NFT_META_MARK, NFT_REG_3));

    /// <summary>Sends the connection to another address instead, in a chain that translates. Decides.</summary>
    public NftRule Lead(Ipv4Address destination) => With(_line.Translate(NFT_NAT_DNAT, destination));

    /// <inheritdoc cref="Lead(Ipv4Address)"/>
    public NftRule Lead(Ipv6Address destination) => With(_line.Translate(NFT_NAT_DNAT, destination));

    /// <summary>Has the connection come from another address, in a chain that translates; its port is another where that one is taken.
    /// Decides.</summary>
    public NftRule ComeFrom(Ipv4Address source) => With(_line.Translate(NFT_NAT_SNAT, source));

    /// <inheritdoc cref="ComeFrom(Ipv4Address)"/>
    public NftRule ComeFrom(Ipv6Address source) => With(_line.Translate(NFT_NAT_SNAT, source));

    /// <summary>The same, from one of these ports in any case.</summary>
    /// <param name="source">Its address from now on; null: as it is.</param>
    /// <param name="first">The lowest port.</param>
    /// <param name="last">The highest.</param>
    public NftRule ComeFrom(Ipv4Address? source, ushort first, ushort last) => With(_line.TranslateSource(source, first, last));

    /// <summary>It may be fragmented on its way (RFC 791): for packets that are whole.</summary>
    public NftRule AllowFragments() => With(_line.WriteIpv4(Ipv4Header.FragmentOffset, [0, 0]));

    /// <summary>Decides.</summary>
    public NftRule Accept() => With(_line.Verdict(NF_ACCEPT));

    /// <summary>Decides.</summary>
    public NftRule Drop() => With(_line.Verdict(NF_DROP));

    /// <summary>What was written stands in the rule.</summary>
    private NftRule With(NftExpressions _) => this;
}
