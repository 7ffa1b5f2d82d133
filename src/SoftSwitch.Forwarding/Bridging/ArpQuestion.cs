using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Bridging;

/// <summary>
/// Whom a question in ARP goes to: it is said to everybody, and one is meant. Where <see cref="AddressPlaces"/> knows behind which port he
/// is, it goes there alone, as it is: two hundred stations sleep while one is asked. He answers himself, so nothing is ever said for
/// somebody who isn't there; and as the frame still says that it is for all, whoever has the address behind that port hears it: a virtual
/// machine behind a bridge of its own, a router that answers for others, one that has another MAC address now.
/// <code>
///   who has X?                                                goes to
///     X is of a station of ours                               it alone
///     X was said behind a port, and its owner is there        that port alone
///     that was asked for, and not answered                    everybody, until its holder has answered who asked
///     the same station asks for that again within seconds     everybody: it hasn't got the answer, or looks for a second holder
///     said without a sender address (a probe, RFC 5227)       everybody: two who probe at once must hear each other, and any second holder
///     about the sender's own address (an announcement)        everybody: their caches depend on it
///     whose sender is new, moved, or has another MAC address  everybody: the same
///     that says another MAC address than the frame does       everybody: the same, and where the answer goes isn't known
///     in a VLAN, or with a priority tag                       everybody
///     X is behind the port that the question comes from       everybody, as before: what is answered there isn't seen here
/// </code>
/// Our own stations hear all of them: they sleep no less for it. What an address's place is worth <see cref="AddressPlaces"/> decides, and
/// who lies there; here it only says who is asked first.
/// </summary>
internal static class ArpQuestion
{
    private const ulong Everybody = 0xFFFF_FFFF_FFFF;

    /// <summary>The frame may be such a question.</summary>
    public static bool MayBe(in Frame frame) =>
        frame is { EtherType: EtherType.Arp, Destination: Everybody, PacketOffset: EthernetHeader.Size };

    /// <summary>Finds who is asked alone.</summary>
    /// <param name="frame">A frame of <paramref name="from"/> that may be a question, without a drop reason.</param>
    /// <param name="slot">Of the port that he is behind; 0: he is a station of ours.</param>
    /// <returns>False: everybody is.</returns>
    public static bool TryFindAsked(in Frame frame, Membership from, BridgeView view, Instant now, out ushort slot)
    {
        slot = 0;
        var bridge = from.Bridge;
        // Where nobody asks who has an address, its first word isn't told from others.
        if (bridge.FloodsArp || bridge.Asker is null
            || !ArpMessage.TryRead(frame.HeadBytes[EthernetHeader.Size..], out var message) || message.Operation != ArpMessage.Request
            || message.SenderAddress.Value == 0 || message.SenderAddress == message.TargetAddress
            || message.SenderMac.Value != frame.Source)
            return false;
        if (from.Group != Membership.Ours)
        {
            foreach (var inner in view.Inner)
            {
                if (inner != from.Port && inner.AnswersFor(message.TargetAddress))
                    return true;
            }
        }
        slot = bridge.AddressPlaces.Holder(message.TargetAddress, out var owner);
        return slot != 0 && view[slot] is { } holder && holder != from && !holder.SharesGroupWith(from)
            && bridge.Fdb.Lookup(owner, now) == slot
            && bridge.AddressPlaces.TryAsk(message.TargetAddress, message.SenderMac.Value, now);
    }
}
