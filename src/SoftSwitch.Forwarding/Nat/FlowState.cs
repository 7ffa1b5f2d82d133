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
    Connection = Syns | Acks | Fins | Rsts,

    /// <summary>An outsider began the flow.</summary>
    FromOutside = 1 << 8,

    /// <summary>The flow keeps its mapping: an inside host has sent on it, or it is a forward's.</summary>
    Kept = 1 << 11,

    /// <summary>The flow is a forward's: packets from outside keep it.</summary>
    Forward = 1 << 12,

    /// <summary>Window scales are in the bits above: both sides have offered one.</summary>
    InsideScaled = 1 << 9,
    RemoteScaled = 1 << 10,
    Scales = InsideScaled | RemoteScaled | 0xFF00_0000,
}
