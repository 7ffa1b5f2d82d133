using SoftSwitch.Forwarding;
using SoftSwitch.Forwarding.Bridging;

namespace SoftSwitch.Linux.Workers;

/// <summary>A port that a worker receives from: a burst at a time.</summary>
/// <param name="port">The port.</param>
/// <param name="member">The network that its frames are in, until it is another.</param>
/// <param name="failed">Called when it can't go on.</param>
internal sealed class Source(DevicePort port, Membership member, Action<Exception> failed) : Work
{
    public DevicePort Port => port;

    /// <summary>The network that its frames are in.</summary>
    public Membership Member { get; set; } = member;

    public override void Failed(Exception e) => failed(e);

    public override bool TryBegin(Passage passage, out bool hasMore)
    {
        // 2 Receive
        hasMore = port.Receive(passage.Burst);
        if (passage.Burst.Count == 0)
            return hasMore = false;
        // 3 to 7 Admit, learn, decide, ours, deliver
        passage.Begin(Member, new(Environment.TickCount64));
        return true;
    }

    public override void End() => port.Release();
}
