namespace SoftSwitch.Forwarding.Nat;

/// <summary>What an outside port is used for.</summary>
internal enum MappingKind
{
    Free,

    /// <summary>Made by an inside host's packet; ends with its last flow.</summary>
    Dynamic,

    /// <summary>A forward: stays, and takes packets from everybody.</summary>
    Forward,

    /// <summary>Its port is wanted otherwise: no new flows, and those that it has are being ended.</summary>
    Ending,
}
