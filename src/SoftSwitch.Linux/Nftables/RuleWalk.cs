using SoftSwitch.Linux.Netlink;
using SoftSwitch.Packets;
using static SoftSwitch.Linux.Interop.NfTables;

namespace SoftSwitch.Linux.Nftables;

/// <summary>
/// Follows packets to an address of the host through chains of nf_tables: of the ports that they may have, each expression leaves some, and
/// where a rule sends a packet elsewhere, those that are left are found. What isn't understood (a mark, a state, who sent it) is taken to
/// fit: a port too many is found rather than one too few.
/// </summary>
/// <param name="address">The address that packets are sent to.</param>
/// <param name="interfaceName">The interface that they come in by.</param>
/// <param name="index">Its number.</param>
internal sealed class RuleWalk(NftListing listing, Ipv4Address address, string interfaceName, int index)
{
    /// <summary>As deep as the kernel lets chains lead to chains.</summary>
    private const int MostDeep = 16;

    /// <summary>Rules that are looked at: chains may lead to the same chain by many ways.</summary>
    private const int MostRules = 100_000;

    private readonly PacketFilter _filter = new(address, interfaceName, index);
    private readonly Dictionary<uint, (PacketField Field, byte[]? Mask)> _registers = [];
    private int _depth, _seen;

    public List<RedirectedPorts> Found { get; } = [];

    /// <summary>Packets with these ports come to a chain.</summary>
    public void Follow(ListedChain chain, TransportPorts[] ports)
    {
        if (ports.Length == 0 || _depth == MostDeep)
            return;
        _depth++;
        foreach (var rule in listing.RulesOf(chain))
        {
            if (_seen++ < MostRules)
                FollowRule(chain, rule, ports);
        }
        _depth--;
    }

    private void FollowRule(ListedChain chain, byte[] rule, TransportPorts[] ports)
    {
        _registers.Clear();
        var expressions = new AttributeReader(rule);
        while (ports.Length > 0 && expressions.Next())
        {
            var name = "";
            AttributeReader data = default;
            var expression = expressions.Nested;
            while (expression.Next())
            {
                if (expression.Type == NFTA_EXPR_NAME)
                    name = expression.Text;
                else if (expression.Type == NFTA_EXPR_DATA)
                    data = expression.Nested;
            }
            ports = Take(chain, name, NftAttributes.Of(data), ports);
        }
    }

