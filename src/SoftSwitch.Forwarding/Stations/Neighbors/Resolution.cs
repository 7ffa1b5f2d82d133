namespace SoftSwitch.Forwarding.Stations.Neighbors;

/// <summary>What to do with a packet for a neighbor.</summary>
public enum Resolution
{
    /// <summary>Its address is known: send.</summary>
    Send,

    /// <summary>Send, and ask the neighbor itself, for its address is getting old, or another claims it.</summary>
    SendAndAsk,

    /// <summary>It has been asked for already: the packet waits for the answer.</summary>
    Hold,

    /// <summary>Ask for it; the packet waits for the answer.</summary>
    HoldAndAsk,

    /// <summary>It was asked for and didn't answer.</summary>
    Unreachable,

    /// <summary>There are too many neighbors, and most of them are those of the packet's port.</summary>
    NoRoom,
}
