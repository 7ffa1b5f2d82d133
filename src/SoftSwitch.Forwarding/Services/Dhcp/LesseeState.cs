namespace SoftSwitch.Forwarding.Services.Dhcp;

/// <summary>Where a client that is ours stands (RFC 2131, figure 5).</summary>
public enum LesseeState
{
    /// <summary>It was refused or has declined, and waits for a moment.</summary>
    Resting,

    /// <summary>It looks for servers.</summary>
    Selecting,

    /// <summary>It has taken an offer.</summary>
    Requesting,

    /// <summary>It asks for the address that it had before.</summary>
    Rebooting,

    /// <summary>It has an address, and its owner asks whether somebody else has it too.</summary>
    Checking,

    /// <summary>The address is in use.</summary>
    Bound,

    /// <summary>The same, and the server is asked for more time.</summary>
    Renewing,

    /// <summary>The same, and everybody is.</summary>
    Rebinding,
}
