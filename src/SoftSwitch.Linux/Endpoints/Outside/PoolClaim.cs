using System.Globalization;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Linux.Succession;
using SoftSwitch.Packets;

namespace SoftSwitch.Linux.Endpoints.Outside;

/// <summary>
/// That one switch translates with these ports of an interface's addresses, told to every other: each would take the answers to the other's
/// guests. Forwards that are for one address of the host are in nobody's way at another.
/// </summary>
public sealed class PoolClaim : IDisposable
{
    private const int RangesPerName = 8;

    private readonly ClaimTables _tables;

    private PoolClaim(ClaimTables tables) => _tables = tables;

    /// <param name="interfaceName">For messages.</param>
    /// <param name="index">The interface.</param>
    /// <param name="ports">What is translated with.</param>
    /// <param name="inside">The namespace; null: the calling thread's.</param>
    /// <param name="from">What the program before this one has left in this process; left out: there was none.</param>
    /// <exception cref="SystemCallException">Another switch has some of them; the message says who.</exception>
    public static PoolClaim Take(
        string interfaceName, int index, IReadOnlyCollection<ForwardedPorts> ports, NetworkNamespace? inside = null,
        Inheritance? from = null) =>
        new(ClaimTables.Take("pool", index, ports.Chunk(RangesPerName).Select(some => string.Join('_', some.Select(Word))),
            word => ports.Any(mine => Overlap(mine, word)), $"the pool on interface {interfaceName}",
            "translates with some of these ports already, and would get the answers to these guests: "
                + "end it, or give each a pool of its own with ports:", inside, from));

    /// <inheritdoc cref="ClaimTables.Hold"/>
    public void Hold(Inheritance heir) => _tables.Hold(heir);

    public void Dispose() => _tables.Dispose();

    private static string Word(ForwardedPorts claimed) => string.Create(CultureInfo.InvariantCulture,
        $"{claimed.Ports.Protocol}.{claimed.Ports.First}.{claimed.Ports.Last}{(claimed.On is { } on ? $".{on.Value:x8}" : "")}");

    private static bool Overlap(ForwardedPorts mine, string word) =>
        word.Split('.') is [var protocol, var first, var last, .. var on]
        && byte.TryParse(protocol, out var of) && of == mine.Ports.Protocol
        && int.TryParse(first, out var from) && int.TryParse(last, out var to) && from <= mine.Ports.Last && to >= mine.Ports.First
        && (mine.On is null || on is not [var at] || at == mine.On.Value.Value.ToString("x8", CultureInfo.InvariantCulture));
}
