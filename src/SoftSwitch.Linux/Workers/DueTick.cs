using SoftSwitch.Forwarding;
using SoftSwitch.Forwarding.Bridging;

namespace SoftSwitch.Linux.Workers;

/// <summary>What has become due at an inner port, once: it may have hundreds of neighbors to ask, each question a flood.</summary>
/// <param name="inner">The port.</param>
/// <param name="failed">Called with what should not have happened.</param>
internal sealed class DueTick(InnerPort inner, Action<Exception> failed) : Work
{
    public override void Failed(Exception e) => failed(e);

    public override bool TryBegin(Passage passage, out bool hasMore)
    {
        passage.Begin(inner, new(Environment.TickCount64));
        hasMore = false;
        return true;
    }
}
