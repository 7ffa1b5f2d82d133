namespace SoftSwitch.Forwarding.Routing;

/// <summary>What becomes of a guest's packets to a destination, as far as the destination decides.</summary>
public enum Destiny
{
    /// <summary>They are the gateway's.</summary>
    Gateway,

    /// <summary>A group, a broadcast or link-local: they go nowhere.</summary>
    NotRouted,

    /// <summary>They go to a neighbor in the guest's own network.</summary>
    Guest,

    /// <summary>The same, but he doesn't answer.</summary>
    LostGuest,

    /// <summary>Another network of the switch: they go nowhere.</summary>
    OtherNetwork,

    /// <summary>The network's outside address, which is nobody else's: they turn around.</summary>
    OutsideAddress,

    /// <summary>The network's outside address, which is the host's too: they turn around by a forward or a flow, or go to the
    /// host.</summary>
    SharedAddress,

    /// <summary>They go to the host.</summary>
    Host,

    /// <summary>They leave by the way that the file names.</summary>
    Out,

    /// <summary>That way doesn't lead there, or there is none.</summary>
    NoRoute,

    /// <summary>The host's routing says.</summary>
    Asked,
}
