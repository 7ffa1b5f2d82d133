namespace SoftSwitch.Forwarding.Nat;

/// <summary>
/// What is known about a flow. Low bits: what was seen of a TCP connection. High bits: each side's window scale (RFC 7323), 4 bits each.
/// </summary>
[Flags]
internal enum FlowState : uint
{
    None = 0,

    InsideSyn = 1 << 0,
    RemoteSyn = 1 << 1,

    /// <summary>The inside host has acknowledged what the remote began with.</summary>
    InsideAck = 1 << 2,
    RemoteAck = 1 << 3,
    InsideFin = 1 << 4,
    RemoteFin = 1 << 5,

    /// <summary>The inside host has sent a reset that fits.</summary>
    InsideRst = 1 << 6,
    RemoteRst = 1 << 7,

    Syns = InsideSyn | RemoteSyn,
    Acks = InsideAck | RemoteAck,
    Fins = InsideFin | RemoteFin,
    Rsts = InsideRst | RemoteRst,
    Connection = Syns | Acks | Fins | Rsts | Closed,

    /// <summary>An outsider began the flow.</summary>
    FromOutside = 1 << 8,

    /// <summary>The flow keeps its mapping: an inside host has sent on it, or it is a forward's.</summary>
    Kept = 1 << 11,

    /// <summary>The flow is a forward's: packets from outside keep it.</summary>
    Forward = 1 << 12,

    /// <summary>The flow has an outside port that is another inside end's, or nobody's: answers find it, strangers don't.</summary>
    Overlapped = 1 << 13,

    /// <summary>TCP: both sides have closed and each has acknowledged it, or a reset lay where the connection ends.</summary>
    Closed = 1 << 14,

    /// <summary>UDP and queries: the side that did not begin has spoken.</summary>
    Answered = 1 << 15,

    /// <summary>The side that began has spoken again since.</summary>
    Continued = 1 << 16,

    /// <summary>It has done so when the flow was more than a moment old.</summary>
    Lasting = 1 << 17,

    /// <summary>The flow's remote address is counted among those to which its outside port has sent.</summary>
    Peer = 1 << 18,

    /// <summary>The flow is of a forward that is asked at one address only.</summary>
    Named = 1 << 19,

    /// <summary>No mapping counts it.</summary>
    Unmapped = Overlapped | Named,

    /// <summary>Window scales are in the bits above: both sides have offered one.</summary>
    InsideScaled = 1 << 9,
    RemoteScaled = 1 << 10,
    Scales = InsideScaled | RemoteScaled | 0xFF00_0000,
}
