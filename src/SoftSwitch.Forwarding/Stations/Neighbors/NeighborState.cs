namespace SoftSwitch.Forwarding.Stations.Neighbors;

/// <summary>What is known of a neighbor (after RFC 4861, 7.3.2, whose words also fit ARP).</summary>
public enum NeighborState : byte
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>It is being asked for.</summary>
    Incomplete,

    /// <summary>Its address was confirmed not long ago.</summary>
    Reachable,

    /// <summary>Its address is known, but was not confirmed for a while: used, and asked for again.</summary>
    Stale,

    /// <summary>It was asked for and didn't answer.</summary>
    Failed,
}
