using System.Buffers.Binary;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>
/// Fragments, in any order (RFC 4787, REQ-14): the first one goes the way of a whole packet, the others have their address changed as it
/// had. Two or more that overlap end their packet; exact copies do not, and cross once.
/// </summary>
public sealed partial class Napt
{
    private static readonly FragmentRewrite s_rewriteOutbound = RewriteOutbound, s_rewriteInbound = RewriteInbound;

    private readonly FragmentTable _outboundFragments = new();
    private readonly FragmentTable _inboundFragments = new();

    /// <summary>The first fragment of an outbound packet has been here: where there are several translators, the others belong here
    /// too.</summary>
    /// <param name="policy">As for <see cref="Outbound"/>.</param>
    /// <param name="owner">As for <see cref="Outbound"/>.</param>
    /// <param name="source">The address that it has left with, if it has.</param>
    public bool HasBegun(in Frame frame, in Ipv4Layout packet, int policy, ushort owner, out Ipv4Address source)
    {
        source = OutsideAddress;
        lock (_outboundFragments.Lock)
        {
            if (_outboundFragments.Get(KeyOf(packet, policy, owner)) is not { } whole)
                return false;
            if (whole.Fate == FragmentFate.Translated)
                source = whole.Address;
            // What it carries is looked at only where it may be a late copy.
            return whole.IsAfterAnother ? whole.WasPartBefore(FragmentPart.Of(frame, packet)) : whole.Fate != FragmentFate.Waiting;
        }
    }

    /// <summary>Lets go of the fragments that wait here for a first one which has gone elsewhere.</summary>
    /// <param name="policy">As for <see cref="Outbound"/>.</param>
    /// <param name="owner">As for <see cref="Outbound"/>.</param>
    /// <param name="released">Has them, as they came.</param>
    public void LetGo(in Ipv4Layout packet, int policy, ushort owner, ReleasedFragments released)
    {
        var table = _outboundFragments;
        if (table.HeldCount == 0)
            return;
        lock (table.Lock)
        {
            // Copies of a packet that did go here are no part of this one.
            if (table.Get(KeyOf(packet, policy, owner)) is not { Fate: FragmentFate.Waiting, IsAfterAnother: false } whole)
                return;
            table.Release(whole, rewrite: null, released);
            table.Remove(whole);
        }
    }

    /// <summary>Fragments that have waited in vain since the last call: they were held, and it turns out that they go nowhere.</summary>
    public int TakeLostFragments() => _outboundFragments.TakeLost() + _inboundFragments.TakeLost();

    private NaptVerdict OutboundFragment(
        ref Frame frame, in Ipv4Layout packet, int policy, ushort owner, Instant now, ReleasedFragments released)
    {
        if (RefusalOf(frame, packet) is var refusal and not DropReason.None)
            return Refuse(ref frame, refusal);
        // It takes longest, and nearly every fragment is remembered by it: not under the lock.
        var part = FragmentPart.Of(frame, packet);
        var table = _outboundFragments;
        lock (table.Lock)
        {
            if (!IsSet(policy))
                return Refuse(ref frame, DropReason.NoRoute);
            var whole = Admit(table, ref frame, packet, part, policy, owner, now);
            if (whole is null)
                return Refuse(ref frame, frame.Drop);
            // The address that the first one left with may be gone.
            if (whole.Fate == FragmentFate.Translated && AliasOf(whole.Address) < 0)
                return Refuse(ref frame, DropReason.NatUnmatched);
            if (packet.FragmentOffset != 0)
                return Follow(table, whole, ref frame, packet, s_rewriteOutbound, out _);
            var verdict = OutboundWhole(ref frame, packet, policy, owner, now);
            if (verdict == NaptVerdict.Translated)
            {
                whole.Address = Ipv4Address.Read(frame.HeadBytes[(packet.NetworkOffset + Ipv4Header.SourceOffset)..]);
                whole.Identification = _identifications.Take(packet.Destination, packet.Protocol);
                Identify(frame.HeadBytes, packet, whole.Identification);
            }
            Lead(table, whole, verdict, s_rewriteOutbound, released);
            return verdict;
        }
    }

