using System.Buffers.Binary;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Bridging;

/// <summary>
/// Who says in ARP that he has an address which isn't his is heard by nobody, whoever the frame goes to: one of a station of ours, which
/// contradicts him, or one that counts behind another port alone. Every ARP message is a claim of its sender address, question or answer;
/// only one without a sender address isn't (a probe: RFC 5227, 2.1.1).
/// <para>
/// A receiver takes tags off that only say a priority (VLAN 0: IEEE 802.1Q, 6.9.1), however many there are, so they are taken off here too.
/// What is in a VLAN is another network.
/// </para>
/// </summary>
internal static class AddressGuard
{
    /// <summary>The frame may claim an address.</summary>
    public static bool MayClaim(in Frame frame) => frame.EtherType == EtherType.Arp || frame.PacketOffset != EthernetHeader.Size;

    /// <summary>Drops the frames of a turn's burst that claim what isn't their sender's.</summary>
    /// <param name="frames">Those that may claim something.</param>
    public static void Judge(Turn turn, FrameSet frames, BridgeView view)
    {
        foreach (var i in frames)
        {
            ref var frame = ref turn.Burst[i];
            if (frame.Drop == DropReason.None)
                frame.Drop = Judge(turn, ref frame, view);
        }
    }

    private static DropReason Judge(Turn turn, ref Frame frame, BridgeView view)
    {
        // Where an output completes it, a message could become another, and what is behind more tags than admission takes off a message.
        if (frame.Offload.NeedsChecksum && frame.EtherType is EtherType.Arp or EtherType.Vlan or EtherType.ServiceVlan)
            return DropReason.OffloadInvalid;
        if (!TryReadClaim(ref frame, out var claimed))
            return DropReason.None;
        if (claimed.Value == 0)
            return DropReason.AddressTaken;
        foreach (var inner in view.Inner)
        {
            if (inner.Denies(turn, claimed))
                return DropReason.AddressTaken;
        }
        var (by, bridge) = (turn.Member, turn.Member.Bridge);
        if ((bridge.Addresses.TryGetValue(claimed, out var port) && port != turn.Input.Name)
            || (bridge.Lan is { } lan && lan.Own.Contains(claimed) && !by.LeadsToLan && !by.SharesGroupWith(lan.Uplink)))
            return DropReason.AddressTaken;
        return bridge.Asker is { Membership: { } member } asker && view.Has(member)
            ? bridge.AddressPlaces.Hear(turn, frame, claimed, asker, view)
            : DropReason.None;
    }

    private static bool TryReadClaim(ref Frame frame, out Ipv4Address claimed)
    {
        claimed = default;
        // Without tags, any head has all of a message.
        ReadOnlySpan<byte> head = frame.HeadBytes;
        const int first = EthernetHeader.Size - sizeof(ushort), size = EthernetHeader.VlanTagSize;
        for (var at = first; at + size <= head.Length; at += size)
        {
            var type = BinaryPrimitives.ReadUInt16BigEndian(head[at..]);
            if (type == EtherType.Arp)
            {
                var isArp = ArpMessage.TryRead(head[(at + sizeof(ushort))..], out var message);
                claimed = message.SenderAddress;
                return isArp && claimed.Value != 0;
            }
            if (type is not (EtherType.Vlan or EtherType.ServiceVlan)
                || (BinaryPrimitives.ReadUInt16BigEndian(head[(at + sizeof(ushort))..]) & EthernetHeader.VlanMask) != 0)
                return false;
            // Most frames with a tag are in a VLAN: only what isn't is worth copying.
            if (at == first)
            {
                frame.Pull(Burst.HeadCapacity);
                head = frame.HeadBytes;
            }
        }
        // Nothing but tags, as far as anybody looks: it may be anything.
        return frame.BodyLength > 0;
    }
}
