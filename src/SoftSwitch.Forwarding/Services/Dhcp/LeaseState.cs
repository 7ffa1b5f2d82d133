namespace SoftSwitch.Forwarding.Services.Dhcp;

/// <summary>What has become of an address of the range.</summary>
public enum LeaseState
{
    /// <summary>Offered, and not taken yet.</summary>
    Offered,

    /// <summary>The client's.</summary>
    Bound,

    /// <summary>Nobody's any more: kept for the client, until somebody needs it.</summary>
    Kept,

    /// <summary>Somebody else has it, as a client or ARP said: it is given to nobody for a while.</summary>
    Conflicting,
}
