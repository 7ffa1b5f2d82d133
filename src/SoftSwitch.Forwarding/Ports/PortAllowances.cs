using System.Runtime.CompilerServices;
using SoftSwitch.Forwarding.Budgets;
using SoftSwitch.Forwarding.Time;

namespace SoftSwitch.Forwarding.Ports;

/// <summary>
/// An <see cref="Allowance"/> for each port that frames come in by: who spends his own takes nobody else's. A port that is gone takes its
/// own along.
/// </summary>
internal sealed class PortAllowances(Limit limit)
{
    private readonly ConditionalWeakTable<Port, Allowance> _byPort = [];
    private readonly ConditionalWeakTable<Port, Allowance>.CreateValueCallback _new = _ => new(limit);

    /// <summary>Takes one of a port's; false when it has none left.</summary>
    public bool Take(Port input, Instant now) => _byPort.GetValue(input, _new).Take(now);
}
