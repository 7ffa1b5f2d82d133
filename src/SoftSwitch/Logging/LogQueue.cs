namespace SoftSwitch.Logging;

/// <summary>
/// Lines that wait to be written. The newest ones are kept, for they say how things stand; those that they push out are counted. The caller
/// locks.
/// </summary>
internal sealed class LogQueue(int capacity)
{
    private readonly Queue<LogLine> _lines = new();

    /// <summary>Lines that were pushed out, since this was last asked.</summary>
    private long _lost;

    public bool IsEmpty => _lines.Count == 0;

    public void Add(LogLine line)
    {
        if (_lines.Count == capacity)
        {
            _lines.Dequeue();
            _lost++;
        }
        _lines.Enqueue(line);
    }

    /// <summary>Takes the oldest; null: none waits.</summary>
    /// <param name="lost">Lines that were lost before it.</param>
    public LogLine? Take(out long lost)
    {
        (lost, _lost) = (_lost, 0);
        return _lines.TryDequeue(out var line) ? line : null;
    }
}
