using SoftSwitch.Addressing;
using SoftSwitch.Config;
using SoftSwitch.Errors;
using SoftSwitch.Linux;
using SoftSwitch.Logging;
using SoftSwitch.Model;
using SoftSwitch.Persistence;
using SoftSwitch.State;
using SoftSwitch.State.Changes;

namespace SoftSwitch.Live;

/// <summary>
/// The configuration of a switch while it runs: read anew from where it is written, completed with what the file leaves to us, and applied
/// by difference, all or nothing. One change at a time; a second one waits. For any thread but the control loop's, which does the work.
/// </summary>
/// <param name="source">Where it is written.</param>
/// <param name="running">What it becomes.</param>
/// <param name="log">Told what has changed, and what was refused.</param>
internal sealed class LiveConfig(ConfigSource source, RunningSwitch running, ISwitchLog log) : ISwitchChanges
{
    private readonly Lock _changing = new();

    /// <inheritdoc/>
    public ReloadOutcome Reload(bool isDry)
    {
        lock (_changing)
        {
            var outcome = Become(source.Load(), isDry);
            if (outcome.Kind != ReloadKind.Asked)
                Tell(outcome);
            return outcome;
        }
    }

    private ReloadOutcome Become(ConfigResult config, bool isDry)
    {
        if (!config.Ok)
            return new(ReloadKind.Mistakes, [.. config.Mistakes.Select(mistake => mistake.ToString())]);
        try
        {
            var model = Complete(config.Model, isDry);
            if (isDry)
            {
                var (difference, obstacles) = running.Compare(model);
                return obstacles.Count == 0 ? new(ReloadKind.Asked, [.. difference.Lines]) : new(ReloadKind.Refused, obstacles);
            }
            return new(ReloadKind.Applied, [.. running.Apply(model).Lines]);
        }
        catch (ChangeRefusedException e)
        {
            return new(ReloadKind.Refused, e.Obstacles);
        }
        catch (Exception e) when (e is StartRefusedException or SystemCallException)
        {
            return new(ReloadKind.Refused, [e.Message]);
        }
    }

    /// <summary>What the file leaves to us stays what it is, as long as it can.</summary>
    private SwitchModel Complete(SwitchModel model, bool isDry)
    {
        var now = running.Model;
        var folder = StateFolder.Of(model);
        var quiet = isDry ? SilentLog.Instance : log;
        model = NetworkAddresses.Complete(
            KeptAddresses.In(model, now), folder, () => HostRoutes.Beside(model, now), quiet, isStrict: true, remembers: !isDry);
        return PortAddresses.Complete(model, folder, quiet, isStrict: true, remembers: !isDry);
    }

    private void Tell(ReloadOutcome outcome)
    {
        var (level, text) = outcome.Kind switch
        {
            ReloadKind.Applied when outcome.Lines.Count == 0 => (LogLevel.Info, $"reloaded {source.Path}: nothing has changed"),
            ReloadKind.Applied => (LogLevel.Info, $"reloaded {source.Path}: {Counted(outcome.Lines.Count, "change")}"),
            ReloadKind.Mistakes => (LogLevel.Error,
                $"not reloaded, what ran before goes on: {source.Path} has {Counted(outcome.Lines.Count, "mistake")}"),
            _ => (LogLevel.Error, "not reloaded, what ran before goes on"),
        };
        log.Write(level, text);
        foreach (var line in outcome.Lines)
            log.Write(level, line);
    }

    private static string Counted(int number, string noun) => $"{number} {noun}{(number == 1 ? "" : "s")}";
}
