using SoftSwitch.Linux;
using SoftSwitch.Logging;
using SoftSwitch.Text;

namespace SoftSwitch.Live;

/// <content>A planned restart: another program goes on with what runs. Nothing is changed meanwhile.</content>
internal sealed partial class LiveConfig
{
    /// <inheritdoc/>
    public ChangeOutcome Upgrade(ChangeRequest change)
    {
        if (!change.IsOwner)
            return new(ChangeKind.Refused, ["only root, or the user that the switch runs as, may have another program go on"]);
        if (next is null)
            return new(ChangeKind.Refused, ["no other program can go on with this switch"]);
        if (next.Ask(Model, out var version) is { } obstacle)
            return new(ChangeKind.Refused, [obstacle]);
        return new(change.IsDry ? ChangeKind.Asked : ChangeKind.Applied, [$"~ program {ProgramVersion.Text}: goes on as {version}"]);
    }

    /// <summary>Both, one after the other, for who gets no answer: the log says why nothing goes on.</summary>
    public void UpgradeNow()
    {
        if (Upgrade(new()) is { Failed: true } refused)
            log.Write(LogLevel.Error, $"not restarted, this program goes on: {string.Join("; ", refused.Lines)}");
        else
            GoOn();
    }

    /// <inheritdoc/>
    public void GoOn() => Bulkhead.Run(() =>
    {
        lock (_changing)
        {
            if (_hasEnded)
                return;
            memory.Wait();
            next?.Begin(new LayeredStart(_document, _layer).Leave());
        }
    }, e => log.Failed(new("upgrade"), e));
}
