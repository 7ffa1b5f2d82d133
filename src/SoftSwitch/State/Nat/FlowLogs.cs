using SoftSwitch.Forwarding.Nat;

namespace SoftSwitch.State.Nat;

/// <summary>Where the translators of an outside write their flows: each into a log of its own, for they write side by side. A log whose
/// translator has ended is given to another. Used by the control loop alone, but for <see cref="All"/>.</summary>
internal sealed class FlowLogs
{
    private readonly Stack<NaptFlowLog> _spare = new();
    private volatile NaptFlowLog[] _all = [];

    /// <summary>All that there are; none is ever taken out.</summary>
    public IReadOnlyList<NaptFlowLog> All => _all;

    public NaptFlowLog Take()
    {
        if (_spare.TryPop(out var spare))
            return spare;
        var log = new NaptFlowLog();
        _all = [.. _all, log];
        return log;
    }

    /// <summary>No worker uses the translator any more that wrote into it.</summary>
    public void GiveBack(NaptFlowLog log) => _spare.Push(log);
}
