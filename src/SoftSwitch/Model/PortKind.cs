namespace SoftSwitch.Model;

/// <summary>How a port is attached, in the order of the table in README.</summary>
public enum PortKind
{
    Tap,
    Guest,
    Nic,
    Veth,
    Macvtap,
    Tun,
    Bridge,
    VhostUser,
    Stream,
    Dgram,

    /// <summary>The host's own stack: not a kind that a file can name, but one that networks get by their mode.</summary>
    Host,
}
