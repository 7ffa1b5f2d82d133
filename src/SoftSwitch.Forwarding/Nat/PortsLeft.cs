namespace SoftSwitch.Forwarding.Nat;

/// <summary>What an owner of many ports remembers of those that are left toward a remote end.</summary>
internal enum PortsLeft
{
    Unknown,

    /// <summary>More than the reserve.</summary>
    Plenty,

    /// <summary>None for him: he has to give up a flow toward that end, or is refused.</summary>
    None,
}
