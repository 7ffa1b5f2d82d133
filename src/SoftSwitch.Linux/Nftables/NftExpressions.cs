using System.Buffers.Binary;
using System.Text;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Packets;
using static SoftSwitch.Linux.Interop.NfTables;

namespace SoftSwitch.Linux.Nftables;

/// <summary>The line of expressions of a rule, as the kernel reads it. Each call writes one more.</summary>
internal sealed class NftExpressions
{
    private readonly byte[] _bytes = new byte[1536];
    private int _length;

    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

    public NftExpressions LoadMeta(uint key, uint register) => Meta(key, NFTA_META_DREG, register);

    public NftExpressions StoreMeta(uint key, uint register) => Meta(key, NFTA_META_SREG, register);

    private NftExpressions Meta(uint key, ushort direction, uint register) => Write("meta", (NFTA_META_KEY, key), (direction, register));

    public NftExpressions Load(uint header, uint offset, uint length, uint register = NFT_REG_1) => Write("payload",
        (NFTA_PAYLOAD_DREG, register), (NFTA_PAYLOAD_BASE, header), (NFTA_PAYLOAD_OFFSET, offset), (NFTA_PAYLOAD_LEN, length));

    public NftExpressions Compare(uint operation, ReadOnlySpan<byte> value)
    {
        var expression = Begin("cmp");
        expression.Message.PutBigEndian(NFTA_CMP_SREG, NFT_REG_1);
        expression.Message.PutBigEndian(NFTA_CMP_OP, operation);
        expression.PutValue(NFTA_CMP_DATA, value);
        return End(expression);
    }

