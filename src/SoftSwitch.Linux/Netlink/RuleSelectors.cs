namespace SoftSwitch.Linux.Netlink;

/// <summary>What the host's rules for routing look at, beyond the destination and what all packets of a program of root's have in
/// common.</summary>
[Flags]
public enum RuleSelectors
{
    None = 0,

    /// <summary>The source address.</summary>
    Source = 1,

    /// <summary>Ports, protocol or type of service: packets to one destination may go several ways.</summary>
    Transport = 2,
}
