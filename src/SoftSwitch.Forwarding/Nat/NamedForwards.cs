using System.Collections.Frozen;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>
/// The forwards that are asked at one address outside, port by port: of one port, several may lead to different hosts, each at an address
/// of its own. Immutable; replaced whole.
/// </summary>
internal sealed class NamedForwards
{
    private readonly FrozenDictionary<(Ipv4Address On, int Protocol, ushort Port), ulong> _insides;
    private readonly FrozenSet<ulong> _ends;

    private NamedForwards(Dictionary<(Ipv4Address, int, ushort), ulong> insides)
    {
        _insides = insides.ToFrozenDictionary();
        _ends = insides.Values.ToFrozenSet();
    }

    public static NamedForwards None { get; } = new([]);

    /// <summary>The inside end (<see cref="MappingTable.Key"/>) that a port of an address leads to; 0: none by name.</summary>
    public ulong Find(Ipv4Address on, int protocol, ushort port) =>
        _insides.Count == 0 ? 0 : _insides.GetValueOrDefault((on, protocol, port));

    /// <summary>Some port of some address leads to an inside end (<see cref="MappingTable.Key"/>).</summary>
    public bool LeadsTo(ulong inside) => _ends.Contains(inside);

    /// <summary>Others of one network, those of all other networks as they are.</summary>
    /// <exception cref="ArgumentException">A port of an address is another network's, or there twice.</exception>
    public NamedForwards With(int policy, IEnumerable<NaptForward> forwards)
    {
        var insides = _insides.Where(one => MappingTable.PolicyOf(one.Value) != policy).ToDictionary();
        foreach (var forward in forwards)
        {
            var (number, first, last) = forward.From;
            var protocol = NatProtocol.Of(number);
            for (var port = first; port <= last; port++)
            {
                var inside = MappingTable.Key(forward.Inside, (ushort)(forward.InsidePort + port - first), policy, protocol);
                if (!insides.TryAdd((forward.On!.Value, protocol, (ushort)port), inside))
                    throw new ArgumentException($"port {port} of {forward.On} is forwarded twice", nameof(forwards));
            }
        }
        return new(insides);
    }
}
