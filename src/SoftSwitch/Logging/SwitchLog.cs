using SoftSwitch.Bounds;
using SoftSwitch.Linux.Output;

namespace SoftSwitch.Logging;

/// <summary>
/// The log of a running switch, on standard error. A caller leaves its line in a bounded queue and goes on; a thread of the log's
/// own writes, waits for a reader that is slow, and finds that the disk is full or the terminal closed. What a full queue pushes out or the
/// output refuses is lost, counted, and said as soon as it works again.
/// <para>
/// On the way into the queue, news passes the <see cref="NewsLimiter"/>, so that what a stranger can bring about doesn't push out what
/// others have to say. The end waits <see cref="PatienceMilliseconds"/> for the last lines.
/// </para>
/// </summary>
internal sealed class SwitchLog : ISwitchLog, IDisposable
{
    /// <summary>How long the end waits for an output that takes nothing.</summary>
    public const int PatienceMilliseconds = 1000;

    private readonly LogWriter _writer;
    private readonly object _gate = new();
    private readonly NewsLimiter _limiter = new();
    private readonly LogQueue _queue = new(ProgramLimits.Log.Most);
    private readonly Thread _thread;

    /// <summary>A line is on its way out.</summary>
    private bool _isWriting;

    public SwitchLog(OutputDescriptor output, LogStyle style)
    {
        _writer = new(output, style);
        _thread = new(Run) { Name = "log", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Lines that were lost and of which nobody was told yet.</summary>
    public long Lost => _writer.Lost;

    /// <summary>The log on standard error.</summary>
    public static SwitchLog OnStandardError(LogFormat format)
    {
        var output = StandardStreams.Error;
        var isJournal = output.IsJournal(Environment.GetEnvironmentVariable("JOURNAL_STREAM"));
        return new(output, LogText.StyleFor(format, output.IsTerminal, isJournal, Environment.GetEnvironmentVariable));
    }

    public void Write(LogLevel level, string message) => Write(level, message, []);

    /// <summary>The same with more for programs to read.</summary>
    public void Write(LogLevel level, string message, IReadOnlyList<(string Name, string Value)> fields) =>
        Add(new(DateTimeOffset.UtcNow, level, null, message) { Fields = fields });

    public void News(LogSubject subject, LogLevel level, string message) => Add(new(DateTimeOffset.UtcNow, level, subject, message));

    /// <summary>Writes what there is, unless that takes too long.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_writer.EndAt == long.MaxValue)
            {
                foreach (var line in _limiter.TakeAll(Environment.TickCount64))
                    _queue.Add(line with { When = DateTimeOffset.UtcNow });
                _writer.EndAt = Environment.TickCount64 + PatienceMilliseconds;
            }
            Monitor.PulseAll(_gate);
        }
        // A disk that hangs holds the thread for as long as it likes.
        _thread.Join(PatienceMilliseconds + LogWriter.RetryMilliseconds);
    }

    /// <summary>Waits until what there is has been written, unless that takes too long.</summary>
    public void Flush()
    {
        var until = Environment.TickCount64 + PatienceMilliseconds;
        lock (_gate)
        {
            while ((_isWriting || !_queue.IsEmpty) && until - Environment.TickCount64 is > 0 and var left)
                Monitor.Wait(_gate, (int)left);
        }
    }

    private void Add(LogLine line)
    {
        lock (_gate)
        {
            if (line.Subject is not null && _writer.EndAt == long.MaxValue && !_limiter.Admits(line, Environment.TickCount64))
            {
                // The thread may sleep for longer than this is to be held.
                Monitor.PulseAll(_gate);
                return;
            }
            _queue.Add(line);
            Monitor.PulseAll(_gate);
        }
    }

    private void Run()
    {
        while (Next(out var line, out var pushedOut))
        {
            if (pushedOut > 0)
                _writer.Lose(pushedOut, "they came faster than somebody reads them");
            _writer.Tell(line);
        }
        _writer.TellLost();
    }

    /// <summary>Waits for the next line, or for the moment to try again.</summary>
    /// <returns>False: the end.</returns>
    private bool Next(out LogLine? line, out long pushedOut)
    {
        lock (_gate)
        {
            while (true)
            {
                var now = Environment.TickCount64;
                foreach (var due in _limiter.TakeDue(now))
                    _queue.Add(due with { When = DateTimeOffset.UtcNow });
                line = _queue.Take(out pushedOut);
                _isWriting = line is not null || pushedOut > 0;
                if (!_isWriting)
                    Monitor.PulseAll(_gate);
                if (line is not null || pushedOut > 0)
                    return now < _writer.EndAt;
                if (_writer.EndAt != long.MaxValue)
                    return false;
                var wait = _limiter.NextDue is { } next ? (int)long.Clamp(next - now, 1, int.MaxValue) : Timeout.Infinite;
                if (_writer.Lost == 0)
                {
                    Monitor.Wait(_gate, wait);
                    continue;
                }
                Monitor.Wait(_gate, wait == Timeout.Infinite ? LogWriter.RetryMilliseconds : int.Min(wait, LogWriter.RetryMilliseconds));
                if (_queue.IsEmpty && _writer.EndAt == long.MaxValue)
                    return true;
            }
        }
    }
}
