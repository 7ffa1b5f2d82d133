using System.Buffers.Binary;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Packets;
using static SoftSwitch.Linux.Interop.NfTables;

namespace SoftSwitch.Linux.Nftables;

/// <summary>
/// A rule as the kernel wants it: a line of expressions over a few registers, run from left to right until one doesn't match or decides.
/// <c>Match…</c> ends the rule for all other frames; the rest of the methods do something with the frames that got so far. Register 1 is
/// for comparing, 2 for what is done, 3 keeps a mark.
/// </summary>
public sealed partial class NftRule
{
    private readonly byte[] _bytes = new byte[1536];
    private int _length;

    internal ReadOnlySpan<byte> Expressions => _bytes.AsSpan(0, _length);

    /// <summary>SO_MARK of the socket that sent it, or the mark that somebody set.</summary>
    public NftRule MatchMark(uint mark) => LoadMeta(NFT_META_MARK, NFT_REG_1).Compare(NFT_CMP_EQ, BitConverter.GetBytes(mark));

    public NftRule MatchOtherMark(uint mark) => LoadMeta(NFT_META_MARK, NFT_REG_1).Compare(NFT_CMP_NEQ, BitConverter.GetBytes(mark));

    /// <summary>The type of the packet, VLAN tag aside.</summary>
    public NftRule MatchEtherType(ushort etherType) => LoadMeta(NFT_META_PROTOCOL, NFT_REG_1).Compare(NFT_CMP_EQ, BigEndian(etherType));

    /// <summary>The protocol behind the IP header; for an IPv4 packet check its type first.</summary>
    public NftRule MatchProtocol(byte protocol) => LoadMeta(NFT_META_L4PROTO, NFT_REG_1).Compare(NFT_CMP_EQ, [protocol]);

    /// <summary>Destination ports of TCP or UDP, both ends included; later fragments never match.</summary>
    public NftRule MatchDestinationPorts(ushort first, ushort last) => Load(NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2)
        .Compare(NFT_CMP_GTE, BigEndian(first)).Compare(NFT_CMP_LTE, BigEndian(last));

    /// <summary>The destination of an IPv4 packet is in a set of <see cref="NftKey.Ipv4Address"/>.</summary>
    public NftRule MatchDestinationIn(string set) => Load(NFT_PAYLOAD_NETWORK_HEADER, 16, Ipv4Address.Size).Lookup(set);

    /// <summary>The destination is in a set of <see cref="NftKey.MacAddress"/>.</summary>
    public NftRule MatchStationIn(string set) => Load(NFT_PAYLOAD_LL_HEADER, 0, MacAddress.Size).Lookup(set);

    /// <summary>The source is in a set of <see cref="NftKey.MacAddress"/>.</summary>
    public NftRule MatchSenderIn(string set) => Load(NFT_PAYLOAD_LL_HEADER, MacAddress.Size, MacAddress.Size).Lookup(set);

    public NftRule MatchStation(MacAddress destination) => CompareStation(NFT_CMP_EQ, destination);

    public NftRule MatchOtherStation(MacAddress destination) => CompareStation(NFT_CMP_NEQ, destination);

    /// <summary>The destination is a group: broadcast or multicast.</summary>
    public NftRule MatchGroup() => Load(NFT_PAYLOAD_LL_HEADER, 0, 1).Mask(1).Compare(NFT_CMP_EQ, [1]);

    /// <summary>Keeps these bits of a byte.</summary>
    private NftRule Mask(byte bits)
    {
        var expression = Begin("bitwise");
        expression.Message.PutBigEndian(NFTA_BITWISE_SREG, NFT_REG_1);
        expression.Message.PutBigEndian(NFTA_BITWISE_DREG, NFT_REG_1);
        expression.Message.PutBigEndian(NFTA_BITWISE_LEN, 1);
        PutValue(ref expression.Message, NFTA_BITWISE_MASK, new[] { bits });
        PutValue(ref expression.Message, NFTA_BITWISE_XOR, [0]);
        return End(expression);
    }

    public NftRule SetMark(uint mark) => Immediate(NFT_REG_2, BitConverter.GetBytes(mark)).StoreMeta(NFT_META_MARK, NFT_REG_2);

    /// <summary>What the kernel takes the frame for, on ingress.</summary>
    /// <param name="type">PACKET_HOST, PACKET_BROADCAST, PACKET_MULTICAST or PACKET_OTHERHOST (linux/if_packet.h).</param>
    public NftRule SetPacketType(byte type) => Immediate(NFT_REG_2, [type]).StoreMeta(NFT_META_PKTTYPE, NFT_REG_2);

    /// <summary>Sends the frame out by another interface of this namespace instead. Decides.</summary>
    public NftRule Forward(int index) => To("fwd", NFTA_FWD_SREG_DEV, index);

