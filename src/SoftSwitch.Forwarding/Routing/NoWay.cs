namespace SoftSwitch.Forwarding.Routing;

/// <summary>Why the host's routing leads a destination nowhere, and so what its sender is told: as the kernel tells whom it forwards
/// for.</summary>
public enum NoWay
{
    /// <summary>No route has it, or there is no way out that could be taken: ICMP network unreachable.</summary>
    NoRoute,

    /// <summary>A route says that it can't be reached: ICMP host unreachable.</summary>
    Unreachable,

    /// <summary>A route or a rule forbids it: ICMP communication administratively prohibited.</summary>
    Prohibited,

    /// <summary>A black hole: nobody is told.</summary>
    Blackhole,
}
