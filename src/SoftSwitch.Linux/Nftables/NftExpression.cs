using SoftSwitch.Linux.Netlink;
using static SoftSwitch.Linux.Interop.NfTables;

namespace SoftSwitch.Linux.Nftables;

/// <summary>An expression that is being written, right into the bytes of its rule (<see cref="NftExpressions"/>).</summary>
internal ref struct NftExpression
{
    /// <summary>Takes what the expression says.</summary>
    public MessageBuilder Message;

    private readonly int _element;
    private readonly int _data;

    public NftExpression(Span<byte> bytes, string name)
    {
        Message = new(bytes);
        _element = Message.BeginNest(NFTA_LIST_ELEM);
        Message.Put(NFTA_EXPR_NAME, name);
        _data = Message.BeginNest(NFTA_EXPR_DATA);
    }

    public void PutValue(ushort type, scoped ReadOnlySpan<byte> value)
    {
        var data = Message.BeginNest(type);
        Message.Put(NFTA_DATA_VALUE, value);
        Message.EndNest(data);
    }

    /// <returns>Bytes of the whole.</returns>
    public readonly int End()
    {
        Message.EndNest(_data);
        Message.EndNest(_element);
        return Message.Attributes.Length;
    }
}
