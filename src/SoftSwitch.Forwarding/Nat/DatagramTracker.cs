using System.Runtime.CompilerServices;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>
/// What datagrams and ICMP queries say about their flow: a question that nobody answered, one that was, or a conversation. A conversation
/// is one in which the side that began speaks again after an answer, as a QUIC client does and a DNS client does not; when it has gone on
/// for
/// <see cref="Moment"/> seconds it is given up last (<see cref="FlowWorth.Conversation"/>).
/// </summary>
internal static class DatagramTracker
{
    /// <summary>As long as the kernel's conntrack waits before it takes both directions for a stream.</summary>
    private const uint Moment = 2;

    /// <param name="version">The slot's, when it was the flow's.</param>
    /// <param name="fromInside">Which side speaks.</param>
    /// <param name="now">In seconds.</param>
    /// <returns>True when the flow may be worth something else now.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Track(ref Flow flow, uint version, bool fromInside, uint now)
    {
        (fromInside ? ref flow.Inside : ref flow.Remote).Saw(now);
        var state = flow.State;
        var begins = fromInside == ((state & FlowState.FromOutside) == 0);
        var says = begins ? (state & (FlowState.Answered | FlowState.Lasting)) == FlowState.Answered : (state & FlowState.Answered) == 0;
        return says && Change(ref flow, version, begins, now);
    }

    /// <summary>The inside end has spoken, and isn't done.</summary>
    public static bool IsOpen(in Flow flow) =>
        (flow.State & (FlowState.FromOutside | FlowState.Answered)) != FlowState.FromOutside && !flow.IsAnsweredQuestion;

    private static bool Change(ref Flow flow, uint version, bool begins, uint now)
    {
        var says = !begins ? FlowState.Answered
            : (int)(now - flow.Began) >= Moment && flow.Protocol == NatProtocol.Udp ? FlowState.Continued | FlowState.Lasting
            : FlowState.Continued;
        if ((flow.State & says) == says)
            return false;
        return Flow.TryChange(ref flow, version, says);
    }
}
