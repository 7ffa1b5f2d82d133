using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Bridging;

/// <summary>
/// What a <see cref="HostGate"/> holds frames against: the host's addresses at one port, or that it is a machine of the LAN there.
/// Immutable; replaced whole when the host's addresses change.
/// </summary>
public sealed class HostRules
{
    private readonly Ipv4Address[] _own4;
    private readonly Ipv4Subnet[] _subnets4;
    private readonly Ipv6Address[] _own6;
    private readonly Ipv6Subnet[] _subnets6;

    /// <param name="own4">The host's IPv4 addresses that are reached by the port.</param>
    /// <param name="subnets4">The IPv4 subnets there, which neighbors are in.</param>
    /// <param name="own6">The host's IPv6 addresses that are reached. Any link-local one is, whether it stands here or not; no guest has
    /// one that does.</param>
    /// <param name="subnets6">The IPv6 subnets there.</param>
    public HostRules(Ipv4Address[] own4, Ipv4Subnet[] subnets4, Ipv6Address[] own6, Ipv6Subnet[] subnets6) =>
        (_own4, _subnets4, _own6, _subnets6) = (own4, subnets4, own6, subnets6);

    private HostRules(bool takesRoutes) : this([], [], [], []) => (IsOnLan, TakesRoutes) = (true, takesRoutes);

    /// <summary>The host has no address there, but for link-local ones of IPv6.</summary>
    public static HostRules NoAddress { get; } = new([], [], [], []);

    /// <summary>The host is on the LAN, and whoever is there reaches what that machine lets him.</summary>
    public static HostRules OnLan { get; } = new(takesRoutes: false);

    /// <summary>The same, and the host hears routers that are guests.</summary>
    public static HostRules OnLanWithRouters { get; } = new(takesRoutes: true);

    /// <summary>Any address but the loopback's is let through.</summary>
    internal bool IsOnLan { get; }

    /// <summary>Router advertisements and redirects are let through.</summary>
    internal bool TakesRoutes { get; }

    /// <summary>The host may be given an address there by DHCP.</summary>
    public bool TakesLease { get; init; }

    /// <summary>What is the host's by a route alone, beside its addresses.</summary>
    public Ipv4Subnet[] Local4 { get; init; } = [];

    internal bool IsOwn(Ipv4Address address)
    {
        if (_own4.AsSpan().Contains(address))
            return true;
        foreach (var subnet in Local4)
        {
            if (subnet.Contains(address))
                return true;
        }
        return false;
    }

    internal bool IsOwn(Ipv6Address address) => address.IsLinkLocal || IsKnown(address);

    /// <summary>It is the host's for certain.</summary>
    internal bool IsKnown(Ipv6Address address) => _own6.AsSpan().Contains(address);

    /// <summary>A neighbor of the host can have the address.</summary>
    internal bool IsNeighbor(Ipv4Address address)
    {
        foreach (var subnet in _subnets4)
        {
            if (subnet.Contains(address))
                return !HasNetworkAddresses(subnet) || (address != subnet.Address && address != subnet.Broadcast);
        }
        return false;
    }

    /// <inheritdoc cref="IsNeighbor(Ipv4Address)"/>
    internal bool IsNeighbor(Ipv6Address address)
    {
        if (address.IsLinkLocal)
            return true;
        foreach (var subnet in _subnets6)
        {
            if (subnet.Contains(address))
                return true;
        }
        return false;
    }

    /// <summary>All neighbors of the host.</summary>
    internal bool IsBroadcast(Ipv4Address address)
    {
        if (address == Ipv4Address.Broadcast)
            return true;
        foreach (var subnet in _subnets4)
        {
            if (HasNetworkAddresses(subnet) && address == subnet.Broadcast)
                return true;
        }
        return false;
    }

    /// <summary>RFC 3021: a network of two addresses has no broadcast, nor has a single one.</summary>
    private static bool HasNetworkAddresses(Ipv4Subnet subnet) => subnet.PrefixLength < 31;
}
