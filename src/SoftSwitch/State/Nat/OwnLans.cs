using SoftSwitch.Forwarding.Routing;

namespace SoftSwitch.State.Nat;

/// <summary>
/// Where stations with addresses of their own are plugged in: all on one NIC are in one bridge. Where a bridged network has the NIC as its
/// uplink that is the network's, where its guests and the host are; else it is an <see cref="OwnLan"/>. Used by the control loop alone.
/// </summary>
internal sealed class OwnLans(INatSwitch running)
{
    private readonly Dictionary<int, OwnLan> _lans = [];

    /// <summary>Puts a station on the LAN of a NIC.</summary>
    /// <param name="network">Its network.</param>
    /// <param name="port">What the NIC's port is called, where the station is the first there.</param>
    /// <exception cref="Linux.SystemCallException">The NIC can't be opened; nothing is left.</exception>
    public void Enter(OutsideLink link, string network, string port, Outside station)
    {
        var bridge = running.BridgeOn(link.Index, link.Interface) ?? Open(link, network, port, station).Bridge;
        bridge.SetUp(bridge.Attach(station), true);
    }

    /// <summary>A station is where one that comes now would be: bridged networks come and go.</summary>
    public bool IsInPlace(OutsideLink link, Outside station) => station.Membership?.Bridge is { } bridge
        && bridge == (running.BridgeOn(link.Index, link.Interface) ?? _lans.GetValueOrDefault(link.Index)?.Bridge);

    /// <summary>Takes a station away: when this returns, no worker is in it.</summary>
    public void Leave(Outside station)
    {
        var member = station.Membership!;
        member.Bridge.Detach(member);
        foreach (var (index, lan) in _lans.Where(one => one.Value.Bridge == member.Bridge).ToArray())
        {
            lan.Remove(station);
            CloseEmpty(index, lan);
        }
        // Guests' ports may still lead here, until every worker has ended its turn.
        running.Workers.Settle();
    }

    private OwnLan Open(OutsideLink link, string network, string port, Outside station)
    {
        if (!_lans.TryGetValue(link.Index, out var lan))
            _lans.Add(link.Index, lan = OwnLan.Open(running, link, network, port));
        try
        {
            lan.Add(station);
            return lan;
        }
        catch
        {
            CloseEmpty(link.Index, lan);
            throw;
        }
    }

    private void CloseEmpty(int index, OwnLan lan)
    {
        if (!lan.IsEmpty)
            return;
        _lans.Remove(index);
        lan.Close(running);
    }
}
