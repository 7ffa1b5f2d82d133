using SoftSwitch.Api.Lists;
using SoftSwitch.State;
using SoftSwitch.Text;

namespace SoftSwitch.Api.Views;

/// <summary>The process, and whether it is ready.</summary>
internal sealed record StatusView(
    string Version, int Pid, DateTimeOffset Started, long Uptime, int Restarts, string? RestartRefused, int Workers, bool Ready)
{
    public static ApiObject<StatusView> Members { get; } = new ApiObject<StatusView>("Status")
        .Text("version", "Of the program, such as 0.1.0.", status => status.Version)
        .Number("pid", "Process id.", status => status.Pid)
        .Time("started", "When the switch was started.", status => status.Started)
        .Number("uptime", "Seconds since then.", status => status.Uptime)
        .Number("restarts", "Planned restarts since then: another program goes on in the same process.", status => status.Restarts)
        .OptionalText("restartRefused", "Why the planned restart that was agreed to last didn't come; null: it came, or is on its way.",
            status => status.RestartRefused)
        .Number("workers", "Forwarding threads.", status => status.Workers)
        .Flag("ready", "Every port that this machine can give is open or listening.", status => status.Ready);

    /// <summary>The answer is always ready: nobody can ask before that.</summary>
    public static StatusView Of(SwitchSnapshot snapshot) => new(
        ProgramVersion.Text, Environment.ProcessId, snapshot.Started, (long)(DateTimeOffset.UtcNow - snapshot.Started).TotalSeconds,
        snapshot.Restarts, snapshot.RefusedRestart, snapshot.Model.Workers, Ready: true);
}
