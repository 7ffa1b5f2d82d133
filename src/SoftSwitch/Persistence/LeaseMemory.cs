using System.Text;
using SoftSwitch.Bounds;

namespace SoftSwitch.Persistence;

/// <summary>
/// The leases of all networks, so that a guest has the same address after a restart, also one after kill -9: a text file in the state
/// folder, a line each (<see cref="LeaseLine"/>). It is replaced whole, a second after something has changed, and later where there is
/// much to write. A file that isn't whole is set aside, and what can be read of it counts. A disk that is full costs the memory of leases,
/// not the leases.
/// <para>Used by the control loop; writing is done beside it, for a disk may take its time. The end waits for it, but not for ever.</para>
/// </summary>
/// <param name="folder">The state folder; null: nothing is remembered.</param>
/// <param name="log">Gets a line when it can't be read or written, once.</param>
/// <param name="left">What the program before this one has left in this process, all of it: the file isn't read. Null: there was
/// none.</param>
internal sealed class LeaseMemory(string? folder, Action<string> log, string? left = null) : IDisposable
{
    /// <summary>By which a program leaves its leases to the next one.</summary>
    public const string LeftWord = "leases";

    public const string FileName = "leases", AsideName = "leases.broken";

    /// <summary>Bytes that are read: more than that many lines take.</summary>
    private const int MostBytes = 64 * 1024 * 1024;

    /// <summary>Milliseconds from one write to the next, and for each so many leases more; and after one that failed.</summary>
    private const long BetweenWrites = 1_000, LeasesASecond = 10_000, AfterFailure = 10_000;

    private readonly Lazy<IReadOnlyList<LeaseLine>> _before =
        new(() => left is not null ? Parse(left, out _) : folder is null ? [] : Load(folder, log));
    private readonly WritesBeside _writes = new();
    private long _mayWriteAt = long.MinValue;
    private volatile bool _hasFailed;

    /// <summary>The last write has failed: what it was to write is to be written again.</summary>
    public bool HasFailed => _hasFailed;

    /// <summary>For a lab: nothing survives it.</summary>
    public static LeaseMemory None => new(null, static _ => { });

    /// <summary>Those that a network had given at the end of the last run.</summary>
    public IEnumerable<LeaseLine> Of(string network) => _before.Value.Where(lease => lease.Network == network);

    /// <summary>It is time to write, if there is something to.</summary>
    public bool IsDue(long now) =>
        folder is not null && now >= _mayWriteAt + (_hasFailed ? AfterFailure : 0) && _writes.AreDone;

    /// <summary>Begins to write.</summary>
    /// <param name="networks">Of which this is all; what stands there for others stays.</param>
    public void Write(IReadOnlySet<string> networks, IReadOnlyList<LeaseLine> leases, long now)
    {
        _mayWriteAt = now + BetweenWrites + leases.Count * 1_000L / LeasesASecond;
        _writes.Begin(() => Write(networks, leases));
    }

    /// <summary>Waits for what is being written, unless that takes too long.</summary>
    public void Wait() => _writes.Wait();

    /// <summary>The same, and says that the last leases are forgotten where it did.</summary>
    public void Dispose()
    {
        if (!_writes.Wait())
            log($"{Path.Combine(folder!, FileName)}: not written in time: the last leases are forgotten");
    }

    private void Write(IReadOnlySet<string> networks, IReadOnlyList<LeaseLine> leases)
    {
        if (folder is null)
            return;
        try
        {
            // Another switch may have written there meanwhile.
            var others = Read(folder, out _).Where(lease => !networks.Contains(lease.Network));
            var text = new StringBuilder("# Addresses that were given by DHCP: network, address, port, MAC, client, until, state, name.\n");
            foreach (var lease in leases.Concat(others).Take(ProgramLimits.RememberedLeases.Most))
                text.Append(lease).Append('\n');
            StateFile.Write(folder, FileName, text.ToString());
            _hasFailed = false;
        }
        catch (Exception e)
        {
            if (!_hasFailed)
            {
                log($"leases can't be kept in {folder}: {StateFile.Obstacle(e)}; they count until this switch ends, and after that a "
                    + "client that asks for its address gets it if it is free; write state: and a folder that can be written");
            }
            _hasFailed = true;
        }
    }

    private static IReadOnlyList<LeaseLine> Load(string folder, Action<string> log)
    {
        try
        {
            var leases = Read(folder, out var broken);
            if (broken is null)
                return leases;
            StateFile.Write(folder, AsideName, broken);
            log($"{Path.Combine(folder, FileName)} is broken: it was copied to {AsideName} there, and the {leases.Count} leases that can "
                + "be read count");
            return leases;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log($"the leases of the last run can't be read: {StateFile.Obstacle(e)}; a client that asks for its address gets it if it is "
                + "free");
            return [];
        }
    }

    /// <param name="broken">All that stands there, if a part of it makes no sense; else null.</param>
    private static List<LeaseLine> Read(string folder, out string? broken)
    {
        return Parse(StateFile.Read(folder, FileName, MostBytes) ?? "", out broken);
    }

    private static List<LeaseLine> Parse(string text, out string? broken)
    {
        var leases = new List<LeaseLine>();
        broken = text.Length > 0 && text[^1] != '\n' ? text : null;
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Take(ProgramLimits.RememberedLeases.Most + 1))
        {
            if (line[0] == '#')
                continue;
            if (LeaseLine.TryParse(line, out var lease))
                leases.Add(lease);
            else
                broken = text;
        }
        return leases;
    }
}
