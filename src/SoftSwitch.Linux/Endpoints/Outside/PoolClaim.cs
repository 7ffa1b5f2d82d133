using System.Globalization;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Packets;

namespace SoftSwitch.Linux.Endpoints.Outside;

/// <summary>
/// That one switch translates with these ports of an interface's address, told to every other: each would take the answers to the other's
/// guests.
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
    /// <exception cref="SystemCallException">Another switch has some of them; the message says who.</exception>
    public static PoolClaim Take(
        string interfaceName, int index, IReadOnlyCollection<TransportPorts> ports, NetworkNamespace? inside = null) =>
        new(ClaimTables.Take("pool", index, ports.Chunk(RangesPerName).Select(some => string.Join('_', some.Select(Word))),
            word => ports.Any(mine => Overlap(mine, word)), $"the pool on interface {interfaceName}",
            "translates with some of these ports already, and would get the answers to these guests: "
                + "end it, or give each a pool of its own with ports:", inside));

    public void Dispose() => _tables.Dispose();

    private static string Word(TransportPorts ports) =>
        string.Create(CultureInfo.InvariantCulture, $"{ports.Protocol}.{ports.First}.{ports.Last}");

    private static bool Overlap(TransportPorts mine, string word) =>
        word.Split('.') is [var protocol, var first, var last] && byte.TryParse(protocol, out var of) && of == mine.Protocol
        && int.TryParse(first, out var from) && int.TryParse(last, out var to) && from <= mine.Last && to >= mine.First;
}
