using SoftSwitch.Logging;

namespace SoftSwitch.State.Ports;

/// <summary>
/// Tells what becomes of ports. While a change is made, failures are held back: whether they will be retried isn't known before it is, and
/// where the change is refused, the refusal says what there is to say. What keeps many from being opened is told in one line. Used by the
/// control loop alone, but for <see cref="TellMistake"/>.
/// </summary>
internal sealed class PortNews(ISwitchLog log)
{
    /// <summary>Failures of one change that are told one by one.</summary>
    private const int MostTold = 20;

    /// <summary>Ports that a line names.</summary>
    private const int MostNamed = 5;

    private List<PortState>? _held;

    /// <summary>A change begins.</summary>
    public void HoldFailures() => _held = [];

    /// <summary>The change is made, and those that are failed now will be retried; or it isn't, and nothing of it is left.</summary>
    public void TellFailures(bool isMade)
    {
        var held = _held ?? [];
        _held = null;
        PortState[] failed = [.. held.Distinct().Where(port => isMade && port.Status == PortStatus.Failed)];
        PortState[][] alike = [.. failed.GroupBy(port => port.Reason).Select(group => group.ToArray())];
        Array.ForEach(alike[..int.Min(alike.Length, MostTold)], Tell);
        if (alike.Length > MostTold)
            log.News(new("ports"), LogLevel.Error,
                $"{alike[MostTold..].Sum(ports => ports.Length)} more failed, will be retried: see softswitch show ports");
    }

    private void Tell(PortState[] alike)
    {
        if (alike is [var port])
            Tell(port);
        else
        {
            var names = string.Join(", ", alike.Take(MostNamed).Select(port => port.Model.Name));
            log.News(new("ports"), LogLevel.Error, names + (alike.Length > MostNamed ? $" and {alike.Length - MostNamed} more" : "")
                + $" failed, will be retried: {alike[0].Reason}");
        }
    }

    /// <summary>A port's state has become another.</summary>
    public void Tell(PortState port)
    {
        if (port.Status == PortStatus.Failed && _held is not null)
        {
            _held.Add(port);
            return;
        }
        var (level, line) = port.Status switch
        {
            PortStatus.Up => (LogLevel.Info, "up"),
            PortStatus.Waiting => (LogLevel.Info, "waiting for a guest"),
            PortStatus.Down => (LogLevel.Warning, $"down: {port.Reason}"),
            PortStatus.Failed => (LogLevel.Error, $"failed, will be retried: {port.Reason}"),
            _ => throw new InvalidOperationException($"{port.Status} has no words"),
        };
        log.News(LogSubject.OfPort(port.Model.Name, port.Model.Network), level, line);
    }

    /// <summary>Something isn't as it should be, though frames pass.</summary>
    public void TellComplaint(PortState port)
    {
        if (port.ToldComplaint is { } complaint)
            log.News(LogSubject.OfPort(port.Model.Name, port.Model.Network), LogLevel.Warning, complaint);
    }

    /// <summary>Something has failed at a port that doesn't end it. For any thread.</summary>
    public void TellMistake(PortState port, Exception e) => log.Failed(LogSubject.OfPort(port.Model.Name, port.Model.Network), e);
}
