namespace SoftSwitch.Forwarding.Nat;

/// <summary>What an outside port is used for.</summary>
internal enum MappingKind
{
    Free,

    /// <summary>Made by an inside host's packet; ends with the last flow on which that host has sent.</summary>
    Dynamic,

    /// <summary>A forward: stays, and takes packets from everybody.</summary>
    Forward,

    /// <summary>No new flows; its port is free when those that it has are over.</summary>
    Ending,
}
