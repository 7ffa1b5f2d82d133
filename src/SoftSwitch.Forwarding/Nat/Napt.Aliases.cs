using System.Runtime.CompilerServices;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>
/// Whoever has the outside address may have others (a second one on the interface, those of other interfaces), and a forward is asked at
/// any of them. Such an alias has no ports of its own: what begins inside leaves with the outside address, and at an alias there are
/// forwards and nothing else. A flow keeps which one was asked (<see cref="Flow.Alias"/>), and its answers leave with that.
/// </summary>
public sealed unsafe partial class Napt
{
    private volatile OutsideAddresses _addresses;
    private volatile NamedForwards _named = NamedForwards.None;

    /// <summary>Flows at the moment of named forwards.</summary>
    private int _namedFlows;

    /// <summary>Addresses at most, beside the outside address.</summary>
    public const int MaximumAliases = OutsideAddresses.MostAliases;

    /// <summary>Those addresses, open or not.</summary>
    public IEnumerable<Ipv4Address> Aliases => _addresses.Aliases;

    /// <summary>Nothing begins here inside.</summary>
    public bool OnlyAnswers { get; }

    /// <summary>
    /// Says at which addresses forwards are asked as well: all that there are, each time anew. Flows of those that stay go on; flows of
    /// those that are gone end. For one thread of the control side at a time.
    /// </summary>
    /// <param name="aliases">Different ones, none of them the outside address.</param>
    /// <param name="ended">Gets the flows that have ended and whose inside end would notice, as those of
    /// <see cref="CopyOpenTo"/>.</param>
    public void SetAliases(IReadOnlyCollection<NaptAlias> aliases, Instant now, List<OpenFlow> ended)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(aliases.Count, MaximumAliases, nameof(aliases));
        if (aliases.Any(alias => alias.Address == OutsideAddress || alias.Address == default)
            || aliases.DistinctBy(alias => alias.Address).Count() < aliases.Count)
            throw new ArgumentException("an alias is the outside address, none, or there twice", nameof(aliases));
        // From here on nothing begins at those that are gone: whoever begins looks once more under the lock, and an address stays what it
        // is as long as he has that.
        OutsideAddresses closing;
        lock (_changing)
            closing = _addresses = _addresses.Closing(aliases);
        var changed = closing.With(aliases);
        var gone = 0U;
        for (var number = 1; number <= MaximumAliases; number++)
            gone |= closing[number] != default && closing[number] != changed[number] ? 1U << number : 0;
        if (gone != 0)
        {
            ForFlows(slot =>
            {
                if ((gone >> slot->Alias & 1) == 0)
                    return;
                if (IsAlive(*slot, now.Seconds) && IsOpen(*slot))
                    ended.Add(OpenFlowOf(*slot));
                End(slot, now);
            });
        }
        lock (_changing)
            _addresses = changed;
    }

    /// <summary>It is the outside address or an alias that is open. Any thread may ask.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsAskedAt(Ipv4Address address) => AliasOf(address) >= 0;

    /// <summary>The number of an address at which this translator is spoken to: 0 for the outside address, or an alias's, or -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int AliasOf(Ipv4Address address) => address == OutsideAddress ? 0 : _addresses.Find(address);

    /// <summary>The address that a flow's packets leave with; false: it isn't there now.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryFindSource(in FlowMatch match, out Ipv4Address source)
    {
        source = OutsideAddress;
        return match.Alias == 0 || TryFindAlias(match.Alias, out source);
    }

    private bool TryFindAlias(int number, out Ipv4Address address)
    {
        address = _addresses.Open(number);
        return address != default;
    }

    /// <summary>Who is asked at a port of an address. Sure under the lock; without it, to refuse.</summary>
    /// <param name="alias">The number of the address.</param>
    private AskedEnd AskedAt(Ipv4Address address, int alias, int protocol, ushort port)
    {
        if (_named.Find(address, protocol, port) is not 0 and var inside)
            return new(MappingKind.Forward, inside, IsNamed: true);
        var mapping = _mappings.At(protocol, port);
        return alias == 0 || mapping.Kind == MappingKind.Forward ? new(mapping.Kind, mapping.Inside, mapping.Owner) : default;
    }

    /// <summary>The inside end of a flow that begins is a forward's.</summary>
    /// <param name="isNamed">The forward is asked at some addresses only, so the flow has no port of its own there.</param>
    private bool IsForwards(in Flow content, out bool isNamed)
    {
        var inside = MappingTable.Key(content.InsideAddress, content.InsidePort, content.Policy, content.Protocol);
        var port = _mappings.Find(inside);
        var isForwards = port >= 0 && _mappings.KindOf(content.Protocol, (ushort)port) == MappingKind.Forward;
        isNamed = !isForwards && _named.LeadsTo(inside);
        return isForwards || isNamed;
    }

    /// <summary>The address outside that a flow is known by.</summary>
    private Ipv4Address AddressOf(in Flow flow) => _addresses[flow.Alias];
}
