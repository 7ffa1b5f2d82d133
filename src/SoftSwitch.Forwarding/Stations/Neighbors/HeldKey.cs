using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Stations.Neighbors;

/// <summary>Whose packets wait, and for whom: those of one port for one neighbor; without a port, of all.</summary>
internal readonly record struct HeldKey(Ipv4Address Neighbor, Port? Input = null)
{
    /// <summary>With a seed of the process, as strangers choose the neighbor.</summary>
    public override int GetHashCode() => HashCode.Combine(Neighbor.Value, Input);
}
