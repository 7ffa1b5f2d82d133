namespace SoftSwitch.Forwarding.Stations.Neighbors;

/// <summary>What to do with a packet for a neighbor.</summary>
public enum Resolution
{
    /// <summary>Its address is known: send.</summary>
    Send,

    /// <summary>Send, and ask again, for the address is getting old.</summary>
    SendAndAsk,

    /// <summary>It has been asked for already: the packet waits for the answer.</summary>
    Hold,

    /// <summary>Ask for it; the packet waits for the answer.</summary>
    HoldAndAsk,

    /// <summary>It was asked for and didn't answer.</summary>
    Unreachable,
}
