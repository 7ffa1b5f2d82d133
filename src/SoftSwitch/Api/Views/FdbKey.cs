using SoftSwitch.Api.Lists;
using SoftSwitch.Packets;

namespace SoftSwitch.Api.Views;

/// <summary>What an FDB entry is ordered by: its network's name by ordinal, then its address.</summary>
internal readonly record struct FdbKey(string Network, MacAddress Mac) : IComparable<FdbKey>
{
    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    /// <exception cref="ProblemException">It is something else.</exception>
    public static FdbKey Parse(string cursor)
    {
        var slash = cursor.LastIndexOf('/');
        return slash > 0 && MacAddress.TryParse(cursor.AsSpan(slash + 1), null, out var mac)
            ? new(cursor[..slash], mac)
            : throw ListQuery.BadCursor();
    }

    public int CompareTo(FdbKey other)
    {
        var networks = string.CompareOrdinal(Network, other.Network);
        return networks != 0 ? networks : Mac.Value.CompareTo(other.Mac.Value);
    }

    public override string ToString() => $"{Network}/{Mac}";
}
