using SoftSwitch.Logging;

namespace SoftSwitch.State.Ports;

/// <summary>
/// Tells what becomes of ports. While a change is made, failures are held back: whether they will be retried isn't known before it is, and
/// where the change is refused, the refusal says what there is to say. Used by the control loop alone, but for
/// <see cref="TellMistake"/>.
/// </summary>
internal sealed class PortNews(ISwitchLog log)
{
    /// <summary>Failures of one change that are told one by one.</summary>
    private const int MostTold = 20;

    private List<PortState>? _held;

    /// <summary>A change begins.</summary>
    public void HoldFailures() => _held = [];

    /// <summary>The change is made, and those that are failed now will be retried; or it isn't, and nothing of it is left.</summary>
    public void TellFailures(bool isMade)
    {
        var held = _held ?? [];
        _held = null;
        PortState[] failed = [.. held.Distinct().Where(port => isMade && port.Status == PortStatus.Failed)];
        Array.ForEach(failed[..int.Min(failed.Length, MostTold)], Tell);
        if (failed.Length > MostTold)
            log.News(new("ports"), LogLevel.Error, $"{failed.Length - MostTold} more failed, will be retried: see softswitch show ports");
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

    /// <summary>Something has failed at a port that doesn't end it. For any thread.</summary>
    public void TellMistake(PortState port, Exception e) => log.Failed(LogSubject.OfPort(port.Model.Name, port.Model.Network), e);
}
