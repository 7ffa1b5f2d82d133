using SoftSwitch.Forwarding.Budgets;
using SoftSwitch.Forwarding.Ports;

namespace SoftSwitch.Forwarding.Services.Dns;

/// <summary>Who may have a question asked of others: a socket of the host's for each. A port that has as many as are left gets no more
/// (<see cref="SharedPlaces.HasPart"/>), so one that asks for names which nobody answers for keeps out nobody. Used by one
/// thread.</summary>
public sealed class UpstreamPlaces
{
    private readonly Dictionary<Port, int> _ofPort = [];
    private int _taken;

    /// <summary>Takes one of a port's.</summary>
    public bool TryTake(Port port)
    {
        var own = _ofPort.GetValueOrDefault(port);
        if (!SharedPlaces.HasPart(_taken, Limits.DnsAsked.Most, own))
            return false;
        (_ofPort[port], _taken) = (own + 1, _taken + 1);
        return true;
    }

    /// <summary>Gives one back.</summary>
    public void Give(Port port)
    {
        _taken--;
        if ((_ofPort[port] -= 1) == 0)
            _ofPort.Remove(port);
    }
}
