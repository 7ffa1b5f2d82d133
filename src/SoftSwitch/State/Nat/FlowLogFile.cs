using System.Globalization;
using SoftSwitch.Forwarding;
using SoftSwitch.Forwarding.Nat;

namespace SoftSwitch.State.Nat;

/// <summary>
/// The record of who was behind which outside port and when (RFC 6888, REQ-12), a line for each flow that began or ended, appended to a file once a second:
/// <code>2026-11-24T11:30:00.125Z dev began tcp 10.10.0.5:40000 192.0.2.10:17003 198.51.100.7:443</code>
/// At most <see cref="LinesPerSecond"/>; what comes faster is counted and the count written. A file that can't be written is told once, and tried again. It has a thread of its own, so that a disk
/// or a reader that hangs holds up nothing else, and opens the file for each second's lines, so that whoever rotates it may.
/// </summary>
internal sealed class FlowLogFile : IDisposable
{
    public const int LinesPerSecond = 10_000;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private readonly IReadOnlyList<NatNetwork> _networks;
    private readonly NaptFlowLog[] _logs;
    private readonly Action<string> _tell;
    private readonly Dictionary<string, List<string>> _lines = [];
    private readonly ManualResetEventSlim _ending = new();
    private readonly Thread _thread;
    private string? _obstacle;
    private long _told;
    private long _skipped;

    public FlowLogFile(IReadOnlyList<NatNetwork> networks, NaptFlowLog[] logs, Action<string> tell)
    {
        (_networks, _logs, _tell) = (networks, logs, tell);
        _thread = new(Run) { Name = "flow log", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Writes what has come until now, unless that takes too long.</summary>
    public void Dispose()
    {
        _ending.Set();
        if (_thread.Join(s_patience))
            _ending.Dispose();
    }

    private void Run()
    {
        bool ends;
        do
        {
            ends = _ending.Wait(TimeSpan.FromSeconds(1));
            Write(new(Environment.TickCount64));
        }
        while (!ends);
    }

    private void Write(Instant now)
    {
        var room = LinesPerSecond;
        var wall = DateTime.UtcNow;
        foreach (var log in _logs)
        {
            while (log.TryRead(out var entry))
            {
                if (room-- > 0)
                    Line(entry.Policy, LineOf(entry, wall - TimeSpan.FromMilliseconds(now.Milliseconds - entry.When.Milliseconds)));
                else
                    _skipped++;
            }
        }
        if (_skipped + _logs.Sum(log => log.Lost) is var lost && lost > _told)
        {
            for (var policy = 0; policy < _networks.Count; policy++)
                Line(policy, string.Create(CultureInfo.InvariantCulture, $"{wall:yyyy-MM-ddTHH:mm:ss.fffZ} {lost - _told} lines more than {LinesPerSecond} a second were not written"));
            _told = lost;
        }
        foreach (var (path, lines) in _lines)
            Append(path, lines);
    }

    private void Line(int policy, string line)
    {
        if (_networks[policy].Nat.FlowLog is not { } path)
            return;
        if (!_lines.TryGetValue(path, out var lines))
            _lines.Add(path, lines = []);
        lines.Add(line);
    }

    private void Append(string path, List<string> lines)
    {
        if (lines.Count == 0)
            return;
        try
        {
            File.AppendAllLines(path, lines);
            _obstacle = null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (_obstacle != e.Message)
                _tell($"flow-log: {e.Message}");
            _obstacle = e.Message;
        }
        lines.Clear();
    }

    private string LineOf(NaptLogEntry entry, DateTime when) => string.Create(CultureInfo.InvariantCulture,
        $"{when:yyyy-MM-ddTHH:mm:ss.fffZ} {_networks[entry.Policy].Model.Name} {(entry.Began ? "began" : "ended")} {FlowText.Protocol(entry.Protocol)} {entry.Inside}:{entry.InsidePort} {entry.Outside}:{entry.OutsidePort} {entry.Remote}:{entry.RemotePort}");
}
