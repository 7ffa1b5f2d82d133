using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Linux.Netlink;
using static SoftSwitch.Linux.Interop.Nfnetlink;
using static SoftSwitch.Linux.Interop.NfTables;

namespace SoftSwitch.Linux.Nftables;

/// <summary>
/// What others have in nf_tables, iptables-nft among them, of what packets of IPv4 come by before they are routed. Nothing is changed. One
/// thread at a time; it needs CAP_NET_ADMIN.
/// </summary>
internal sealed class NftListing : IDisposable
{
    /// <summary>A rule set of a thousand services has some thousands.</summary>
    private const int MostRules = 20_000;

    private readonly NetlinkSocket _socket;
    private readonly Dictionary<ListedChain, List<byte[]>> _rules = [];
    private readonly Dictionary<ListedChain, IReadOnlyList<ListedElement>> _sets = [];
    private int _count;

    /// <param name="inside">The namespace; null: the calling thread's.</param>
    public NftListing(NetworkNamespace? inside = null) => _socket = new(protocol: Interop.Netlink.NETLINK_NETFILTER, inside: inside);

    /// <summary>The chains that the kernel hands packets to before they are routed.</summary>
    public List<ListedChain> Starts { get; } = [];

    /// <summary>Another number whenever anything has changed, ours included.</summary>
    /// <exception cref="SystemCallException">The kernel can't tell.</exception>
    public uint Generation()
    {
        var generation = 0U;
        var request = Begin(stackalloc byte[64], NFT_MSG_GETGEN, NFPROTO_UNSPEC);
        _socket.Request(request.Message, "NFT_MSG_GETGEN", "nf_tables", (type, payload) =>
        {
            var attributes = Attributes(payload);
            while ((type & byte.MaxValue) == NFT_MSG_NEWGEN && attributes.Next())
            {
                if (attributes.Type == NFTA_GEN_ID)
                    generation = BinaryPrimitives.ReverseEndianness(attributes.UInt32);
            }
        });
        return generation;
    }

    /// <summary>Reads all of it anew.</summary>
    /// <exception cref="SystemCallException">The kernel can't tell.</exception>
    public void Read()
    {
        _rules.Clear();
        _sets.Clear();
        _count = 0;
        ReadStarts();
        foreach (var (family, table) in Starts.Select(chain => (chain.Family, chain.Table)).Distinct())
            ReadRules(family, table);
    }

    /// <summary>The expressions of each rule of a chain, as the kernel lists them.</summary>
    public IReadOnlyList<byte[]> RulesOf(ListedChain chain) => _rules.GetValueOrDefault(chain) ?? [];

    /// <summary>What is in a set or map.</summary>
    /// <param name="set">Called as a chain is.</param>
    /// <exception cref="SystemCallException">The kernel can't tell.</exception>
    public IReadOnlyList<ListedElement> ElementsOf(ListedChain set)
    {
        if (_sets.TryGetValue(set, out var known))
            return known;
        var elements = new List<ListedElement>();
        var request = Begin(stackalloc byte[1024], NFT_MSG_GETSETELEM, set.Family);
        request.Put(NFTA_SET_ELEM_LIST_TABLE, set.Table);
        request.Put(NFTA_SET_ELEM_LIST_SET, set.Name);
        _socket.Dump(request.Message, "NFT_MSG_GETSETELEM", "sets of nf_tables", elements.Clear, (_, payload) =>
        {
            var attributes = Attributes(payload);
            while (attributes.Next())
            {
                if (attributes.Type == NFTA_SET_ELEM_LIST_ELEMENTS)
                    ReadElements(attributes.Nested, elements);
            }
        });
        return _sets[set] = elements;
    }

    public void Dispose() => _socket.Dispose();


    private static MessageBuilder Begin(Span<byte> buffer, ushort type, byte family)
    {
        var request = new MessageBuilder(buffer, (ushort)((NFNL_SUBSYS_NFTABLES << 8) | type), 0);
        request.Append(new nfgenmsg { nfgen_family = family });
        return request;
    }