    public NftExpressions Compare(uint operation, ushort value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, value);
        return Compare(operation, bytes);
    }

    public NftExpressions Compare(uint operation, MacAddress address)
    {
        Span<byte> bytes = stackalloc byte[MacAddress.Size];
        address.Write(bytes);
        return Compare(operation, bytes);
    }

    public NftExpressions Compare(uint operation, Ipv4Address address)
    {
        Span<byte> bytes = stackalloc byte[Ipv4Address.Size];
        address.Write(bytes);
        return Compare(operation, bytes);
    }

    public NftExpressions Compare(uint operation, Ipv6Address address)
    {
        Span<byte> bytes = stackalloc byte[Ipv6Address.Size];
        address.Write(bytes);
        return Compare(operation, bytes);
    }

    /// <summary>An address in the packet is in a subnet, whose prefix is of whole bytes: so many are looked at.</summary>
    public NftExpressions Compare(uint header, uint offset, Ipv4Subnet subnet)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(subnet.PrefixLength % 8, 0, nameof(subnet));
        Span<byte> bytes = stackalloc byte[Ipv4Address.Size];
        subnet.Address.Write(bytes);
        bytes = bytes[..(subnet.PrefixLength / 8)];
        return Load(header, offset, (uint)bytes.Length).Compare(NFT_CMP_EQ, bytes);
    }

    /// <summary>With an interface's name.</summary>
    public NftExpressions CompareName(uint operation, string name)
    {
        Span<byte> padded = stackalloc byte[If.IFNAMSIZ];
        padded.Clear();
        Encoding.UTF8.GetBytes(name, padded[..^1]);
        return Compare(operation, padded);
    }

    public NftExpressions Lookup(string set)
    {
        var expression = Begin("lookup");
        expression.Message.Put(NFTA_LOOKUP_SET, set);
        expression.Message.PutBigEndian(NFTA_LOOKUP_SREG, NFT_REG_1);
        return End(expression);
    }

    /// <summary>What the host's routing takes the destination for: RTN_LOCAL and the like (linux/rtnetlink.h), in the machine's
    /// order.</summary>
    public NftExpressions LoadDestinationType() => Write("fib",
        (NFTA_FIB_DREG, NFT_REG_1), (NFTA_FIB_RESULT, NFT_FIB_RESULT_ADDRTYPE), (NFTA_FIB_FLAGS, NFTA_FIB_F_DADDR));

    /// <summary>The port stays where it can.</summary>
    /// <param name="type">NFT_NAT_SNAT or NFT_NAT_DNAT.</param>
    /// <param name="address">The source or destination from now on.</param>
    public NftExpressions Translate(uint type, Ipv4Address address) => Immediate(NFT_REG_1, address).Write("nat",
        (NFTA_NAT_TYPE, type), (NFTA_NAT_FAMILY, NFPROTO_IPV4), (NFTA_NAT_REG_ADDR_MIN, NFT_REG_1));

    /// <inheritdoc cref="Translate(uint, Ipv4Address)"/>
    public NftExpressions Translate(uint type, Ipv6Address address)
    {
        Span<byte> bytes = stackalloc byte[Ipv6Address.Size];
        address.Write(bytes);
        return Immediate(NFT_REG_1, bytes).Write("nat",
            (NFTA_NAT_TYPE, type), (NFTA_NAT_FAMILY, NFPROTO_IPV6), (NFTA_NAT_REG_ADDR_MIN, NFT_REG_1));
    }

    /// <param name="address">The source from now on; null: as it is.</param>
    /// <param name="first">The lowest port that the source may have from now on.</param>
    /// <param name="last">The highest.</param>
    public NftExpressions TranslateSource(Ipv4Address? address, ushort first, ushort last)
    {
        Span<byte> port = stackalloc byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(port, first);
        Immediate(NFT_REG_2, port);
        BinaryPrimitives.WriteUInt16BigEndian(port, last);
        Immediate(NFT_REG_3, port);
        return address is { } source
            ? Immediate(NFT_REG_1, source).Write("nat", (NFTA_NAT_TYPE, NFT_NAT_SNAT), (NFTA_NAT_FAMILY, NFPROTO_IPV4),
                (NFTA_NAT_REG_ADDR_MIN, NFT_REG_1), (NFTA_NAT_REG_PROTO_MIN, NFT_REG_2), (NFTA_NAT_REG_PROTO_MAX, NFT_REG_3))
            : Write("nat", (NFTA_NAT_TYPE, NFT_NAT_SNAT), (NFTA_NAT_FAMILY, NFPROTO_IPV4),
                (NFTA_NAT_REG_PROTO_MIN, NFT_REG_2), (NFTA_NAT_REG_PROTO_MAX, NFT_REG_3));
    }

    /// <summary>Writes two bytes into the IPv4 header, and keeps its checksum right.</summary>
    public NftExpressions WriteIpv4(uint offset, ReadOnlySpan<byte> value) => Immediate(NFT_REG_2, value).Write("payload",
        (NFTA_PAYLOAD_SREG, NFT_REG_2), (NFTA_PAYLOAD_BASE, NFT_PAYLOAD_NETWORK_HEADER), (NFTA_PAYLOAD_OFFSET, offset),
        (NFTA_PAYLOAD_LEN, (uint)value.Length), (NFTA_PAYLOAD_CSUM_TYPE, NFT_PAYLOAD_CSUM_INET),
        (NFTA_PAYLOAD_CSUM_OFFSET, (uint)Ipv4Header.ChecksumOffset));

    private NftExpressions Immediate(uint register, Ipv4Address address)
    {
        Span<byte> bytes = stackalloc byte[Ipv4Address.Size];
        address.Write(bytes);
        return Immediate(register, bytes);
    }

    public NftExpressions Immediate(uint register, ReadOnlySpan<byte> value)
    {
        var expression = Begin("immediate");
        expression.Message.PutBigEndian(NFTA_IMMEDIATE_DREG, register);
        expression.PutValue(NFTA_IMMEDIATE_DATA, value);
        return End(expression);
    }

    public NftExpressions Verdict(uint code)
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

    /// <summary>Keeps these bits of a byte.</summary>
    public NftExpressions Mask(byte bits)
    {
        var expression = Begin("bitwise");
        expression.Message.PutBigEndian(NFTA_BITWISE_SREG, NFT_REG_1);
        expression.Message.PutBigEndian(NFTA_BITWISE_DREG, NFT_REG_1);
        expression.Message.PutBigEndian(NFTA_BITWISE_LEN, 1);
        expression.PutValue(NFTA_BITWISE_MASK, new[] { bits });
        expression.PutValue(NFTA_BITWISE_XOR, [0]);
        return End(expression);
    }

    public NftExpressions To(string expressionName, ushort register, int index) =>
        Immediate(NFT_REG_2, BitConverter.GetBytes(index)).Write(expressionName, (register, NFT_REG_2));

    public NftExpressions SetMark(uint mark) => Immediate(NFT_REG_2, BitConverter.GetBytes(mark)).StoreMeta(NFT_META_MARK, NFT_REG_2);

    /// <summary>
    /// Without a socket nothing can be answered, and the line ends. What is asked doesn't matter, and each answer will do; nft lists the
    /// two together.
    /// </summary>
    public NftExpressions MatchSocket() => Write("socket",
        (NFTA_SOCKET_KEY, NFT_SOCKET_TRANSPARENT), (NFTA_SOCKET_DREG, NFT_REG_1)).Compare(NFT_CMP_LTE, [1]);

    /// <summary>An expression of numbers alone.</summary>
    private NftExpressions Write(string name, params ReadOnlySpan<(ushort Attribute, uint Value)> numbers)
    {
        var expression = Begin(name);
        foreach (var (attribute, value) in numbers)
            expression.Message.PutBigEndian(attribute, value);
        return End(expression);
    }

    private NftExpression Begin(string name) => new(_bytes.AsSpan(_length), name);

    private NftExpressions End(NftExpression expression)
    {
        _length += expression.End();
        return this;
    }
}
