namespace SoftSwitch.Forwarding.Routing;

/// <summary>Where a router lets a packet go.</summary>
internal enum Course : byte
{
    /// <summary>Nowhere.</summary>
    Refused,

    /// <summary>To us: the station answers.</summary>
    Ours,

    /// <summary>To a neighbor in the network that it came from.</summary>
    Inside,

    /// <summary>To the outside address, and there in again (RFC 4787, REQ-9).</summary>
    Hairpin,

    /// <summary>To the host.</summary>
    Host,

    /// <summary>To the world.</summary>
    Out,

    /// <summary>Nobody knows yet: the host's routing is asked.</summary>
    Asked,
}
