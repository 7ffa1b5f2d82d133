using SoftSwitch.Forwarding.Time;

namespace SoftSwitch.Forwarding.Ports;

/// <summary>How many of something may be made: some at once, and some more each second. Any worker may take.</summary>
internal sealed class Allowance(int atOnce, int perSecond)
{
    private readonly Lock _lock = new();
    private double _left = atOnce;
    private long _at;

    /// <summary>Takes one; false when there is none left.</summary>
    public bool Take(Instant now)
    {
        lock (_lock)
        {
            _left = double.Min(atOnce, _left + double.Max(now.Milliseconds - _at, 0) * perSecond / 1000.0);
            _at = now.Milliseconds;
            if (_left < 1)
                return false;
            _left--;
            return true;
        }
    }
}
