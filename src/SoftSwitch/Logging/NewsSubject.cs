using SoftSwitch.Forwarding.Budgets;
using SoftSwitch.Forwarding.Time;

namespace SoftSwitch.Logging;

/// <summary>How much of one subject's news has been told lately, and what of it is held back. The caller locks.</summary>
internal sealed class NewsSubject
{
    private readonly Allowance _lines = new(Limits.News);
    private int _hold = NewsLimiter.ShortestHold;
    private long _heldSince;
    private long _lastAt;
    private LogLine? _last;

    public int Held { get; private set; }

    public long Due => long.Min(_heldSince + _hold, _lastAt + int.Max(NewsLimiter.ShortestHold, _hold / 4));

    public bool IsQuiet(long now) => Held == 0 && _lines.IsFull(new(now));

    public bool TryPass(long now)
    {
        if (_lines.IsFull(new(now)))
            _hold = NewsLimiter.ShortestHold;
        return _lines.Take(new Instant(now));
    }

    public void Hold(LogLine line, long now)
    {
        if (Held++ == 0)
            _heldSince = now;
        _lastAt = now;
        _last = line;
    }

    public LogLine Release(long now)
    {
        var line = _last! with { More = Held - 1 };
        (_last, Held) = (null, 0);
        _hold = int.Min(_hold * 2, NewsLimiter.LongestHold);
        // It has had its say: the burst comes back in quiet alone.
        _lines.TakeAll(new(now));
        return line;
    }
}
