using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Routing;

/// <summary>
/// The networks behind an outside, by the numbers that its translator knows them by. Immutable; the control plane replaces it whole when
/// one comes, changes or goes.
/// </summary>
public sealed class InsideNetworks
{
    private readonly Gateway?[] _gateways;
    private readonly Ipv4Subnet[] _subnets;

    /// <param name="gateways">Those of the networks behind it.</param>
    /// <param name="subnets">The subnets that nobody outside can have an address of: those of all networks of this switch.</param>
    public InsideNetworks(IReadOnlyCollection<Gateway> gateways, Ipv4Subnet[] subnets)
    {
        _gateways = new Gateway?[gateways.Select(gateway => gateway.Policy + 1).DefaultIfEmpty().Max()];
        foreach (var gateway in gateways)
            _gateways[gateway.Policy] = gateway;
        _subnets = subnets;
        First = gateways.FirstOrDefault();
        SmallestMtu = gateways.Select(gateway => gateway.Mtu).DefaultIfEmpty(int.MaxValue).Min();
    }

    public static InsideNetworks None { get; } = new([], []);

    /// <summary>What every network behind it takes, in bytes.</summary>
    internal int SmallestMtu { get; }

    /// <summary>The first of the gateways; null: there is none.</summary>
    internal Gateway? First { get; }

    /// <summary>The gateway of the network with a number; null: there is none.</summary>
    internal Gateway? this[int policy] => (uint)policy < (uint)_gateways.Length ? _gateways[policy] : null;

    /// <summary>Nobody outside can have an address.</summary>
    internal bool Contains(Ipv4Address address)
    {
        foreach (var subnet in _subnets)
        {
            if (subnet.Contains(address))
                return true;
        }
        return false;
    }
}
