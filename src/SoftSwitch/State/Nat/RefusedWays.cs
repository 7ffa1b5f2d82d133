using System.Collections.Concurrent;
using SoftSwitch.Forwarding.Time;

namespace SoftSwitch.State.Nat;

/// <summary>
/// Ways out that the host's routing leads by and that can't be taken. Each is tried again every two seconds as long as packets are to go
/// there, so one that wasn't for a while is forgotten. The control loop notes, any thread reads.
/// </summary>
internal sealed class RefusedWays
{
    private const int Most = 16;

    private static readonly TimeSpan s_remembered = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<WayKey, RefusedWay> _ways = new();

    /// <summary>It can't be taken.</summary>
    /// <param name="key">Which.</param>
    /// <param name="interfaceName">What it leads by; null: there is no such interface any more.</param>
    /// <param name="obstacle">Why.</param>
    /// <returns>True: that is news.</returns>
    public bool Note(WayKey key, string? interfaceName, string obstacle, Instant now)
    {
        var known = _ways.GetValueOrDefault(key);
        var isNews = known?.Why != obstacle;
        if (known is null && _ways.Count >= Most)
            _ways.Clear();
        _ways[key] = new(interfaceName, key.Address, obstacle, isNews ? now : known!.Since, now);
        return isNews;
    }

    /// <summary>It can.</summary>
    public void Forget(WayKey key) => _ways.TryRemove(key, out _);

    /// <summary>Those that packets were to go by lately.</summary>
    public IEnumerable<RefusedWay> Look(Instant now) => from way in _ways.Values
        where now.Milliseconds - way.Last.Milliseconds < s_remembered.TotalMilliseconds
        select way;
}