    private static byte FamilyOf(ReadOnlySpan<byte> payload) => payload.IsEmpty ? NFPROTO_UNSPEC : payload[0];

    private static AttributeReader Attributes(ReadOnlySpan<byte> payload) =>
        new(payload[int.Min(payload.Length, Unsafe.SizeOf<nfgenmsg>())..]);

    private void ReadStarts()
    {
        var request = Begin(stackalloc byte[64], NFT_MSG_GETCHAIN, NFPROTO_UNSPEC);
        _socket.Dump(request.Message, "NFT_MSG_GETCHAIN", "chains of nf_tables", Starts.Clear, (_, payload) =>
        {
            var (family, table, name, isStart) = (FamilyOf(payload), "", "", false);
            var attributes = Attributes(payload);
            while (attributes.Next())
            {
                if (attributes.Type == NFTA_CHAIN_TABLE)
                    table = attributes.Text;
                else if (attributes.Type == NFTA_CHAIN_NAME)
                    name = attributes.Text;
                else if (attributes.Type == NFTA_CHAIN_HOOK)
                    isStart = HookOf(attributes.Nested) == NF_INET_PRE_ROUTING;
            }
            if (isStart && family is NFPROTO_IPV4 or NFPROTO_INET)
                Starts.Add(new(family, table, name));
        });
    }

    private static uint HookOf(AttributeReader hook)
    {
        while (hook.Next())
        {
            if (hook.Type == NFTA_HOOK_HOOKNUM)
                return BinaryPrimitives.ReverseEndianness(hook.UInt32);
        }
        return uint.MaxValue;
    }

    private void ReadRules(byte family, string table)
    {
        var request = Begin(stackalloc byte[512], NFT_MSG_GETRULE, family);
        request.Put(NFTA_RULE_TABLE, table);
        _socket.Dump(request.Message, "NFT_MSG_GETRULE", "rules of nf_tables", () => Forget(family, table), (_, payload) =>
        {
            var (chain, expressions, ofTable) = ("", Array.Empty<byte>(), "");
            var attributes = Attributes(payload);
            while (attributes.Next())
            {
                if (attributes.Type == NFTA_RULE_TABLE)
                    ofTable = attributes.Text;
                else if (attributes.Type == NFTA_RULE_CHAIN)
                    chain = attributes.Text;
                else if (attributes.Type == NFTA_RULE_EXPRESSIONS)
                    expressions = attributes.Value.ToArray();
            }
            if (ofTable != table || FamilyOf(payload) != family || ++_count > MostRules)
                return;
            var key = new ListedChain(family, table, chain);
            if (!_rules.TryGetValue(key, out var rules))
                _rules.Add(key, rules = []);
            rules.Add(expressions);
        });
    }

    private void Forget(byte family, string table)
    {
        foreach (var chain in _rules.Keys.Where(chain => chain.Family == family && chain.Table == table).ToList())
            _rules.Remove(chain);
    }

    private static void ReadElements(AttributeReader list, List<ListedElement> into)
    {
        while (list.Next())
        {
            var (key, last, ends, chain) = (Array.Empty<byte>(), default(byte[]), false, default(string));
            var element = list.Nested;
            while (element.Next())
            {
                switch (element.Type)
                {
                    case NFTA_SET_ELEM_KEY:
                        key = NftData.ValueOf(element.Nested);
                        break;
                    case NFTA_SET_ELEM_KEY_END:
                        last = NftData.ValueOf(element.Nested);
                        break;
                    case NFTA_SET_ELEM_FLAGS:
                        ends = (BinaryPrimitives.ReverseEndianness(element.UInt32) & NFT_SET_ELEM_INTERVAL_END) != 0;
                        break;
                    case NFTA_SET_ELEM_DATA:
                        chain = NftData.ChainOf(element.Nested);
                        break;
                }
            }
            into.Add(new(key, last, ends, chain));
        }
    }
}
