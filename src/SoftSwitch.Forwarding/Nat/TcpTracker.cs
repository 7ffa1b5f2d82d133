using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>
/// What a TCP segment says about its flow: how far the connection is, and so which timeout counts, and what it is worth. It never decides
/// whether a segment crosses: the ends judge that, with more knowledge. All legal openings lead to an established connection, simultaneous
/// ones too (RFC 9293, 3.5; RFC 5382, REQ-2), and so does a connection whose beginning was not seen, once both sides have acknowledged.
/// <para>
/// A reset or a FIN counts only when it lies where its receiver expects it: from what that has acknowledged to the end of its window (RFC
/// 5961, 3.2; RFC 7857, section 2.2). It never ends a flow at once. A host that speaks on after a reset has not believed it, and the
/// connection goes on. Resets that change nothing don't keep a flow alive either (RFC 7857, section 7.1). Nor does data count that lies
/// further ahead than any window.
/// </para>
/// <para>
/// A SYN on a connection that is not closed means something only from inside: an outsider's is answered with an acknowledgement, or forged.
/// On a closed one an outsider's begins the next when it lies beyond the last (RFC 6191; RFC 9293, 3.6.1), and has the time of what
/// outsiders begin.
/// </para>
/// <para>
/// A connection is closed when both sides have sent their FIN and each has acknowledged the other's, or by a reset at the very number that
/// the receiver expects or the sender has reached: that one is believed by every receiver. A reset elsewhere in the window makes the
/// receiver ask back (RFC 5961, 3.2), which brings the flow back; until then it counts as closing.
/// </para>
/// </summary>
internal static class TcpTracker
{
    /// <summary>
    /// Data that may come with a SYN and be acknowledged or not (RFC 7413), beyond which an acknowledgement is not one of this opening.
    /// </summary>
    private const uint OpeningData = 65_536;

    /// <summary>The largest window that there is (RFC 7323, 2.3): nothing is sent further ahead.</summary>
    private const uint LargestWindow = 65_535U << TcpOption.MaximumWindowScale;

    private const int InsideScaleShift = 24;

    public static bool IsEstablished(FlowState state) => (state & (FlowState.Acks | FlowState.Fins | FlowState.Rsts)) == FlowState.Acks;

    /// <summary>Both ends have agreed to it, and it isn't over: one of them may have sent its FIN.</summary>
    public static bool IsOpen(FlowState state) =>
        (state & (FlowState.Acks | FlowState.Rsts | FlowState.Closed)) == FlowState.Acks;

    /// <summary>Neither closed nor reset.</summary>
    public static bool GoesOn(FlowState state) => (state & (FlowState.Rsts | FlowState.Closed)) == 0;

    public static NaptFlowState StateOf(FlowState state) => (state & FlowState.Rsts) != 0 ? NaptFlowState.Reset
        : (state & FlowState.Closed) != 0 ? NaptFlowState.Closed
        : (state & FlowState.Fins) != 0 ? NaptFlowState.Closing
        : IsEstablished(state) ? NaptFlowState.Established
        : NaptFlowState.Opening;

    /// <param name="version">The slot's, when it was the flow's.</param>
    /// <param name="fromInside">Which side speaks.</param>
    /// <param name="header">The TCP header with its options.</param>
    /// <param name="length">Bytes of data behind it.</param>
    /// <param name="now">In seconds.</param>
    /// <returns>True when the flow may be worth something else now.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Track(ref Flow flow, uint version, bool fromInside, ReadOnlySpan<byte> header, int length, uint now)
    {
        var flags = (TcpFlags)header[TcpHeader.FlagsOffset];
        if ((flags & (TcpFlags.Syn | TcpFlags.Fin | TcpFlags.Rst)) != 0 || !IsEstablished(flow.State))
        {
            var before = flow.Worth;
            TrackChange(ref flow, version, fromInside, flags, header, length, now);
            return flow.Worth != before;
        }
        ref var own = ref fromInside ? ref flow.Inside : ref flow.Remote;
        ref var peer = ref fromInside ? ref flow.Remote : ref flow.Inside;
        own.Saw(now);
        var end = BinaryPrimitives.ReadUInt32BigEndian(header[TcpHeader.SequenceOffset..]) + (uint)length;
        if ((int)(end - own.End) > 0 && end - peer.Acknowledged <= LargestWindow)
            own.End = end;
        var acknowledged = BinaryPrimitives.ReadUInt32BigEndian(header[TcpHeader.AcknowledgementOffset..]);
        if ((flags & TcpFlags.Ack) != 0 && (int)(acknowledged - own.Acknowledged) >= 0 && (int)(acknowledged - peer.End) <= 0)
            NoteWindow(ref own, flow.State, fromInside, header, acknowledged);
        return false;
    }

