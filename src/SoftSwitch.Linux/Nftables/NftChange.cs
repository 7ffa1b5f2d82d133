using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Packets;
using static SoftSwitch.Linux.Interop.Netlink;
using static SoftSwitch.Linux.Interop.NfTables;
using static SoftSwitch.Linux.Interop.Nfnetlink;

namespace SoftSwitch.Linux.Nftables;

/// <summary>
/// What is to change in one table, in order, as one batch of netlink messages between NFNL_MSG_BATCH_BEGIN and NFNL_MSG_BATCH_END. Made by
/// <see cref="NftTable.Change"/>, handed to <see cref="NftTable.Commit"/> once.
/// </summary>
public sealed class NftChange
{
    /// <summary>Elements that fit into one change with ease: the kernel takes a batch as one datagram.</summary>
    public const int MaximumElements = 512;

    private const int MessageSize = 2048;

    /// <summary>Types of chains.</summary>
    private const string Filtering = "filter", Translating = "nat";

    private readonly string _table;
    private readonly NftFamily _family;
    private readonly ArrayBufferWriter<byte> _messages = new(MessageSize);
    private int _lastAt;
    private uint _sets;

    internal NftChange(string table, NftFamily family)
    {
        (_table, _family) = (table, family);
        Mark(NFNL_MSG_BATCH_BEGIN);
    }

    internal bool IsEmpty => _lastAt == 0;

    /// <summary>Adds a set, empty. Its size is not bounded here.</summary>
    public NftChange AddSet(string name, NftKey key)
    {
        var message = Begin(stackalloc byte[MessageSize], NFT_MSG_NEWSET, NLM_F_CREATE | NLM_F_EXCL);
        message.Put(NFTA_SET_TABLE, _table);
        message.Put(NFTA_SET_NAME, name);
        message.PutBigEndian(NFTA_SET_KEY_TYPE, (uint)key);
        message.PutBigEndian(NFTA_SET_KEY_LEN, key switch
        {
            NftKey.MacAddress => MacAddress.Size,
            NftKey.Port => sizeof(ushort),
            NftKey.Ipv4Address => (uint)Ipv4Address.Size,
            NftKey.Endpoint => NftElement.EndpointSize,
            _ => throw new ArgumentOutOfRangeException(nameof(key), key, null),
        });
        message.PutBigEndian(NFTA_SET_ID, ++_sets);
        return End(message);
    }

    /// <summary>Adds a chain to a hook of a device; what no rule decides is accepted.</summary>
    /// <param name="name">The chain's.</param>
    /// <param name="hook">Where it sees frames.</param>
    /// <param name="device">The interface's name.</param>
    /// <param name="priority">Among the chains of the same hook, lowest first.</param>
    public NftChange AddChain(string name, NftHook hook, string device, int priority = 0) =>
        AddChain(name, Filtering, (uint)hook, device, priority);

    /// <summary>Adds a chain to a hook of the host's stack; what no rule decides is accepted.</summary>
    /// <param name="name">The chain's.</param>
    /// <param name="hook">Where it sees packets.</param>
    /// <param name="priority">Among the chains of the same hook, lowest first.</param>
    public NftChange AddChain(string name, NftStackHook hook, int priority) => AddChain(name, Filtering, (uint)hook, null, priority);

    /// <summary>Adds a chain that translates: it sees the first packet of each connection, and its answers and all that follow are
    /// translated as that one was.</summary>
    /// <param name="name">The chain's.</param>
    /// <param name="hook">Where it sees packets.</param>
    /// <param name="priority">Among the chains that translate at the same hook, lowest first: the first that translates decides.</param>
    public NftChange AddNatChain(string name, NftStackHook hook, int priority) => AddChain(name, Translating, (uint)hook, null, priority);

