using System.Net;
using SoftSwitch.Bounds;

namespace SoftSwitch.State.Names;

/// <summary>
/// Which resolvers were silent when they were asked last: these are asked after the others, or each new name would wait for them. After a
/// pause, which grows as long as it is silent, one is tried beside the others with a guest's question, and nobody waits for it. As soon
/// as one answers it is in its place again. For one thread; times are in milliseconds.
/// <code>
///   file:  a, b      a silent ──► b, a      1 s, 2 s, 4 s … 30 s: a is tried      a answers ──► a, b
/// </code>
/// </summary>
internal sealed class KnownResolvers
{
    private const long FirstPause = 1_000, LongestPause = 30_000;

    private readonly Dictionary<IPAddress, Silence> _known = [];

    /// <summary>In the order in which they are asked.</summary>
    /// <param name="servers">As the file has them.</param>
    public IReadOnlyList<IPAddress> Order(IEnumerable<IPAddress> servers) => [.. servers.OrderBy(IsSilent)];

    /// <summary>It has answered a question in letters of both cases, and with EDNS: it needs no other.</summary>
    public bool IsModern(IPAddress server) => _known.TryGetValue(server, out var known) && known.IsModern;

    /// <param name="wasPlain">To a question for old servers.</param>
    public void HasAnswered(IPAddress server, bool wasPlain, long now)
    {
        var known = Of(server, now);
        (known.AnsweredAt, known.Pause) = (now, 0);
        known.IsModern |= !wasPlain;
    }

    /// <param name="since">When it was asked: where it has answered others since, it takes its time for one name.</param>
    public void WasSilent(IPAddress server, long since, long now)
    {
        var known = Of(server, now);
        // Somebody else may have its address by now.
        known.IsModern &= known.AnsweredAt >= now - LongestPause;
        if (known.AnsweredAt < since && known.Pause == 0)
            (known.Pause, known.TryAt) = (FirstPause, now + FirstPause);
    }

    /// <summary>Takes one that is to be tried beside those that are asked first.</summary>
    /// <param name="servers">In their order.</param>
    /// <returns>Null: none is.</returns>
    public IPAddress? TakeToTry(IReadOnlyList<IPAddress> servers, long now)
    {
        // Where all are silent they are asked in any case.
        if (servers.Count == 0 || IsSilent(servers[0]))
            return null;
        foreach (var server in servers)
        {
            if (!_known.TryGetValue(server, out var known) || known.Pause == 0 || known.TryAt > now)
                continue;
            known.Pause = long.Min(2 * known.Pause, LongestPause);
            known.TryAt = now + known.Pause;
            return server;
        }
        return null;
    }

    private bool IsSilent(IPAddress server) => _known.TryGetValue(server, out var known) && known.Pause > 0;

    private Silence Of(IPAddress server, long now)
    {
        if (!_known.TryGetValue(server, out var known))
        {
            if (_known.Count >= ProgramLimits.KnownResolvers.Most)
                _known.Remove(_known.MinBy(one => one.Value.HeardOfAt).Key);
            _known.Add(server, known = new());
        }
        known.HeardOfAt = now;
        return known;
    }

    private sealed class Silence
    {
        public long HeardOfAt { get; set; }

        public long AnsweredAt { get; set; } = long.MinValue;

        /// <summary>0: it isn't silent.</summary>
        public long Pause { get; set; }

        public long TryAt { get; set; }

        public bool IsModern { get; set; }
    }
}
