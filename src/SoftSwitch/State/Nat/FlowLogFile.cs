using System.Globalization;
using SoftSwitch.Forwarding;
using SoftSwitch.Forwarding.Nat;

namespace SoftSwitch.State.Nat;

/// <summary>
/// The record of who was behind which outside port and when (RFC 6888, REQ-12), a line for each flow that began or ended, appended to a file once a second:
/// <code>2026-11-24T11:30:00.125Z dev began tcp 10.10.0.5:40000 192.0.2.10:17003 198.51.100.7:443</code>
/// At most <see cref="LinesPerSecond"/>; what comes faster is counted and the count written. A file that can't be written is told once, and tried again: nothing waits for it.
/// Used by the control loop alone. The file is opened for each second's lines, so that whoever rotates it may.
/// </summary>
internal sealed class FlowLogFile(IReadOnlyList<NatNetwork> networks, Action<string> tell)
{
    public const int LinesPerSecond = 10_000;

    private readonly Dictionary<string, List<string>> _lines = [];
    private readonly Dictionary<NaptFlowLog, long> _lost = [];
    private string? _obstacle;

    /// <summary>Writes what has come since the last time.</summary>
    public void Write(NaptFlowLog log, Instant now)
    {
        var room = LinesPerSecond;
        var wall = DateTime.UtcNow;
        while (log.TryRead(out var entry))
        {
            if (room-- > 0)
                Line(entry.Policy, LineOf(entry, wall - TimeSpan.FromMilliseconds(now.Milliseconds - entry.When.Milliseconds)));
        }
        var lost = log.Lost + long.Max(0, -room);
        if (lost > _lost.GetValueOrDefault(log))
        {
            foreach (var policy in Enumerable.Range(0, networks.Count))
                Line(policy, string.Create(CultureInfo.InvariantCulture, $"{wall:yyyy-MM-ddTHH:mm:ss.fffZ} {lost - _lost.GetValueOrDefault(log)} lines more than {LinesPerSecond} a second were not written"));
            _lost[log] = log.Lost;
        }
        foreach (var (path, lines) in _lines)
            Append(path, lines);
    }

    private void Line(int policy, string line)
    {
        if (networks[policy].Nat.FlowLog is not { } path)
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
                tell($"flow-log: {e.Message}");
            _obstacle = e.Message;
        }
        lines.Clear();
    }

    private string LineOf(NaptLogEntry entry, DateTime when) => string.Create(CultureInfo.InvariantCulture,
        $"{when:yyyy-MM-ddTHH:mm:ss.fffZ} {networks[entry.Policy].Model.Name} {(entry.Began ? "began" : "ended")} {FlowText.Protocol(entry.Protocol)} {entry.Inside}:{entry.InsidePort} {entry.Outside}:{entry.OutsidePort} {entry.Remote}:{entry.RemotePort}");
}
