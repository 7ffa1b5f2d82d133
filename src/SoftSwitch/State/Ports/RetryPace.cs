namespace SoftSwitch.State.Ports;

/// <summary>When a port that has failed is tried again: after a pause that doubles from one failure to the next, until it is open or there
/// is news of what it waits for. Pure, with the time passed in.</summary>
internal sealed class RetryPace
{
    private const int ShortestMilliseconds = 1000;
    private const int LongestMilliseconds = 10_000;

    private int _pause = ShortestMilliseconds;
    private long _triedAt = -ShortestMilliseconds;
    private bool _isBroughtForward;

    /// <summary>The moment of the next try, after a failure.</summary>
    public long Next { get; private set; }

    /// <summary>A try has ended, whatever came of it.</summary>
    public void Tried(long now) => _triedAt = now;

    public void Failed(long now)
    {
        Next = now + _pause;
        _pause = int.Min(2 * _pause, LongestMilliseconds);
    }

    /// <summary>The next pause is the shortest again.</summary>
    public void Restart() => (_pause, _isBroughtForward) = (ShortestMilliseconds, false);

    /// <summary>
    /// There is news of what it waits for. Opening makes news, too: an interface is made or changed, and taken back when the rest fails. So
    /// what comes right behind a try is no reason for another at once; it brings the next one forward, but not that of the news behind it
    /// again, or a port would be its own reason to be tried for ever.
    /// </summary>
    /// <returns>True: it is to be tried now.</returns>
    public bool Heard(long now)
    {
        if (now - _triedAt >= ShortestMilliseconds)
        {
            Restart();
            return true;
        }
        if (!_isBroughtForward)
            Next = long.Min(Next, _triedAt + ShortestMilliseconds);
        _isBroughtForward = true;
        return false;
    }
}
