namespace SoftSwitch.Forwarding.Nat;

/// <summary>How far a flow is. Only TCP has more than one state.</summary>
public enum NaptFlowState : byte
{
    /// <summary>UDP and ICMP queries: packets flow, nothing else is known.</summary>
    Active,

    /// <summary>One side has asked.</summary>
    Opening,

    /// <summary>Both sides have agreed.</summary>
    Established,

    /// <summary>One side or both have said their last.</summary>
    Closing,

    /// <summary>Both have, and each knows it of the other: it ends in seconds.</summary>
    Closed,

    /// <summary>One side has reset it; it stays for a while, longer where the other may not believe it (RFC 7857, section 2.2).</summary>
    Reset,
}
