using System.Buffers.Binary;
using SoftSwitch.Linux.Netlink;

namespace SoftSwitch.Linux.Nftables;

/// <summary>The attributes of an expression, by their numbers. One that isn't there reads as zero, or as nothing.</summary>
internal readonly ref struct NftAttributes
{
    private readonly AttributeReader _all;

    private NftAttributes(AttributeReader all) => _all = all;

    public static NftAttributes Of(AttributeReader all) => new(all);

    public uint Number(ushort type) => BinaryPrimitives.ReverseEndianness(Find(type).UInt32);

    public string Text(ushort type) => Find(type).Text;

    public byte[] Value(ushort type) => Find(type).Value.ToArray();

    /// <summary>What is in a nested value.</summary>
    public byte[] Data(ushort type) => NftData.ValueOf(Find(type).Nested);

    /// <summary>The chain that a nested verdict leads to; null: none.</summary>
    public string? Chain(ushort type) => NftData.ChainOf(Find(type).Nested);

    private AttributeReader Find(ushort type)
    {
        var all = _all;
        while (all.Next())
        {
            if (all.Type == type)
                return all;
        }
        return default;
    }
}
