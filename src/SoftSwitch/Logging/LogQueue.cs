namespace SoftSwitch.Logging;

/// <summary>
/// Lines that wait to be written. Where there are too many, the subject with the most of them loses its oldest, which is counted: the
/// newest say how things stand, and who has little to say isn't pushed out by others. The caller locks.
/// </summary>
internal sealed class LogQueue(int capacity)
{
    /// <summary>What the switch says of itself is a subject, too.</summary>
    private const string Itself = "";

    private readonly LinkedList<LogLine> _lines = new();
    private readonly Dictionary<string, int> _bySubject = [];

    /// <summary>Lines that were pushed out, since this was last asked.</summary>
    private long _lost;

    public bool IsEmpty => _lines.Count == 0;

    public void Add(LogLine line)
    {
        if (_lines.Count == capacity)
        {
            var most = _bySubject.MaxBy(subject => subject.Value).Key;
            var oldest = _lines.First!;
            while (NameOf(oldest.Value) != most)
                oldest = oldest.Next!;
            Remove(oldest);
            _lost++;
        }
        _lines.AddLast(line);
        _bySubject[NameOf(line)] = _bySubject.GetValueOrDefault(NameOf(line)) + 1;
    }

    /// <summary>Takes the oldest; null: none waits.</summary>
    /// <param name="lost">Lines that were lost before it.</param>
    public LogLine? Take(out long lost)
    {
        (lost, _lost) = (_lost, 0);
        if (_lines.First is not { } first)
            return null;
        Remove(first);
        return first.Value;
    }

    private static string NameOf(LogLine line) => line.Subject?.Name ?? Itself;

    private void Remove(LinkedListNode<LogLine> line)
    {
        _lines.Remove(line);
        if (--_bySubject[NameOf(line.Value)] == 0)
            _bySubject.Remove(NameOf(line.Value));
    }
}
