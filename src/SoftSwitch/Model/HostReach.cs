namespace SoftSwitch.Model;

/// <summary>Which of the host's addresses guests of a network reach.</summary>
public enum HostReach
{
    /// <summary>Those that it has in their network; in a bridged one what it lets any machine of the LAN reach.</summary>
    Address,

    /// <summary>All but the loopback's; in a bridged network the host hears routers that are guests as well.</summary>
    All,
}
