using SoftSwitch.Forwarding;
using SoftSwitch.Forwarding.Bridging;

namespace SoftSwitch.Linux.Workers;

/// <summary>Frames of the switch's own that go out once.</summary>
/// <param name="probes">The frames.</param>
/// <param name="failed">Called with what should not have happened.</param>
internal sealed class ProbeRound(SentProbe[] probes, Action<Exception> failed) : Work
{
    public override void Failed(Exception e) => failed(e);

    public override bool TryBegin(Passage passage, out bool hasMore)
    {
        passage.Begin(probes, new(Environment.TickCount64));
        return !(hasMore = false);
    }
}
