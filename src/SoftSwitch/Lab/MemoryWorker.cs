using SoftSwitch.Forwarding;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Forwarding.Time;

namespace SoftSwitch.Lab;

/// <summary>What a worker does, without its thread.</summary>
internal sealed class MemoryWorker : IDisposable
{
    private readonly Passage _passage = new(0);
    private readonly Queue<InnerPort> _called = new();

    /// <summary>One burst of one port, all the way, and what stations of ours have called for. False: it has none.</summary>
    public bool Carry(MemoryPort port, Membership member, Instant now)
    {
        port.Receive(_passage.Burst);
        if (_passage.Burst.Count == 0)
            return false;
        _passage.Begin(member, now);
        Finish();
        port.Release();
        while (_called.TryDequeue(out var inner))
        {
            _passage.Resume(inner, now);
            Finish();
        }
        return true;
    }

    private void Finish()
    {
        _passage.Continue(int.MaxValue);
        _passage.Burst.Clear();
        while (_passage.TryTakeCalled(out var inner))
            _called.Enqueue(inner);
    }

    public void Dispose() => _passage.Dispose();
}
