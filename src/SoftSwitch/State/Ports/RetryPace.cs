namespace SoftSwitch.State.Ports;

/// <summary>When a port that has failed is tried again: after a pause that doubles from one failure to the next, until it is open or there
/// is news of what it waits for.</summary>
internal sealed class RetryPace
{
    private const int ShortestMilliseconds = 1000;
    private const int LongestMilliseconds = 10_000;

    private int _pause = ShortestMilliseconds;

    /// <summary>The moment of the next try, after a failure.</summary>
    public long Next { get; private set; }

    public void Failed(long now)
    {
        Next = now + _pause;
        _pause = int.Min(2 * _pause, LongestMilliseconds);
    }

    /// <summary>The next pause is the shortest again.</summary>
    public void Restart() => _pause = ShortestMilliseconds;
}
