using System.Globalization;
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
    public const int Capacity = 1024;

    /// <summary>How long the end waits for an output that takes nothing.</summary>
    public const int PatienceMilliseconds = 1000;

    /// <summary>Between two tries to say what was lost, and the longest wait for room in one piece.</summary>
    private const int RetryMilliseconds = 500;

    private readonly OutputDescriptor _output;
    private readonly LogStyle _style;
    private readonly object _gate = new();
    private readonly NewsLimiter _limiter = new();
    private readonly LogQueue _queue = new(Capacity);
    private readonly Thread _thread;
    private long _endAt = long.MaxValue;

    // The thread's own.
    private long _lost;
    private string _reason = "";
    private long _tellLostAt;
    private bool _isTorn;

    public SwitchLog(OutputDescriptor output, LogStyle style)
    {
        (_output, _style) = (output, style);
        _thread = new(Run) { Name = "log", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Lines that were lost and of which nobody was told yet.</summary>
    public long Lost => Volatile.Read(ref _lost);

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
            if (_endAt == long.MaxValue)
            {
                foreach (var line in _limiter.TakeAll(Environment.TickCount64))
                    _queue.Add(line with { When = DateTimeOffset.UtcNow });
                _endAt = Environment.TickCount64 + PatienceMilliseconds;
            }
            Monitor.Pulse(_gate);
        }
        // A disk that hangs holds the thread for as long as it likes.
        _thread.Join(PatienceMilliseconds + RetryMilliseconds);
    }

    private void Add(LogLine line)
    {
        lock (_gate)
        {
            if (line.Subject is not null && _endAt == long.MaxValue && !_limiter.Admits(line, Environment.TickCount64))
            {
                // The thread may sleep for longer than this is to be held.
                Monitor.Pulse(_gate);
                return;
            }
            _queue.Add(line);
            Monitor.Pulse(_gate);
        }
    }

    private void Run()
    {
        while (Next(out var line, out var pushedOut))
        {
            try
            {
                Tell(line, pushedOut);
            }
            catch (Exception e)
            {
                // Whatever that is, it is no reason to end the networks.
                (_lost, _reason) = (_lost + 1, $"internal error, please report it: {e.GetType().Name}");
            }
        }
        if (_lost > 0)
            _ = TryTellLost();
    }

    private void Tell(LogLine? line, long pushedOut)
    {
        if (pushedOut > 0)
            (_lost, _reason) = (_lost + pushedOut, "they came faster than somebody reads them");
        // Where lines come faster than they go, one in a while says so.
        var isRefused = _lost > 0 && Environment.TickCount64 >= _tellLostAt && !TryTellLost();
        if (line is not null && (isRefused || !TryWrite(line)))
            _lost++;
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
                if (line is not null || pushedOut > 0)
                    return now < _endAt;
                if (_endAt != long.MaxValue)
                    return false;
                var wait = _limiter.NextDue is { } next ? (int)long.Clamp(next - now, 1, int.MaxValue) : Timeout.Infinite;
                if (_lost == 0)
                {
                    Monitor.Wait(_gate, wait);
                    continue;
                }
                Monitor.Wait(_gate, wait == Timeout.Infinite ? RetryMilliseconds : int.Min(wait, RetryMilliseconds));
                if (_queue.IsEmpty && _endAt == long.MaxValue)
                    return true;
            }
        }
    }

    private bool TryTellLost()
    {
        var lines = _lost == 1 ? "1 line was" : string.Create(CultureInfo.InvariantCulture, $"{_lost} lines were");
        if (!TryWrite(new(DateTimeOffset.UtcNow, LogLevel.Warning, null, $"{lines} lost: {_reason}")))
            return false;
        _lost = 0;
        _tellLostAt = Environment.TickCount64 + RetryMilliseconds;
        return true;
    }

    /// <returns>False: the output refuses it.</returns>
    private bool TryWrite(LogLine line)
    {
        var bytes = LogText.Of(line, _style);
        // A line of which only a part was taken ends here.
        if (_isTorn)
            bytes = [(byte)'\n', .. bytes];
        var written = 0;
        while (true)
        {
            var wait = (int)long.Clamp(Volatile.Read(ref _endAt) - Environment.TickCount64, 0, RetryMilliseconds);
            written += _output.Write(bytes.AsSpan(written), wait, out var errno);
            if (written > 0)
                _isTorn = bytes[written - 1] != '\n';
            if (errno == 0)
                return true;
            if (OutputDescriptor.SaysFull(errno) && Environment.TickCount64 < Volatile.Read(ref _endAt))
                continue;
            _reason = OutputDescriptor.Reason(errno);
            return false;
        }
    }
}
