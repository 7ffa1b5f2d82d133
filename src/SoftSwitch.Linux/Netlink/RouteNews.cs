namespace SoftSwitch.Linux.Netlink;

/// <summary>What the news of a <see cref="RouteMonitor"/> is worth, least first.</summary>
public enum RouteNews
{
    /// <summary>Nothing that matters.</summary>
    None,

    /// <summary>Routes by an interface that matters, of which there may be very many.</summary>
    Routes,

    /// <summary>There was more than the kernel keeps for us, and nobody knows what.</summary>
    Lost,

    /// <summary>A default route, or an interface that matters or its addresses.</summary>
    Ways,
}