    private NaptVerdict InboundFragment(ref Frame frame, in Ipv4Layout packet, Instant now, ReleasedFragments released, out int policy)
    {
        policy = -1;
        if (AliasOf(packet.Destination) < 0)
            return NaptVerdict.NotOurs;
        if (RefusalOf(frame, packet) is var refusal and not DropReason.None)
            return Refuse(ref frame, refusal);
        var part = FragmentPart.Of(frame, packet);
        var table = _inboundFragments;
        lock (table.Lock)
        {
            var whole = Admit(table, ref frame, packet, part, 0, 0, now);
            if (whole is null)
                return Refuse(ref frame, frame.Drop);
            if (packet.FragmentOffset != 0)
                return Follow(table, whole, ref frame, packet, s_rewriteInbound, out policy);
            var verdict = InboundWhole(ref frame, packet, now, out policy);
            if (verdict == NaptVerdict.Translated)
                whole.Address = Ipv4Address.Read(frame.HeadBytes[(packet.NetworkOffset + Ipv4Header.DestinationOffset)..]);
            whole.Policy = policy;
            Lead(table, whole, verdict, s_rewriteInbound, released);
            return verdict;
        }
    }

    private static DropReason RefusalOf(in Frame frame, in Ipv4Layout packet) =>
        NatProtocol.Of(packet.Protocol) < 0 ? DropReason.NatProtocol
        : frame.Offload.NeedsChecksum ? DropReason.OffloadInvalid
        : DropReason.None;

    /// <summary>The packet that a fragment belongs to, or null and a drop reason.</summary>
    private static FragmentedPacket? Admit(
        FragmentTable table, ref Frame frame, in Ipv4Layout packet, in FragmentPart part, int policy, ushort owner, Instant now)
    {
        var whole = table.Find(KeyOf(packet, policy, owner), part, now);
        frame.Drop = DropReason.FragmentMismatch;
        if (whole.Fate == FragmentFate.Dropped)
            return null;
        switch (whole.Note(packet, part))
        {
            case FragmentKind.New:
                frame.Drop = DropReason.None;
                return whole;
            case FragmentKind.Copy:
                frame.Drop = DropReason.FragmentDoubled;
                return null;
            default:
                table.Decide(whole, FragmentFate.Dropped);
                return null;
        }
    }

    private static FragmentKey KeyOf(in Ipv4Layout packet, int policy, ushort owner) =>
        new(packet.Source, packet.Destination, policy, owner, packet.Protocol, packet.Identification);

    /// <summary>
    /// The first fragment is through, or not: the others follow it. Those of a packet that isn't ours are given back as they came.
    /// </summary>
    private static void Lead(
        FragmentTable table, FragmentedPacket whole, NaptVerdict verdict, FragmentRewrite rewrite, ReleasedFragments released)
    {
        if (verdict is NaptVerdict.Translated or NaptVerdict.NotOurs)
            table.Release(whole, verdict == NaptVerdict.Translated ? rewrite : null, released);
        table.Decide(whole, verdict switch
        {
            NaptVerdict.Translated => FragmentFate.Translated,
            NaptVerdict.NotOurs => FragmentFate.NotOurs,
            _ => FragmentFate.Dropped,
        });
        table.Settle(whole);
    }

    private static NaptVerdict Follow(
        FragmentTable table, FragmentedPacket whole, ref Frame frame, in Ipv4Layout packet, FragmentRewrite rewrite, out int policy)
    {
        policy = -1;
        switch (whole.Fate)
        {
            case FragmentFate.Waiting:
                if (table.Hold(whole, ref frame, packet))
                    return NaptVerdict.Held;
                // What is missing now will never come: the packet is lost.
                table.Decide(whole, FragmentFate.Dropped);
                return Refuse(ref frame, DropReason.FragmentFlood);
            case FragmentFate.Translated:
                policy = whole.Policy;
                rewrite(frame.HeadBytes, packet, whole);
                break;
        }
        var verdict = whole.Fate == FragmentFate.Translated ? NaptVerdict.Translated : NaptVerdict.NotOurs;
        table.Settle(whole);
        return verdict;
    }

    private static void RewriteOutbound(Span<byte> head, in Ipv4Layout fragment, FragmentedPacket whole)
    {
        Rewriting.Address(head, fragment, Ipv4Header.SourceOffset, whole.Address, ChecksumDelta.Of(fragment.Source, whole.Address));
        Identify(head, fragment, whole.Identification);
    }

    private static void RewriteInbound(Span<byte> head, in Ipv4Layout fragment, FragmentedPacket whole) =>
        Rewriting.Address(head, fragment, Ipv4Header.DestinationOffset, whole.Address,
            ChecksumDelta.Of(fragment.Destination, whole.Address));

    private static void Identify(Span<byte> head, in Ipv4Layout packet, ushort identification)
    {
        var header = head[packet.NetworkOffset..];
        BinaryPrimitives.WriteUInt16BigEndian(header[Ipv4Header.IdentificationOffset..], identification);
        ChecksumDelta.Of(packet.Identification, identification).ApplyTo(header[Ipv4Header.ChecksumOffset..]);
    }
}
