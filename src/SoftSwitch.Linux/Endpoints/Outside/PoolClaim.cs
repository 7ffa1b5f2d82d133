using System.Globalization;
using System.Security.Cryptography;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Linux.Nftables;
using SoftSwitch.Packets;

namespace SoftSwitch.Linux.Endpoints.Outside;

/// <summary>
/// That one switch translates with these ports of an interface's address, told to every other: each would take the answers to the other's
/// guests.
/// </summary>
/// <remarks>
/// It is an empty table of nf_tables (or a few) whose name says all of it: <c>softswitch-pool-INDEX-PORTS-PROCESS-NUMBER</c>. The kernel
/// lists it to whoever is in the same namespace, in other containers too; nobody without CAP_NET_ADMIN can be in the way, and it goes
/// with the process. Two that come at one moment see each other, and both give way: they come again.
/// </remarks>
public sealed class PoolClaim : IDisposable
{
    /// <summary>A name has 255 letters.</summary>
    private const int RangesPerName = 8;

    private readonly List<NftTable> _tables = [];

    private PoolClaim()
    {
    }

    /// <param name="interfaceName">For messages.</param>
    /// <param name="index">The interface.</param>
    /// <param name="ports">What is translated with.</param>
    /// <param name="inside">The namespace; null: the calling thread's.</param>
    /// <exception cref="SystemCallException">Another switch has some of them; the message says who.</exception>
    public static PoolClaim Take(
        string interfaceName, int index, IReadOnlyCollection<TransportPorts> ports, NetworkNamespace? inside = null)
    {
        var prefix = string.Create(CultureInfo.InvariantCulture, $"softswitch-pool-{index}-");
        var claim = new PoolClaim();
        try
        {
            foreach (var some in ports.Chunk(RangesPerName))
            {
                var number = RandomNumberGenerator.GetHexString(8, lowercase: true);
                claim._tables.Add(new(string.Create(CultureInfo.InvariantCulture,
                    $"{prefix}{string.Join('_', some.Select(Word))}-{Environment.ProcessId}-{number}"), inside, NftFamily.Ipv4));
            }
            var own = claim._tables.Select(table => table.Name).ToHashSet();
            foreach (var other in NftTable.Names(NftFamily.Ipv4, inside).Where(name => !own.Contains(name)))
            {
                if (other.StartsWith(prefix, StringComparison.Ordinal) && other[prefix.Length..].Split('-') is [var words, var process, _]
                    && words.Split('_').Any(word => ports.Any(mine => Overlap(mine, word))))
                {
                    throw new SystemCallException("NFT_MSG_NEWTABLE", Errno.EBUSY, $"the pool on interface {interfaceName}",
                        $"{Name(process)} translates with some of these ports already, and would get the answers to these guests: "
                        + "end it, or give each a pool of its own with ports:");
                }
            }
            return claim;
        }
        catch
        {
            claim.Dispose();
            throw;
        }
    }

    public void Dispose() => _tables.ForEach(table => table.Dispose());

    private static string Word(TransportPorts ports) =>
        string.Create(CultureInfo.InvariantCulture, $"{ports.Protocol}.{ports.First}.{ports.Last}");

    private static bool Overlap(TransportPorts mine, string word) =>
        word.Split('.') is [var protocol, var first, var last] && byte.TryParse(protocol, out var of) && of == mine.Protocol
        && int.TryParse(first, out var from) && int.TryParse(last, out var to) && from <= mine.Last && to >= mine.First;

    /// <summary>A number of another container's is nobody's here, somebody else's, or our own; and processes of others can be hidden
    /// (hidepid).</summary>
    private static string Name(string process)
    {
        try
        {
            return int.TryParse(process, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id != Environment.ProcessId
                && File.ReadAllText($"/proc/{process}/comm").TrimEnd('\n') == "softswitch"
                ? $"another switch (process {process})" : "another switch";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "another switch";
        }
    }
}
