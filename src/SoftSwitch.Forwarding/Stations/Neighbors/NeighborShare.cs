using SoftSwitch.Forwarding.Ports;

namespace SoftSwitch.Forwarding.Stations.Neighbors;

/// <summary>The places of one port in a <see cref="NeighborPlaces"/>: those of neighbors whose address isn't known, and the others; each
/// the oldest first. A place is a number, -1 none. Pooled.</summary>
internal sealed class NeighborShare
{
    public Port? Port { get; set; }

    public int Count { get; set; }

    public (int Oldest, int Newest) Unknown { get; set; } = (-1, -1);

    /// <summary>In the order in which they were confirmed.</summary>
    public (int Oldest, int Newest) Known { get; set; } = (-1, -1);
}
