using System.Globalization;
using SoftSwitch.Linux.Output;

namespace SoftSwitch.Logging;

/// <summary>
/// Writes a log's lines, waits for a reader that is slow, and counts what is lost and says so as soon as it works again. Used by one
/// thread; <see cref="Lost"/> and <see cref="EndAt"/> by any.
/// </summary>
internal sealed class LogWriter(OutputDescriptor output, LogStyle style)
{
    /// <summary>Between two tries to say what was lost, and the longest wait for room in one piece.</summary>
    public const int RetryMilliseconds = 500;

    private long _endAt = long.MaxValue;
    private long _lost;
    private string _reason = "";
    private long _tellLostAt;
    private bool _isTorn;

    /// <summary>When it waits no longer.</summary>
    public long EndAt
    {
        get => Volatile.Read(ref _endAt);
        set => Volatile.Write(ref _endAt, value);
    }

    /// <summary>Lines that were lost and of which nobody was told yet.</summary>
    public long Lost => Volatile.Read(ref _lost);

    /// <summary>Counts lines that were lost on the way here.</summary>
    public void Lose(long lines, string reason) => (_lost, _reason) = (_lost + lines, reason);

    /// <summary>Writes a line, if there is one, and before it what was lost, when it is time for that.</summary>
    public void Tell(LogLine? line)
    {
        try
        {
            // Where lines come faster than they go, one in a while says so.
            var isRefused = _lost > 0 && Environment.TickCount64 >= _tellLostAt && !TryTellLost();
            if (line is not null && (isRefused || !TryWrite(line)))
                _lost++;
        }
        catch (Exception e)
        {
            // Whatever that is, it is no reason to end the networks.
            Lose(1, $"internal error, please report it: {e.GetType().Name}");
        }
    }

    /// <summary>The last word, if lines were lost.</summary>
    public void TellLost()
    {
        if (_lost > 0)
            _ = TryTellLost();
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
        var bytes = LogText.Of(line, style);
        // A line of which only a part was taken ends here.
        if (_isTorn)
            bytes = [(byte)'\n', .. bytes];
        var written = 0;
        while (true)
        {
            var wait = (int)long.Clamp(Volatile.Read(ref _endAt) - Environment.TickCount64, 0, RetryMilliseconds);
            written += output.Write(bytes.AsSpan(written), wait, out var errno);
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
