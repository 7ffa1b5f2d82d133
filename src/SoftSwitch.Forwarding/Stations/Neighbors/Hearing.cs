namespace SoftSwitch.Forwarding.Stations.Neighbors;

/// <summary>What a neighbor's word about itself has changed.</summary>
public enum Hearing
{
    /// <summary>Nothing that anybody waits for.</summary>
    Noted,

    /// <summary>It was asked for: packets may be waiting.</summary>
    Answered,

    /// <summary>Another has the address and works: nothing was changed. The other is to be asked whether that is still so.</summary>
    Disputed,
}
