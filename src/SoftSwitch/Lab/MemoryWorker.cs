using SoftSwitch.Forwarding;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Forwarding.Time;

namespace SoftSwitch.Lab;

/// <summary>What a worker does, without its thread.</summary>
internal sealed class MemoryWorker : IDisposable
{
    private readonly Passage _passage = new(0);

    /// <summary>One burst of one port, all the way. False: it has none.</summary>
    public bool Carry(MemoryPort port, Membership member, Instant now)
    {
        port.Receive(_passage.Burst);
        if (_passage.Burst.Count == 0)
            return false;
        _passage.Begin(member, now);
        _passage.Continue(int.MaxValue);
        _passage.Burst.Clear();
        port.Release();
        return true;
    }

    public void Dispose() => _passage.Dispose();
}
