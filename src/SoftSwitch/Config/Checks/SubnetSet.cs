using SoftSwitch.Packets;

namespace SoftSwitch.Config.Checks;

/// <summary>Subnets, to ask in the time of a few steps whether another one overlaps one of them. Immutable.</summary>
internal sealed class SubnetSet
{
    /// <summary>In ascending order, none inside another: two subnets are apart or one holds the other, so only the widest are
    /// kept.</summary>
    private readonly List<Ipv4Subnet> _widest = [];

    public SubnetSet(IEnumerable<Ipv4Subnet> subnets)
    {
        foreach (var subnet in subnets.OrderBy(one => one.Address).ThenBy(one => one.PrefixLength))
        {
            if (_widest.Count == 0 || !_widest[^1].Overlaps(subnet))
                _widest.Add(subnet);
        }
    }

    /// <summary>The first of the set that overlaps <paramref name="subnet"/>; null: none does.</summary>
    public Ipv4Subnet? Overlapping(Ipv4Subnet subnet)
    {
        // The first that ends at or after its beginning is the only one that may overlap it, or the first of those inside it.
        var (low, high) = (0, _widest.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_widest[middle].Broadcast.Value < subnet.Address.Value)
                low = middle + 1;
            else
                high = middle;
        }
        return low < _widest.Count && _widest[low].Overlaps(subnet) ? _widest[low] : null;
    }
}
