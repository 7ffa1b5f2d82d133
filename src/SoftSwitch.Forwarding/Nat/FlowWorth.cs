namespace SoftSwitch.Forwarding.Nat;

/// <summary>
/// What a flow is worth to its owner, the least first. At a limit an owner gives up the oldest of the least; a lasting one is never given
/// up, and a conversation only when an outsider began it: who is outside must not hold a place for ever by having a server answer him
/// twice.
/// </summary>
internal enum FlowWorth
{
    /// <summary>TCP: both sides have closed and know it of each other, or one has reset the connection.</summary>
    Closed,

    /// <summary>UDP: one question to a well-known port, and its answer (RFC 4787, REQ-5a).</summary>
    Answered,

    /// <summary>TCP: opening, or closing.</summary>
    HalfOpen,

    /// <summary>UDP and ICMP queries: the other side has said nothing yet.</summary>
    Unanswered,

    /// <summary>UDP and ICMP queries: both have spoken, but for a moment only.</summary>
    Exchange,

    /// <summary>UDP: both go on speaking.</summary>
    Conversation,

    /// <summary>An established TCP connection.</summary>
    Lasting,
}
