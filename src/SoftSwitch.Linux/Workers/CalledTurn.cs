using SoftSwitch.Forwarding;
using SoftSwitch.Forwarding.Bridging;

namespace SoftSwitch.Linux.Workers;

/// <summary>A turn that an inner port has called for: what it does has a share of the worker's time of its own, and isn't held up by
/// whatever the turn does in which it was called.</summary>
/// <param name="inner">The port.</param>
/// <param name="failed">Called with what should not have happened.</param>
internal sealed class CalledTurn(InnerPort inner, Action<Exception> failed) : Work
{
    public override void Failed(Exception e) => failed(e);

    public override bool TryBegin(Passage passage, out bool hasMore)
    {
        passage.Resume(inner, new(Environment.TickCount64));
        hasMore = false;
        return true;
    }
}
