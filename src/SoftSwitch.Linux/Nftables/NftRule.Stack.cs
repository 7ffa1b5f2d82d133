using System.Text;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Packets;
using static SoftSwitch.Linux.Interop.NfTables;

namespace SoftSwitch.Linux.Nftables;

/// <summary>What only the host's stack knows of a packet, for tables of <see cref="NftFamily.Ipv4"/>.</summary>
public sealed partial class NftRule
{
    private const byte Reset = 0x04, Acknowledge = 0x10;

    /// <summary>It came in by another interface.</summary>
    public NftRule MatchOtherInterface(string name) => CompareInterface(NFT_META_IIFNAME, NFT_CMP_NEQ, name);

    /// <summary>It came in by the interface of this name.</summary>
    public NftRule MatchInterface(string name) => CompareInterface(NFT_META_IIFNAME, NFT_CMP_EQ, name);

    /// <summary>It goes out by the interface of this name.</summary>
    public NftRule MatchWayOut(string name) => CompareInterface(NFT_META_OIFNAME, NFT_CMP_EQ, name);

    private NftRule CompareInterface(uint key, uint operation, string name)
    {
        Span<byte> padded = stackalloc byte[If.IFNAMSIZ];
        Encoding.UTF8.GetBytes(name, padded[..^1]);
        return LoadMeta(key, NFT_REG_1).Compare(operation, padded);
    }

    public NftRule MatchOtherDestination(Ipv4Address address) =>
        Load(NFT_PAYLOAD_NETWORK_HEADER, 16, Ipv4Address.Size).Compare(NFT_CMP_NEQ, Bytes(address));

    public NftRule MatchSource(Ipv4Address address) =>
        Load(NFT_PAYLOAD_NETWORK_HEADER, 12, Ipv4Address.Size).Compare(NFT_CMP_EQ, Bytes(address));

    /// <summary>Source ports of TCP or UDP, both ends included.</summary>
    public NftRule MatchSourcePorts(ushort first, ushort last) => Load(NFT_PAYLOAD_TRANSPORT_HEADER, 0, 2)
        .Compare(NFT_CMP_GTE, BigEndian(first)).Compare(NFT_CMP_LTE, BigEndian(last));

    /// <summary>The source port is in a set of <see cref="NftKey.Port"/>.</summary>
    public NftRule MatchSourcePortIn(string set) => Load(NFT_PAYLOAD_TRANSPORT_HEADER, 0, 2).Lookup(set);

    /// <summary>The destination port is in a set of <see cref="NftKey.Port"/>.</summary>
    public NftRule MatchDestinationPortIn(string set) => Load(NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2).Lookup(set);

    /// <summary>
    /// TCP with RST and without ACK: the answer to a segment of a connection that doesn't exist (RFC 9293, 3.10.7). A program that ends its
    /// own connection by force sends both.
    /// </summary>
    public NftRule MatchBareReset() => Load(NFT_PAYLOAD_TRANSPORT_HEADER, 13, 1).Mask(Reset | Acknowledge).Compare(NFT_CMP_EQ, [Reset]);

    /// <summary>The host has a socket for the packet: listening, connected or just closed.</summary>
    public NftRule MatchSocket()
    {
        // Without a socket nothing can be answered, and the rule ends. What is asked doesn't matter, and each answer will do; nft lists the
        // two together.
        var expression = Begin("socket");
        expression.Message.PutBigEndian(NFTA_SOCKET_KEY, NFT_SOCKET_TRANSPARENT);
        expression.Message.PutBigEndian(NFTA_SOCKET_DREG, NFT_REG_1);
        return End(expression).Compare(NFT_CMP_LTE, [1]);
    }

    private static byte[] Bytes(Ipv4Address address)
    {
        var bytes = new byte[Ipv4Address.Size];
        address.Write(bytes);
        return bytes;
    }
}
