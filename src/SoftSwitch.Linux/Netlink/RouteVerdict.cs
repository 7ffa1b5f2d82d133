namespace SoftSwitch.Linux.Netlink;

/// <summary>What the host's routing does with packets of its own to one destination.</summary>
public enum RouteVerdict
{
    /// <summary>They leave by an interface.</summary>
    Out,

    /// <summary>They are for the host itself.</summary>
    Host,

    /// <summary>Nothing leads there (ENETUNREACH).</summary>
    NoRoute,

    /// <summary>A route of type <c>unreachable</c> (EHOSTUNREACH).</summary>
    Unreachable,

    /// <summary>A route or rule of type <c>prohibit</c> (EACCES).</summary>
    Prohibited,

    /// <summary>A route or rule of type <c>blackhole</c> (EINVAL).</summary>
    Blackhole,

    /// <summary>They leave by broadcast or multicast, or to a next hop of another family than IPv4: no way for a packet of a
    /// guest.</summary>
    NotForGuests,
}
