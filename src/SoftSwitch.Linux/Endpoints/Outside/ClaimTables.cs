using System.Globalization;
using System.Security.Cryptography;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Linux.Nftables;
using SoftSwitch.Linux.Succession;

namespace SoftSwitch.Linux.Endpoints.Outside;

/// <summary>That one switch has something of an interface, told to every other of the same namespace.</summary>
/// <remarks>
/// It is an empty table of nf_tables (or a few) whose name says all of it: <c>softswitch-KIND-INDEX-WORDS-PROCESS-NUMBER</c>. The kernel
/// lists it to whoever is in the same namespace, in other containers too; nobody without CAP_NET_ADMIN can be in the way, and it goes
/// with the process. Two that come at one moment see each other, and both give way: they come again.
/// </remarks>
internal sealed class ClaimTables : IDisposable
{
    private readonly List<NftTable> _tables = [];

    private ClaimTables()
    {
    }

    /// <param name="kind">What is claimed.</param>
    /// <param name="index">The interface.</param>
    /// <param name="words">All of it, as many a table as its name has letters for (255).</param>
    /// <param name="isTaken">Whether another's word is about something of it.</param>
    /// <param name="subject">For messages: what it is.</param>
    /// <param name="cure">For messages, behind who has it.</param>
    /// <param name="inside">The namespace; null: the calling thread's.</param>
    /// <param name="from">What the program before this one has left in this process: its claims are no other's. Null: there was
    /// none.</param>
    /// <exception cref="SystemCallException">Another switch has some of it; the message says who.</exception>
    public static ClaimTables Take(
        string kind, int index, IEnumerable<string> words, Func<string, bool> isTaken, string subject, string cure,
        NetworkNamespace? inside, Inheritance? from)
    {
        var prefix = string.Create(CultureInfo.InvariantCulture, $"softswitch-{kind}-{index}-");
        var claim = new ClaimTables();
        try
        {
            foreach (var some in words)
            {
                var number = RandomNumberGenerator.GetHexString(8, lowercase: true);
                claim._tables.Add(new(string.Create(
                    CultureInfo.InvariantCulture, $"{prefix}{some}-{Environment.ProcessId}-{number}"), inside, NftFamily.Ipv4));
            }
            var own = claim._tables.Select(table => table.Name).ToHashSet();
            foreach (var other in NftTable.Names(NftFamily.Ipv4, inside)
                .Where(name => !own.Contains(name) && from?.Owns(name) != true))
            {
                if (other.StartsWith(prefix, StringComparison.Ordinal) && other[prefix.Length..].Split('-') is [var some, var process, _]
                    && some.Split('_').Any(isTaken))
                    throw new SystemCallException("NFT_MSG_NEWTABLE", Errno.EBUSY, subject, $"{Name(process)} {cure}");
            }
            return claim;
        }
        catch
        {
            claim.Dispose();
            throw;
        }
    }

    /// <summary>Has the claim stay until the program that goes on in this process has its own.</summary>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public void Hold(Inheritance heir)
    {
        foreach (var table in _tables)
        {
            table.Hold(heir);
            heir.Own(table.Name);
        }
    }

    public void Dispose() => _tables.ForEach(table => table.Dispose());

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
