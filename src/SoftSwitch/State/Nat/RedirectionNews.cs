using SoftSwitch.Linux.Nftables;
using SoftSwitch.Logging;

namespace SoftSwitch.State.Nat;

/// <summary>Tells which ports rules of the host's firewall send elsewhere, each rule once while it is there, and when it is gone. Used by
/// the control loop alone.</summary>
/// <param name="log">Told so.</param>
/// <param name="name">The first of the networks behind the outside.</param>
/// <param name="ports">Those that the outside shares with the host.</param>
internal sealed class RedirectionNews(ISwitchLog log, string name, SharedPorts ports)
{
    private HashSet<RedirectedPorts> _told = [];
    private bool _isToldOfOld;

    /// <param name="found">All that there are now.</param>
    public void Tell(IEnumerable<RedirectedPorts> found)
    {
        var now = found.ToHashSet();
        foreach (var one in now.Where(one => !_told.Contains(one)))
            log.News(LogSubject.OfOutside(name), LogLevel.Warning, Text(one));
        foreach (var gone in _told.Where(one => !now.Contains(one)))
        {
            log.News(LogSubject.OfOutside(name), LogLevel.Info,
                $"no rule of the host's firewall ({gone.Where}) sends {gone.Ports} elsewhere any more");
        }
        _told = now;
        var isOld = OldTables.MayRedirect();
        if (isOld && !_isToldOfOld)
            log.News(LogSubject.OfOutside(name), LogLevel.Warning, OldText);
        _isToldOfOld = isOld;
    }

    private string OldText => "the host has rules of the old iptables (iptables-legacy -t nat), which can't be looked at: where one "
        + $"publishes a port of the pool ({string.Join(", ", ports.Pool)}), guests that are given this port get no answers; see "
        + "iptables-legacy -t nat -S, and publish others, or give the network other ports:";

    private string Text(RedirectedPorts one)
    {
        var rule = $"a rule of the host's firewall ({one.Where}) sends {one.Ports} elsewhere";
        if (ports.Forwarded.Select(forward => forward.Ports).Any(forward => forward.Protocol == one.Ports.Protocol
            && forward.First <= one.Ports.Last && one.Ports.First <= forward.Last))
            return $"{rule}: clients outside get there, and the forward of that port is for the others alone; take away one of the two";
        return one.Ports.Count <= GuardedPorts.MostGivenUp
            ? $"{rule}: guests are given other ports"
            : $"{rule}, and with them answers to guests: give the network ports: that the rule leaves, or an address of its own";
    }
}
