namespace SoftSwitch.Logging;

/// <summary>A log that is asked afterwards, as the lab's is. It keeps the first lines.</summary>
internal sealed class RememberedLog : ISwitchLog
{
    private const int MostLines = 10_000;

    private readonly Lock _lock = new();
    private readonly List<LogLine> _lines = [];

    public IReadOnlyList<LogLine> Lines
    {
        get
        {
            lock (_lock)
                return [.. _lines];
        }
    }

    public void Write(LogLevel level, string message) => Keep(new(DateTimeOffset.UtcNow, level, null, message));

    public void News(LogSubject subject, LogLevel level, string message) => Keep(new(DateTimeOffset.UtcNow, level, subject, message));

    private void Keep(LogLine line)
    {
        lock (_lock)
        {
            if (_lines.Count < MostLines)
                _lines.Add(line);
        }
    }
}