    private NftChange AddChain(string name, string type, uint hook, string? device, int priority)
    {
        var message = Begin(stackalloc byte[MessageSize], NFT_MSG_NEWCHAIN, NLM_F_CREATE | NLM_F_EXCL);
        message.Put(NFTA_CHAIN_TABLE, _table);
        message.Put(NFTA_CHAIN_NAME, name);
        message.Put(NFTA_CHAIN_TYPE, type);
        message.PutBigEndian(NFTA_CHAIN_POLICY, NF_ACCEPT);
        var place = message.BeginNest(NFTA_CHAIN_HOOK);
        message.PutBigEndian(NFTA_HOOK_HOOKNUM, hook);
        message.PutBigEndian(NFTA_HOOK_PRIORITY, unchecked((uint)priority));
        if (device is not null)
            message.Put(NFTA_HOOK_DEV, device);
        message.EndNest(place);
        return End(message);
    }

    /// <summary>Adds a rule at the end of a chain.</summary>
    public NftChange AddRule(string chain, NftRule rule)
    {
        var message = Begin(stackalloc byte[MessageSize], NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND);
        message.Put(NFTA_RULE_TABLE, _table);
        message.Put(NFTA_RULE_CHAIN, chain);
        message.Put(NFTA_RULE_EXPRESSIONS | NLA_F_NESTED, rule.Expressions);
        return End(message);
    }

    /// <summary>Removes all rules of a chain.</summary>
    public NftChange ClearChain(string chain)
    {
        var message = Begin(stackalloc byte[MessageSize], NFT_MSG_DELRULE, 0);
        message.Put(NFTA_RULE_TABLE, _table);
        message.Put(NFTA_RULE_CHAIN, chain);
        return End(message);
    }

    /// <summary>Adds an element; again is no error.</summary>
    public NftChange AddElement(string set, NftElement element) => Element(NFT_MSG_NEWSETELEM, NLM_F_CREATE, set, element);

    /// <summary>Removes an element, which must be there.</summary>
    public NftChange RemoveElement(string set, NftElement element) => Element(NFT_MSG_DELSETELEM, 0, set, element);

    internal NftChange AddTable()
    {
        var message = Begin(stackalloc byte[MessageSize], NFT_MSG_NEWTABLE, NLM_F_CREATE | NLM_F_EXCL);
        message.Put(NFTA_TABLE_NAME, _table);
        message.PutBigEndian(NFTA_TABLE_FLAGS, NFT_TABLE_F_OWNER);
        return End(message);
    }

    /// <summary>The whole batch; its last change asks for the acknowledgement.</summary>
    internal Span<byte> Finish()
    {
        Mark(NFNL_MSG_BATCH_END);
        // The writer's memory is ours alone.
        var bytes = MemoryMarshal.AsMemory(_messages.WrittenMemory).Span;
        MemoryMarshal.AsRef<nlmsghdr>(bytes[_lastAt..]).nlmsg_flags |= NLM_F_ACK;
        return bytes;
    }

    private NftChange Element(ushort type, ushort flags, string set, NftElement added)
    {
        var message = Begin(stackalloc byte[MessageSize], type, flags);
        message.Put(NFTA_SET_ELEM_LIST_TABLE, _table);
        message.Put(NFTA_SET_ELEM_LIST_SET, set);
        var elements = message.BeginNest(NFTA_SET_ELEM_LIST_ELEMENTS);
        var element = message.BeginNest(NFTA_LIST_ELEM);
        var data = message.BeginNest(NFTA_SET_ELEM_KEY);
        Span<byte> key = stackalloc byte[NftElement.MaximumSize];
        message.Put(NFTA_DATA_VALUE, key[..added.Write(key)]);
        message.EndNest(data);
        message.EndNest(element);
        message.EndNest(elements);
        return End(message);
    }

    private MessageBuilder Begin(Span<byte> buffer, ushort type, ushort flags)
    {
        var message = new MessageBuilder(buffer, (ushort)(NFNL_SUBSYS_NFTABLES << 8 | type), flags);
        message.Append(new nfgenmsg { nfgen_family = (byte)_family });
        return message;
    }

    private NftChange End(MessageBuilder message)
    {
        _lastAt = _messages.WrittenCount;
        _messages.Write(message.Message);
        return this;
    }

    private void Mark(ushort type)
    {
        var message = new MessageBuilder(stackalloc byte[32], type, 0);
        message.Append(new nfgenmsg { res_id = BinaryPrimitives.ReverseEndianness(NFNL_SUBSYS_NFTABLES) });
        _messages.Write(message.Message);
    }
}
