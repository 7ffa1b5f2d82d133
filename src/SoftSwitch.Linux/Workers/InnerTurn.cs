using SoftSwitch.Forwarding;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Time;

namespace SoftSwitch.Linux.Workers;

/// <summary>A turn of an inner port's own: what it does has a share of the worker's time of its own. It may have hundreds of neighbors to
/// ask, each question a flood, and it isn't held up by whatever the turn does in which it was called.</summary>
/// <param name="inner">The port.</param>
/// <param name="isDue">For what has become due; else for what it has called for.</param>
/// <param name="failed">Called with what should not have happened.</param>
internal sealed class InnerTurn(InnerPort inner, bool isDue, Action<Exception> failed) : Work
{
    public override void Failed(Exception e) => failed(e);

    public override bool TryBegin(Passage passage, out bool hasMore)
    {
        Instant now = new(Environment.TickCount64);
        if (isDue)
            passage.Begin(inner, now);
        else
            passage.Resume(inner, now);
        hasMore = false;
        return true;
    }
}
