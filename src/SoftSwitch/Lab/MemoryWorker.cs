using SoftSwitch.Forwarding;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Forwarding.Time;

namespace SoftSwitch.Lab;

/// <summary>What a worker does, without its thread.</summary>
internal sealed class MemoryWorker : IDisposable
{
    private readonly Dataplane _dataplane = new(0);
    private readonly Egress _egress = new(0);
    private readonly Burst _burst = new();

    /// <summary>One burst of one port, all the way. False: it has none.</summary>
    public bool Carry(MemoryPort port, Membership member, Instant now)
    {
        port.Receive(_burst);
        if (_burst.Count == 0)
            return false;
        var deliveries = _dataplane.Process(_burst, _burst.All, member, now);
        do
        {
            foreach (var delivery in deliveries)
                _egress.Transmit(delivery.Source, delivery.Output.Port, delivery.Frames);
            deliveries = _dataplane.Settle();
        }
        while (!deliveries.IsEmpty);
        _burst.Clear();
        port.Release();
        return true;
    }

    public void Dispose()
    {
        _dataplane.Dispose();
        _egress.Dispose();
        _burst.Dispose();
    }
}