    /// <returns>The ports of packets that go on behind the expression.</returns>
    private TransportPorts[] Take(ListedChain chain, string name, NftAttributes data, TransportPorts[] ports)
    {
        switch (name)
        {
            case "meta":
                Load(data.Number(NFTA_META_DREG), data.Number(NFTA_META_KEY) switch
                {
                    NFT_META_NFPROTO => PacketField.Family,
                    NFT_META_L4PROTO => PacketField.Protocol,
                    NFT_META_IIFNAME => PacketField.InterfaceName,
                    NFT_META_IIF => PacketField.InterfaceIndex,
                    _ => PacketField.Other,
                });
                break;
            case "payload":
                Load(data.Number(NFTA_PAYLOAD_DREG),
                    (data.Number(NFTA_PAYLOAD_BASE), data.Number(NFTA_PAYLOAD_OFFSET), data.Number(NFTA_PAYLOAD_LEN)) switch
                    {
                        (NFT_PAYLOAD_TRANSPORT_HEADER, UdpHeader.DestinationPortOffset, 2) => PacketField.Port,
                        (NFT_PAYLOAD_TRANSPORT_HEADER, UdpHeader.SourcePortOffset, 4) => PacketField.Ports,
                        (NFT_PAYLOAD_NETWORK_HEADER, Ipv4Header.ProtocolOffset, 1) => PacketField.Protocol,
                        (NFT_PAYLOAD_NETWORK_HEADER, Ipv4Header.DestinationOffset, 4) => PacketField.Address,
                        _ => PacketField.Other,
                    });
                break;
            case "bitwise":
                var (field, _) = At(data.Number(NFTA_BITWISE_SREG));
                _registers[Place(data.Number(NFTA_BITWISE_DREG))] =
                    field == PacketField.Address ? (field, data.Data(NFTA_BITWISE_MASK)) : default;
                break;
            case "cmp":
                return _filter.Compare(ports, At(data.Number(NFTA_CMP_SREG)), data.Number(NFTA_CMP_OP), data.Data(NFTA_CMP_DATA));
            case "range":
                return _filter.Range(ports, At(data.Number(NFTA_RANGE_SREG)), data.Data(NFTA_RANGE_FROM_DATA),
                    data.Data(NFTA_RANGE_TO_DATA), isWithin: data.Number(NFTA_RANGE_OP) == NFT_CMP_EQ);
            case "lookup":
                return Look(chain, data, ports);
            case "match":
                return PacketFilter.Match(ports, data.Text(NFTA_MATCH_NAME), data.Value(NFTA_MATCH_INFO));
            case "immediate" when data.Number(NFTA_IMMEDIATE_DREG) == NFT_REG_VERDICT:
                if (data.Chain(NFTA_IMMEDIATE_DATA) is { } next)
                    GoTo(chain with { Name = next }, ports);
                break;
            case "nat" when data.Number(NFTA_NAT_TYPE) == NFT_NAT_DNAT:
            case "redir" or "tproxy":
            case "target" when data.Text(NFTA_TARGET_NAME) is "DNAT" or "REDIRECT" or "TPROXY" or "NETMAP":
                Found.AddRange(ports.Select(some => new RedirectedPorts(some,
                    $"table {(chain.Family == NFPROTO_INET ? "inet" : "ip")} {chain.Table}, chain {chain.Name}")));
                break;
            default:
                // Whatever it loads is nothing that is looked at.
                Load(data.Number(NFTA_PAYLOAD_DREG), PacketField.Other);
                break;
        }
        return ports;
    }

    private TransportPorts[] Look(ListedChain chain, NftAttributes data, TransportPorts[] ports)
    {
        var place = Place(data.Number(NFTA_LOOKUP_SREG));
        (uint Offset, PacketField Field, byte[]? Mask)[] fields =
        [
            .. _registers.Where(loaded => loaded.Key >= place && loaded.Value.Field != PacketField.Other)
                .Select(loaded => ((loaded.Key - place) * 4, loaded.Value.Field, loaded.Value.Mask)),
        ];
        if (fields.Length == 0 || (data.Number(NFTA_LOOKUP_FLAGS) & NFT_LOOKUP_F_INV) != 0)
            return ports;
        var left = new List<TransportPorts>();
        foreach (var (first, last, next) in ElementRanges.Of(listing.ElementsOf(chain with { Name = data.Text(NFTA_LOOKUP_SET) })))
        {
            var fit = fields.Aggregate(ports, (some, field) => _filter.Range(some, (field.Field, field.Mask),
                PacketFilter.Part(first, field.Offset, field.Field), PacketFilter.Part(last, field.Offset, field.Field), isWithin: true));
            left.AddRange(fit);
            if (next is not null)
                GoTo(chain with { Name = next }, fit);
        }
        return [.. TransportPorts.Merge(left, IpProtocol.Tcp), .. TransportPorts.Merge(left, IpProtocol.Udp)];
    }

    /// <summary>The registers are as they were when it comes back.</summary>
    private void GoTo(ListedChain chain, TransportPorts[] ports)
    {
        var before = _registers.ToArray();
        Follow(chain, ports);
        _registers.Clear();
        foreach (var (place, loaded) in before)
            _registers.Add(place, loaded);
    }

    private void Load(uint register, PacketField field) => _registers[Place(register)] = (field, null);

    private (PacketField Field, byte[]? Mask) At(uint register) => _registers.GetValueOrDefault(Place(register));

    /// <summary>Registers have two names: four of sixteen bytes are sixteen of four.</summary>
    private static uint Place(uint register) => register >= NFT_REG32_00 ? register - NFT_REG32_00
        : register is 0 or > 4 ? uint.MaxValue : (register - NFT_REG_1) * 4;
}
