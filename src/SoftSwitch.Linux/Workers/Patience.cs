using System.Diagnostics;

namespace SoftSwitch.Linux.Workers;

/// <summary>
/// How long a worker that has nothing to do looks for frames before it sleeps in the kernel. Looking is worth its time where an answer
/// follows: a worker that has looked in vain so often in a row sleeps at once, and tries it only now and then. So single frames that nobody
/// answers cost no looking at all.
/// </summary>
internal sealed class Patience
{
    /// <summary>
    /// How long after it has found frames a worker looks for more before it sleeps. Work for those it found counts: after a long turn it
    /// sleeps at once. Between two taps on two processors, medians of five alternating runs with 0, 20 and 100 microseconds: 25.8, 25.2 and
    /// 26.0 Gbit/s of TCP, a ping of 58, 53 and 51 microseconds. That is noise for the one and little for the other, so it is short: it
    /// takes the processor from whom it waits for (counted from the end of the work, the 20 cost a tenth of a stream out through NAT).
    /// Whoever has processors to spare says <c>poll: always</c>.
    /// </summary>
    private static readonly long s_look = Stopwatch.Frequency * 20 / 1_000_000;

    /// <summary>About a microsecond between two looks: a look is a system call, and what comes is there as early but for half of
    /// that.</summary>
    private const int PauseBetweenLooks = 25;

    private const int MostLooksInVain = 16;

    private long _lookUntil;
    private bool _hasLooked;
    private int _left = MostLooksInVain;
    private int _sleepsAtOnce;

    /// <summary>There are frames.</summary>
    /// <param name="now">The time, by <see cref="Stopwatch"/>.</param>
    public void Renew(long now)
    {
        _lookUntil = now + s_look;
        if (_hasLooked)
            _left = int.Min(_left + 4, MostLooksInVain);
        _hasLooked = false;
    }

    /// <summary>Nobody has frames, and looking longer isn't worth it: it is long since some were found, or looking was in vain too
    /// often.</summary>
    public bool IsOver()
    {
        if (_left == 0 && !_hasLooked && ++_sleepsAtOnce % MostLooksInVain != 0)
            return true;
        if (Stopwatch.GetTimestamp() <= _lookUntil)
        {
            if (_hasLooked)
                Thread.SpinWait(PauseBetweenLooks);
            _hasLooked = true;
            return false;
        }
        if (_hasLooked)
            _left = int.Max(0, _left - 1);
        _hasLooked = false;
        return true;
    }
}
