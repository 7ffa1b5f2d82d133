using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Routing;

/// <summary>Where packets go from an interface: the longest prefix that holds the destination names the neighbor (RFC 1812, 5.2.4.3). Immutable.</summary>
public sealed class NextHops
{
    private readonly (Ipv4Subnet Destination, Ipv4Address? Via)[] _routes;

    /// <param name="routes">Destinations, each with the router that leads there; null: they are neighbors themselves.</param>
    public NextHops(IEnumerable<(Ipv4Subnet Destination, Ipv4Address? Via)> routes) =>
        _routes = [.. routes.OrderByDescending(route => route.Destination.PrefixLength)];

    /// <summary>The neighbor that a packet to <paramref name="destination"/> is handed to.</summary>
    public bool TryFind(Ipv4Address destination, out Ipv4Address neighbor)
    {
        foreach (var (subnet, via) in _routes)
        {
            if (subnet.Contains(destination))
            {
                neighbor = via ?? destination;
                return true;
            }
        }
        neighbor = default;
        return false;
    }
}
