using System.Globalization;
using System.Text;
using SoftSwitch.Linux.Output;
using SoftSwitch.Logging;

namespace SoftSwitch.State.Nat;

/// <summary>
/// One file of a flow log: its lines until they are written, and what became of those that could not be. An obstacle is told when it is met
/// and when it is gone, with the number of lines that it cost; that number stands in the file too, where they are missing. Used by the flow
/// log's thread alone.
/// </summary>
internal sealed class FlowRecord(string path, ISwitchLog log)
{
    /// <summary>Lines are written in pieces of about this many bytes, so that a million don't stand in memory.</summary>
    private const int PieceBytes = 1 << 20;

    private readonly LogSubject _subject = new($"flow-log {path}");
    private readonly MemoryStream _lines = new();
    private int _obstacle;
    private bool _isEverybodys, _isOpen;
    private long _lost;

    /// <summary>Of those, the ones whose number stands in the file.</summary>
    private long _written;

    public string Path => path;

    /// <summary>Whom the log's news about it are of.</summary>
    public LogSubject Subject => _subject;

    /// <summary>Makes the file, so that what stands in the way is known before the first flow. Once.</summary>
    public void Open()
    {
        if (_isOpen)
            return;
        _isOpen = true;
        Append([], out var errno);
        Tell(errno);
    }

    public void Add(DateTime when, string line)
    {
        _lines.Write(Stamped(when, line));
        if (_lines.Length >= PieceBytes)
            Flush();
    }

    /// <summary>Writes what there is. While there is an obstacle, looks whether it is gone.</summary>
    public void Flush()
    {
        if (_lines.Length == 0 && _obstacle == 0)
            return;
        var lines = _lines.GetBuffer().AsSpan(0, (int)_lines.Length);
        var errno = 0;
        if (_lost > _written)
        {
            var missing = string.Create(CultureInfo.InvariantCulture, $"{_lost - _written} lines were lost: {Obstacle}");
            Append(Stamped(DateTime.UtcNow, missing), out errno);
            // It stays said when the lines behind it are refused.
            if (errno == 0)
                _written = _lost;
        }
        if (errno == 0)
        {
            var written = Append(lines, out errno);
            // Told before what is lost now is added to what was.
            if (_obstacle != 0 && (errno == 0 || written > 0))
                TellGone();
            lines = lines[written..];
        }
        _lost += lines.Count((byte)'\n');
        _lines.SetLength(0);
        Tell(errno);
    }

    private int Append(ReadOnlySpan<byte> lines, out int errno)
    {
        var written = LineFile.Append(path, lines, out errno, out var isEverybodys);
        if (isEverybodys && !_isEverybodys)
            log.News(_subject, LogLevel.Warning, "everybody on this machine may read it, and it belongs to somebody else, "
                + $"who alone can change that: chmod o= {path}");
        _isEverybodys = isEverybodys;
        return written;
    }

    private static byte[] Stamped(DateTime when, string line) =>
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{when:yyyy-MM-ddTHH:mm:ss.fffZ} {line}\n"));

    private string Obstacle => LineFile.Obstacle(path, _obstacle);

    private void Tell(int errno)
    {
        var isNews = errno != 0 && errno != _obstacle;
        _obstacle = errno;
        if (isNews)
            log.News(_subject, LogLevel.Error, $"flows are not recorded: {Obstacle}");
    }

    private void TellGone()
    {
        var cost = string.Create(CultureInfo.InvariantCulture, $"flows are recorded again; {_lost} lines were lost: {Obstacle}");
        log.News(_subject, _lost == 0 ? LogLevel.Info : LogLevel.Warning, _lost == 0 ? "flows are recorded" : cost);
        (_obstacle, _lost, _written) = (0, 0, 0);
    }
}