    private static void TrackChange(ref Flow flow, uint version, bool fromInside, TcpFlags flags, ReadOnlySpan<byte> header,
        int length, uint now)
    {
        ref var own = ref fromInside ? ref flow.Inside : ref flow.Remote;
        ref var peer = ref fromInside ? ref flow.Remote : ref flow.Inside;
        var shift = fromInside ? 0 : 1;
        FlowState ownSyn = (FlowState)((uint)FlowState.InsideSyn << shift), ownAck = (FlowState)((uint)FlowState.InsideAck << shift);
        FlowState ownFin = (FlowState)((uint)FlowState.InsideFin << shift), ownRst = (FlowState)((uint)FlowState.InsideRst << shift);
        FlowState peerSyn = FlowState.Syns ^ ownSyn, peerAck = FlowState.Acks ^ ownAck, peerRst = FlowState.Rsts ^ ownRst;
        var state = flow.State;
        var sequence = BinaryPrimitives.ReadUInt32BigEndian(header[TcpHeader.SequenceOffset..]);
        var acknowledged = BinaryPrimitives.ReadUInt32BigEndian(header[TcpHeader.AcknowledgementOffset..]);
        var acknowledges = (flags & TcpFlags.Ack) != 0;

        if ((flags & TcpFlags.Rst) != 0)
        {
            var isAcknowledged = (state & peerAck) != 0;
            var fits = isAcknowledged ? sequence - peer.Acknowledged <= peer.Window : acknowledges && acknowledged == peer.End;
            var says = !isAcknowledged || sequence == peer.Acknowledged || sequence == own.End ? ownRst | FlowState.Closed : ownRst;
            if (fits && (state & says) != says)
            {
                own.Saw(now); // First: a flow that was silent for an hour has its time from now.
                Flow.TryChange(ref flow, version, says);
            }
            return;
        }
        // What an outsider began is kept by the outsider alone until he has answered the inside host: its retransmissions go to forged
        // addresses too.
        const FlowState opened = FlowState.Fins | FlowState.Rsts | FlowState.RemoteAck;
        if (!fromInside || (state & (FlowState.FromOutside | opened)) != FlowState.FromOutside)
            own.Saw(now);
        if ((flags & TcpFlags.Syn) != 0)
        {
            var opens = !acknowledges && (state & (FlowState.Fins | FlowState.Rsts)) != 0
                && (fromInside || ((state & FlowState.Closed) != 0 && (int)(sequence - own.End) >= 0));
            if (IsEstablished(state) || (!opens && (state & (FlowState.Fins | FlowState.Rsts)) != 0))
                return; // The end answers a SYN on a living connection with an acknowledgement (RFC 5961, 4.2).
            if (opens)
                Flow.TryChange(ref flow, version, FlowState.None, remove: FlowState.Connection | FlowState.Scales);
            own.End = sequence + 1 + (uint)length;
            Flow.TryChange(ref flow, version, ownSyn | ScaleOf(header, fromInside));
            if (acknowledges && (state & peerSyn) != 0 && peer.End - acknowledged < OpeningData)
                Acknowledge(ref flow, version, ref own, ownAck, acknowledged, header);
            return;
        }

        var end = sequence + (uint)length;
        if ((state & (ownSyn | ownAck)) == 0
            || ((int)(end - own.End) > 0 && (state & ownFin) == 0 && ((state & peerAck) == 0 || end - peer.Acknowledged <= LargestWindow)))
            own.End = end;
        if (acknowledges)
        {
            if ((state & ownAck) != 0)
            {
                if ((int)(acknowledged - own.Acknowledged) >= 0 && (int)(acknowledged - peer.End) <= 0)
                    NoteWindow(ref own, state, fromInside, header, acknowledged);
            }
            else if ((state & peerSyn) != 0 ? peer.End - acknowledged < OpeningData : (state & FlowState.Syns) == 0)
            {
                Acknowledge(ref flow, version, ref own, ownAck, acknowledged, header);
            }
            if ((state & peerRst) != 0)
                Flow.TryChange(ref flow, version, FlowState.None, remove: peerRst | FlowState.Closed);
        }
        if ((flags & TcpFlags.Fin) != 0 && (state & peerAck) != 0 && end - peer.Acknowledged <= peer.Window)
        {
            own.End = end + 1;
            Flow.TryChange(ref flow, version, ownFin);
        }
        if ((flow.State & FlowState.Fins) == FlowState.Fins && own.Acknowledged == peer.End && peer.Acknowledged == own.End)
            Flow.TryChange(ref flow, version, FlowState.Closed);
    }

    private static void Acknowledge(ref Flow flow, uint version, ref FlowSide own, FlowState ownAck, uint acknowledged,
        ReadOnlySpan<byte> header)
    {
        own.Acknowledged = acknowledged;
        own.Window = BinaryPrimitives.ReadUInt16BigEndian(header[TcpHeader.WindowOffset..]);
        Flow.TryChange(ref flow, version, ownAck);
    }

    private static void NoteWindow(ref FlowSide own, FlowState state, bool fromInside, ReadOnlySpan<byte> header, uint acknowledged)
    {
        uint window = BinaryPrimitives.ReadUInt16BigEndian(header[TcpHeader.WindowOffset..]);
        const FlowState both = FlowState.InsideScaled | FlowState.RemoteScaled;
        if ((state & both) == both)
            window <<= (int)((uint)state >> (fromInside ? InsideScaleShift : InsideScaleShift + 4)) & 15;
        own.Acknowledged = acknowledged;
        own.Window = window;
    }

    /// <summary>The window scale that a SYN offers, where <see cref="FlowState"/> keeps it.</summary>
    private static FlowState ScaleOf(ReadOnlySpan<byte> header, bool fromInside)
    {
        var options = header[TcpHeader.OptionsOffset..];
        var at = TcpOption.Find(options, TcpOption.WindowScale, 3);
        if (at < 0)
            return FlowState.None;
        var scale = (uint)int.Min(options[at + 2], TcpOption.MaximumWindowScale);
        return fromInside
            ? FlowState.InsideScaled | (FlowState)(scale << InsideScaleShift)
            : FlowState.RemoteScaled | (FlowState)(scale << (InsideScaleShift + 4));
    }
}
