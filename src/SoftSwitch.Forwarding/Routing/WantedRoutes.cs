using SoftSwitch.Forwarding.Budgets;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Routing;

/// <summary>The destinations that the host's routing is to be asked for, each with a port whose packets wait for it. The ports come in
/// turn, so that who sweeps addresses holds up nobody else. How many a port adds is bounded by its packets and its questions
/// (<see cref="UnroutedPackets"/>); what it adds while nobody takes them is bounded here. Any thread may call.</summary>
internal sealed class WantedRoutes
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Port, Queue<Ipv4Address>> _byPort = [];
    private readonly Queue<Port> _turns = new();

    public void Add(Ipv4Address destination, Port by)
    {
        lock (_lock)
        {
            if (!_byPort.TryGetValue(by, out var own))
            {
                _byPort.Add(by, own = new());
                _turns.Enqueue(by);
            }
            // Who comes first has waited longest, and is given up first.
            if (own.Count == Limits.RouteQuestionsAgain.Most)
                own.Dequeue();
            own.Enqueue(destination);
        }
    }

    public bool TryTake(out Ipv4Address destination, out Port by)
    {
        destination = default;
        lock (_lock)
        {
            if (!_turns.TryDequeue(out by!))
                return false;
            var own = _byPort[by];
            destination = own.Dequeue();
            if (own.Count > 0)
                _turns.Enqueue(by);
            else
                _byPort.Remove(by);
            return true;
        }
    }
}
