using System.Text;
using SoftSwitch.Bounds;
using SoftSwitch.Config.Rows;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.Persistence;

/// <summary>The addresses by which the guests of ports were last known, so that a forward to a port's name works after a restart before its
/// guest has said a word: a text file in the state folder, a line each: network, port, addresses, the latest first. Guests can't make much
/// of it: there are a few addresses a port, only those of its subnet count when they are read, and a change is written every ten seconds at
/// most. What stands there for ports of other files stays.
/// <para>Used by the control loop; writing is done beside it, for a disk may take its time. The end waits for it, but not for ever: a disk
/// that has stopped holds the write, and what changed last is lost.</para></summary>
/// <param name="folder">The state folder; null: nothing is remembered.</param>
/// <param name="log">Gets a line when it can't be written, once.</param>
/// <param name="write">Writes a text in the folder; left out: as every state file is written.</param>
/// <param name="left">What the program before this one has left in this process, all of it: the file isn't read. Null: there was
/// none.</param>
internal sealed class AddressMemory(
    string? folder, Action<string> log, Action<string, string>? write = null, string? left = null) : IDisposable
{
    /// <summary>By which a program leaves them to the next one.</summary>
    public const string LeftWord = "addresses";

    public const string FileName = "addresses";

    /// <summary>Bytes that are read; more than that many lines take.</summary>
    private const int MostBytes = 1024 * 1024;
    private const long BetweenWrites = 10_000;

    private readonly Dictionary<(string Network, string Port), Ipv4Address[]> _remembered =
        left is not null ? Parsed(left) : folder is null ? [] : Load(folder, log);
    private readonly Dictionary<(string Network, string Port), Ipv4Address[]> _changed = [];
    private readonly WritesBeside _writes = new();
    private long _mayWriteAt = long.MinValue;
    private bool _hasFailed;

    /// <summary>For a lab: nothing survives it.</summary>
    public static AddressMemory None => new(null, static _ => { });

    /// <summary>The addresses by which the port's guest was known, the latest first.</summary>
    public IReadOnlyList<Ipv4Address> Of(string network, string port) => _remembered.GetValueOrDefault((network, port), []);

    /// <summary>Notes the addresses by which it is known now.</summary>
    public void Remember(string network, string port, IEnumerable<Ipv4Address> addresses)
    {
        Ipv4Address[] latest = [.. addresses.Take(ProgramLimits.KnownAddresses.Most)];
        if (latest.AsSpan().SequenceEqual(_remembered.GetValueOrDefault((network, port), [])))
            return;
        _remembered[(network, port)] = latest;
        _changed[(network, port)] = latest;
    }

    /// <summary>Begins to write what has changed, if it is time.</summary>
    public void Tick(Instant now)
    {
        if (_changed.Count == 0 || now.Milliseconds < _mayWriteAt || !_writes.AreDone)
            return;
        _mayWriteAt = now.Milliseconds + BetweenWrites;
        Begin();
    }

    /// <summary>All that is remembered, a line each.</summary>
    public string Lines => Text(_remembered, "");

    /// <summary>Writes what is left, unless that takes too long.</summary>
    /// <returns>False: it does.</returns>
    public bool Keep()
    {
        // One deadline for what is being written and for what comes after it.
        if (_changed.Count > 0)
            Begin();
        return _writes.Wait();
    }

    /// <summary>The same, and says what is forgotten where it does.</summary>
    public void Dispose()
    {
        if (!Keep())
            log($"{Path.Combine(folder!, FileName)}: not written in time: where forwards to ports' names lead is searched for at the "
                + "next start");
    }

    private void Begin()
    {
        var changed = _changed.ToArray();
        _changed.Clear();
        _writes.Begin(() => Write(changed));
    }

    private void Write(KeyValuePair<(string Network, string Port), Ipv4Address[]>[] changed)
    {
        if (folder is null)
            return;
        try
        {
            // Another switch may have written there meanwhile.
            var all = new Dictionary<(string Network, string Port), Ipv4Address[]>(changed);
            foreach (var (key, addresses) in Load(folder))
                all.TryAdd(key, addresses);
            var text = Text(all, "# The addresses that guests of ports were last known by, for forwards to ports' names.\n");
            if (write is null)
                StateFile.Write(folder, FileName, text);
            else
                write(folder, text);
            _hasFailed = false;
        }
        catch (Exception e)
        {
            if (!_hasFailed)
            {
                log($"the addresses of guests that forwards lead to by name can't be kept in {folder}: {StateFile.Obstacle(e)}; "
                    + "after a restart they are searched for; write state: and a folder that can be written");
            }
            _hasFailed = true;
        }
    }

    private static Dictionary<(string Network, string Port), Ipv4Address[]> Load(string folder, Action<string> log)
    {
        try
        {
            return Load(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log($"the addresses that guests were last known by can't be read: {StateFile.Obstacle(e)}; they are searched for");
            return [];
        }
    }

    private static Ipv4Address Parse(string text) => Ipv4Address.TryParse(text, out var address) ? address : default;

    private static string Text(Dictionary<(string Network, string Port), Ipv4Address[]> all, string head)
    {
        var text = new StringBuilder(head);
        foreach (var ((network, port), addresses) in all.Where(one => one.Value.Length > 0).Take(ProgramLimits.RememberedPorts.Most))
            text.Append(network).Append(' ').Append(port).Append(' ').AppendJoin(' ', addresses).Append('\n');
        return text.ToString();
    }

    private static Dictionary<(string Network, string Port), Ipv4Address[]> Load(string folder) =>
        Parsed(StateFile.Read(folder, FileName, MostBytes) ?? "");

    private static Dictionary<(string Network, string Port), Ipv4Address[]> Parsed(string text)
    {
        var remembered = new Dictionary<(string Network, string Port), Ipv4Address[]>();
        foreach (var line in text.Split('\n').Take(ProgramLimits.RememberedPorts.Most + 1))
        {
            if (line.Split(' ') is not [var network, var port, .. var written])
                continue;
            if (!Scalars.Name.Parse(network, out _) || !Scalars.Name.Parse(port, out _))
                continue;
            Ipv4Address[] addresses =
                [.. written.Take(ProgramLimits.KnownAddresses.Most).Select(Parse).Where(address => address.IsUnicast)];
            if (addresses.Length > 0)
                remembered.TryAdd((network, port), addresses);
        }
        return remembered;
    }
}
