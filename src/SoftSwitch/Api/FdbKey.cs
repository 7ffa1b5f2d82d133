using SoftSwitch.Packets;

namespace SoftSwitch.Api;

/// <summary>What an FDB entry is ordered by: its network's name by ordinal, then its address.</summary>
internal readonly record struct FdbKey(string Network, MacAddress Mac) : IComparable<FdbKey>
{
    public int CompareTo(FdbKey other)
    {
        var networks = string.CompareOrdinal(Network, other.Network);
        return networks != 0 ? networks : Mac.Value.CompareTo(other.Mac.Value);
    }
}
