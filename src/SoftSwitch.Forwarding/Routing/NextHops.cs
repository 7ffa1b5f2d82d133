using System.Collections.Frozen;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Routing;

/// <summary>
/// Where packets go from an interface: the longest prefix that holds the destination names the neighbor (RFC 1812, 5.2.4.3). One lookup for
/// each length that there is, longest first: a handful on most hosts, 33 at most, however many routes. Immutable.
/// </summary>
public sealed class NextHops
{
    private readonly (int PrefixLength, FrozenDictionary<uint, Ipv4Address?> Routes)[] _byLength;

    /// <param name="routes">Destinations, each with the router that leads there; null: they are neighbors themselves. Of two to one
    /// destination the first counts.</param>
    public NextHops(IEnumerable<(Ipv4Subnet Destination, Ipv4Address? Via)> routes) => _byLength =
    [
        .. routes.GroupBy(route => route.Destination.PrefixLength).OrderByDescending(group => group.Key)
            .Select(group => (group.Key, group.DistinctBy(route => route.Destination.Address)
                .ToFrozenDictionary(route => route.Destination.Address.Value, route => route.Via))),
    ];

    /// <summary>The neighbor that a packet to <paramref name="destination"/> is handed to.</summary>
    public bool TryFind(Ipv4Address destination, out Ipv4Address neighbor)
    {
        foreach (var (length, routes) in _byLength)
        {
            if (routes.TryGetValue(Ipv4Subnet.Containing(destination, length).Address.Value, out var via))
            {
                neighbor = via ?? destination;
                return true;
            }
        }
        neighbor = default;
        return false;
    }
}
