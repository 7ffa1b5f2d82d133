using System.Runtime.CompilerServices;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>
/// The addresses at which a translator is spoken to, by number. Number 0 is the outside address, which everything leaves with; the others
/// are aliases, at which forwards are asked and whose answers leave with the alias.
/// <code>
///   0: 192.0.2.2     1: 192.0.2.3     2: –     3: 172.30.0.2, closed     …  15
/// </code>
/// An alias keeps its number while it is there, and its flows name it by that number. One that is closed keeps its flows, and nothing comes
/// in or leaves with it. Immutable; replaced whole.
/// </summary>
internal sealed class OutsideAddresses
{
    /// <summary>A flow has four bits for the number.</summary>
    public const int MostAliases = 15;

    /// <summary>By number; 0: there is none.</summary>
    private readonly uint[] _known = new uint[MostAliases + 1];

    /// <summary>The same without those that are closed.</summary>
    private readonly uint[] _open = new uint[MostAliases + 1];

    /// <summary>A bit for the last six of each alias that is open: by it nearly all other addresses are told at once.</summary>
    private readonly ulong _endings;

    /// <summary>The number that was given last.</summary>
    private readonly int _last;

    public OutsideAddresses(Ipv4Address outside) => _known[0] = _open[0] = outside.Value;

    /// <summary>With the numbers that another program gave them.</summary>
    /// <param name="outside">Number 0.</param>
    /// <param name="aliases">By number, from 1; 0.0.0.0: there is none.</param>
    public OutsideAddresses(Ipv4Address outside, ReadOnlySpan<Ipv4Address> aliases) : this(outside)
    {
        for (var number = 1; number <= aliases.Length; number++)
        {
            if (aliases[number - 1] is var alias && (alias == default || NumberOf(alias) >= 0))
                continue;
            (_known[number], _open[number], _last) = (alias.Value, alias.Value, number);
            _endings |= EndingOf(alias);
        }
    }

    private OutsideAddresses(OutsideAddresses before, IReadOnlyCollection<NaptAlias> aliases)
    {
        (_known[0], _open[0], _last) = (before._known[0], before._open[0], before._last);
        foreach (var alias in aliases)
        {
            var number = before.NumberOf(alias.Address);
            // A number that is free is the next one's after 15 others: a packet that is on its way knows its address by number.
            for (; number < 0; number = before._known[_last] == 0 && _known[_last] == 0 ? _last : -1)
                _last = _last % MostAliases + 1;
            _known[number] = alias.Address.Value;
            _open[number] = alias.IsClosed ? 0 : alias.Address.Value;
            _endings |= alias.IsClosed ? 0 : EndingOf(alias.Address);
        }
    }

    /// <summary>The address with a number; 0.0.0.0: nobody has it.</summary>
    public Ipv4Address this[int number] => new(_known[number]);

    /// <summary>The same; 0.0.0.0 where it is closed.</summary>
    public Ipv4Address Open(int number) => new(_open[number]);

    /// <summary>The number of an alias that is open; or -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Find(Ipv4Address address) => (_endings & EndingOf(address)) == 0 ? -1 : Search(address);

    /// <summary>With all closed that are not among some aliases.</summary>
    public OutsideAddresses Closing(IReadOnlyCollection<NaptAlias> aliases) => new(this,
    [
        .. Aliases.Select(address => aliases.FirstOrDefault(alias => alias.Address == address, new(address, IsClosed: true))),
    ]);

    /// <summary>These aliases and no others. What was here before keeps its number.</summary>
    public OutsideAddresses With(IReadOnlyCollection<NaptAlias> aliases) =>
        new(new(this, [.. aliases.Where(alias => NumberOf(alias.Address) > 0)]), aliases);

    /// <summary>All but number 0.</summary>
    public IEnumerable<Ipv4Address> Aliases => _known.Skip(1).Where(address => address != 0).Select(address => new Ipv4Address(address));

    private int Search(Ipv4Address address) => address == default ? -1 : _open.AsSpan().IndexOf(address.Value);

    private static ulong EndingOf(Ipv4Address address) => 1UL << (int)address.Value;

    private int NumberOf(Ipv4Address address) => _known.AsSpan().IndexOf(address.Value);
}
