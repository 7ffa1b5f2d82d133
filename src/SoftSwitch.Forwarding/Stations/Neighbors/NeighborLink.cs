namespace SoftSwitch.Forwarding.Stations.Neighbors;

/// <summary>Where a place stands among those of its port, see <see cref="NeighborShare"/>.</summary>
internal struct NeighborLink
{
    public NeighborShare? Share;
    public bool IsKnown;
    public int Older;
    public int Newer;
}