    /// <summary>Sends a copy out by another interface of this namespace; the copy bears a mark, the frame keeps its own.</summary>
    public NftRule Duplicate(int index, uint mark) => LoadMeta(NFT_META_MARK, NFT_REG_3).SetMark(mark).To("dup", NFTA_DUP_SREG_DEV, index)
        .StoreMeta(NFT_META_MARK, NFT_REG_3);

    /// <summary>Decides.</summary>
    public NftRule Accept() => Verdict(NF_ACCEPT);

    /// <summary>Decides.</summary>
    public NftRule Drop() => Verdict(NF_DROP);

    private NftRule CompareStation(uint operation, MacAddress destination)
    {
        Span<byte> bytes = stackalloc byte[MacAddress.Size];
        destination.Write(bytes);
        return Load(NFT_PAYLOAD_LL_HEADER, 0, MacAddress.Size).Compare(operation, bytes);
    }

    private NftRule To(string expressionName, ushort register, int index)
    {
        Immediate(NFT_REG_2, BitConverter.GetBytes(index));
        var expression = Begin(expressionName);
        expression.Message.PutBigEndian(register, NFT_REG_2);
        return End(expression);
    }

    private NftRule LoadMeta(uint key, uint register) => Meta(key, NFTA_META_DREG, register);

    private NftRule StoreMeta(uint key, uint register) => Meta(key, NFTA_META_SREG, register);

    private NftRule Meta(uint key, ushort direction, uint register)
    {
        var expression = Begin("meta");
        expression.Message.PutBigEndian(NFTA_META_KEY, key);
        expression.Message.PutBigEndian(direction, register);
        return End(expression);
    }

    private NftRule Load(uint header, uint offset, uint length)
    {
        var expression = Begin("payload");
        expression.Message.PutBigEndian(NFTA_PAYLOAD_DREG, NFT_REG_1);
        expression.Message.PutBigEndian(NFTA_PAYLOAD_BASE, header);
        expression.Message.PutBigEndian(NFTA_PAYLOAD_OFFSET, offset);
        expression.Message.PutBigEndian(NFTA_PAYLOAD_LEN, length);
        return End(expression);
    }

    private NftRule Compare(uint operation, ReadOnlySpan<byte> value)
    {
        var expression = Begin("cmp");
        expression.Message.PutBigEndian(NFTA_CMP_SREG, NFT_REG_1);
        expression.Message.PutBigEndian(NFTA_CMP_OP, operation);
        PutValue(ref expression.Message, NFTA_CMP_DATA, value);
        return End(expression);
    }

    private NftRule Lookup(string set)
    {
        var expression = Begin("lookup");
        expression.Message.Put(NFTA_LOOKUP_SET, set);
        expression.Message.PutBigEndian(NFTA_LOOKUP_SREG, NFT_REG_1);
        return End(expression);
    }

    private NftRule Immediate(uint register, ReadOnlySpan<byte> value)
    {
        var expression = Begin("immediate");
        expression.Message.PutBigEndian(NFTA_IMMEDIATE_DREG, register);
        PutValue(ref expression.Message, NFTA_IMMEDIATE_DATA, value);
        return End(expression);
    }

    private NftRule Verdict(uint code)
    {
        var expression = Begin("immediate");
        expression.Message.PutBigEndian(NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
        var data = expression.Message.BeginNest(NFTA_IMMEDIATE_DATA);
        var verdict = expression.Message.BeginNest(NFTA_DATA_VERDICT);
        expression.Message.PutBigEndian(NFTA_VERDICT_CODE, code);
        expression.Message.EndNest(verdict);
        expression.Message.EndNest(data);
        return End(expression);
    }

    private static void PutValue(ref MessageBuilder message, ushort type, ReadOnlySpan<byte> value)
    {
        var data = message.BeginNest(type);
        message.Put(NFTA_DATA_VALUE, value);
        message.EndNest(data);
    }

    private static byte[] BigEndian(ushort value)
    {
        var bytes = new byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, value);
        return bytes;
    }

    private Expression Begin(string name)
    {
        var expression = new Expression { Message = new(_bytes.AsSpan(_length)) };
        expression.Element = expression.Message.BeginNest(NFTA_LIST_ELEM);
        expression.Message.Put(NFTA_EXPR_NAME, name);
        expression.Data = expression.Message.BeginNest(NFTA_EXPR_DATA);
        return expression;
    }

    private NftRule End(Expression expression)
    {
        expression.Message.EndNest(expression.Data);
        expression.Message.EndNest(expression.Element);
        _length += expression.Message.Attributes.Length;
        return this;
    }

    /// <summary>An expression that is being written, right into the rule's bytes.</summary>
    private ref struct Expression
    {
        public MessageBuilder Message;
        public int Element;
        public int Data;
    }
}
