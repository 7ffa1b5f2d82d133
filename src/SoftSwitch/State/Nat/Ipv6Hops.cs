using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Packets;

namespace SoftSwitch.State.Nat;

/// <summary>
/// Routers that routes of IPv4 name by an IPv6 address (<c>via inet6</c>, RFC 5549). Neighbor discovery is the kernel's: it is asked for
/// the MAC address of each that leads somewhere, and told to find it where it doesn't know it, or hasn't confirmed it for a while, as if
/// the host itself sent something there. Until then packets wait; who doesn't answer is lost, like a neighbor that leaves ARP unanswered.
/// <para>Used by one thread. What the kernel is told needs a right that this one hasn't: another does it.</para>
/// </summary>
/// <param name="numbers">By which workers know them.</param>
/// <param name="find">Has the kernel find one, soon. It must not wait.</param>
internal sealed class Ipv6Hops(NumberedHops numbers, Action<int, Ipv6Address> find) : IDisposable
{
    /// <summary>The kernel asks three times, a second apart.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(3_500);

    /// <summary>Of one that leads somewhere what is known is confirmed that often, as the kernel does where it sends.</summary>
    private static readonly TimeSpan s_sure = TimeSpan.FromSeconds(30);

    /// <summary>What nobody has looked for so long leads nowhere: an answer of the routing counts for a minute.</summary>
    private static readonly TimeSpan s_used = TimeSpan.FromSeconds(90);

    /// <summary>Of one that has led nowhere for so long nobody knows the number any more: another may have it.</summary>
    private static readonly TimeSpan s_forgotten = TimeSpan.FromMinutes(10);

    private readonly NeighborLookup _lookup = new();
    private readonly Dictionary<(int Interface, Ipv6Address Address), Ipv6Hop> _known = [];

    private bool _isNews;

    /// <summary>Some are being asked for: <see cref="Tick"/> is to be called often.</summary>
    public bool IsFinding { get; private set; }

    /// <summary>Looks for one that a route leads to.</summary>
    /// <returns>Its number; null: there are too many of them, or (<paramref name="isBeingFound"/>) its MAC isn't known yet.</returns>
    public Ipv4Address? Look(int index, Ipv6Address address, Instant now, out bool isBeingFound)
    {
        isBeingFound = false;
        if (!_known.TryGetValue((index, address), out var hop))
        {
            if ((numbers.Add() ?? GivenUp(now)) is not { } number)
                return null;
            _known[(index, address)] = hop = new(number);
        }
        hop.UsedAt = now;
        Follow(index, address, hop, now);
        isBeingFound = hop.IsBeingFound;
        return isBeingFound ? null : hop.Number;
    }

    /// <summary>Follows what the kernel knows of those that lead somewhere.</summary>
    /// <returns>One that was being asked for has answered, or is given up.</returns>
    public bool Tick(Instant now)
    {
        var isFinding = false;
        foreach (var ((index, address), hop) in _known)
        {
            if (now.Milliseconds >= (hop.UsedAt + s_used).Milliseconds)
                continue;
            Follow(index, address, hop, now);
            isFinding |= hop.IsBeingFound;
        }
        IsFinding = isFinding;
        var isNews = _isNews;
        _isNews = false;
        return isNews;
    }

    public void Dispose() => _lookup.Dispose();

    private void Follow(int index, Ipv6Address address, Ipv6Hop hop, Instant now)
    {
        var wasBeingFound = hop.IsBeingFound;
        Learn(index, address, hop, now);
        _isNews |= wasBeingFound && !hop.IsBeingFound;
        IsFinding |= hop.IsBeingFound;
    }

    private void Learn(int index, Ipv6Address address, Ipv6Hop hop, Instant now)
    {
        var answer = _lookup.Ask(index, address);
        if (answer.Mac is not null)
        {
            numbers.Set(hop.Number, answer.Mac);
            (hop.FindingSince, hop.HasMac, hop.IsLost) = (null, true, false);
            if (!answer.IsSure && (hop.FoundAt is not { } asked || now.Milliseconds >= (asked + s_sure).Milliseconds))
                Find(index, address, hop, now);
            return;
        }
        // What was known of it holds until it leaves questions unanswered: the kernel forgets neighbors at a limit, too.
        if (hop.FindingSince is not { } since)
        {
            hop.FindingSince = now;
            Find(index, address, hop, now);
        }
        else if (now.Milliseconds >= (since + s_patience).Milliseconds)
        {
            // It is asked for as long as something is to go there.
            numbers.Set(hop.Number, null);
            (hop.FindingSince, hop.HasMac, hop.IsLost) = (now, false, true);
            Find(index, address, hop, now);
        }
    }

    /// <summary>The number of who has led nowhere the longest. Interfaces, and with them their routers, come and go as long as the switch
    /// runs.</summary>
    private Ipv4Address? GivenUp(Instant now)
    {
        var (key, hop) = _known.MinBy(one => one.Value.UsedAt.Milliseconds);
        if (now.Milliseconds < (hop.UsedAt + s_forgotten).Milliseconds)
            return null;
        _known.Remove(key);
        numbers.Set(hop.Number, null);
        return hop.Number;
    }

    private void Find(int index, Ipv6Address address, Ipv6Hop hop, Instant now)
    {
        hop.FoundAt = now;
        find(index, address);
    }
}
