using System.Buffers.Binary;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Bridging;

/// <summary>
/// Who says in ARP that he has an address which isn't his is heard by nobody, whoever the frame goes to: one of a station of ours, which
/// contradicts him, one that counts behind another port alone, or one that is answered for there (<see cref="AddressPlaces"/>). Every ARP
/// message is a claim of its sender address, question or answer; only one without a sender address isn't (a probe: RFC 5227, 2.1.1). Of
/// IPv6, neighbor discovery says the same.
/// <para>
/// What counts behind another port alone can't be the source of a packet either, in a network where the file gives addresses to ports (no
/// other looks at packets here). The LAN may bring it: a router there sends back into the network what a guest has sent to it.
/// </para>
/// <para>
/// A receiver takes tags off that only say a priority (VLAN 0: IEEE 802.1Q, 6.9.1), however many there are, so they are taken off here too.
/// What is in a VLAN is another network. A frame that says its length says its type in a SNAP header (RFC 1042), which some receivers look
/// behind, so it is looked behind here too.
/// </para>
/// </summary>
internal static class AddressGuard
{
    /// <summary>Packets of IPv4 from there are looked at, too.</summary>
    public static bool GuardsPackets(Membership input) => input.Bridge.Addresses.Count > 0 && !input.LeadsToLan;

    /// <summary>The frame may claim an address.</summary>
    /// <param name="isBound">Packets of IPv4 may, too.</param>
    public static bool MayClaim(in Frame frame, bool isBound) => frame.EtherType == EtherType.Arp
        || frame.PacketOffset != EthernetHeader.Size || EthernetHeader.IsLength(frame.EtherType)
        || (isBound && frame.EtherType == EtherType.Ipv4)
        || (frame.EtherType == EtherType.Ipv6 && MayDiscover(frame));

    /// <summary>Drops the frames of a turn's burst that claim what isn't their sender's.</summary>
    /// <param name="frames">Those that may claim something.</param>
    public static void Judge(Turn turn, FrameSet frames, BridgeView view)
    {
        foreach (var i in frames)
        {
            ref var frame = ref turn.Burst[i];
            if (frame.Drop != DropReason.None)
                continue;
            frame.Drop = Judge(turn, ref frame, view, out var isNews);
            if (isNews)
                turn.News |= FrameSet.Of(i);
        }
    }

    private static DropReason Judge(Turn turn, ref Frame frame, BridgeView view, out bool isNews)
    {
        isNews = false;
        // Where an output completes it, a message could become another, and what is behind more tags than admission takes off a message.
        if (frame.Offload.NeedsChecksum && (EthernetHeader.IsLength(frame.EtherType)
            || frame.EtherType is EtherType.Arp or EtherType.Vlan or EtherType.ServiceVlan))
            return DropReason.OffloadInvalid;
        if (!TryFindPacket(ref frame, out var type, out var at))
            return DropReason.None;
        return type switch
        {
            EtherType.Arp => JudgeArp(turn, frame, at, view, out isNews),
            EtherType.Ipv4 => JudgePacket(turn, frame.HeadBytes[at..]),
            EtherType.Ipv6 => JudgeDiscovery(turn, ref frame, at, view),
            // Nothing but tags, as far as anybody looks: it may be anything.
            EtherType.Vlan or EtherType.ServiceVlan when frame.BodyLength > 0 => DropReason.AddressTaken,
            _ => DropReason.None,
        };
    }

    private static DropReason JudgePacket(Turn turn, ReadOnlySpan<byte> packet) =>
        GuardsPackets(turn.Member) && packet.Length >= Ipv4Header.MinimumSize
            && IsBoundElsewhere(turn, Ipv4Address.Read(packet[Ipv4Header.SourceOffset..]))
            ? DropReason.AddressTaken
            : DropReason.None;

    private static DropReason JudgeArp(Turn turn, in Frame frame, int at, BridgeView view, out bool isNews)
    {
        isNews = false;
        if (!ArpMessage.TryRead(frame.HeadBytes[at..], out var message) || message.SenderAddress is not { Value: not 0 } claimed)
            return DropReason.None;
        foreach (var inner in view.Inner)
        {
            if (inner.Denies(turn, claimed))
            {
                turn.Member.Pretences.Note(claimed);
                return DropReason.AddressTaken;
            }
        }
        return IsBoundElsewhere(turn, claimed) ? DropReason.AddressTaken : Hear(turn, frame, new(claimed, default), view, out isNews);
    }

    private static bool IsBoundElsewhere(Turn turn, Ipv4Address claimed)
    {
        if (!turn.Member.Bridge.Addresses.TryGetValue(claimed, out var port) || port == turn.Input.Name)
            return false;
        turn.Member.Pretences.Note(claimed);
        return true;
    }

    private static DropReason JudgeDiscovery(Turn turn, ref Frame frame, int at, BridgeView view)
    {
        frame.Pull(Burst.HeadCapacity);
        var head = frame.HeadBytes;
        // Headers that are cut short or far too many: a receiver might find a message behind them.
        if (!Ipv6Layout.TryRead(head, at, out var packet))
        {
            return head.Length - at > Ipv6Header.NextHeaderOffset && head[at + Ipv6Header.NextHeaderOffset] == IpProtocol.IcmpV6
                ? DropReason.None : DropReason.PacketMalformed;
        }
        var isClaim = NeighborDiscovery.TryReadClaim(head, packet, out var claimed);
        // Where an output completes it, it could become another.
        if (frame.Offload.NeedsChecksum && (isClaim || frame.Offload.ChecksumStart < packet.TransportOffset
            || (packet.Protocol == IpProtocol.IcmpV6 && (frame.Offload.ChecksumStart, frame.Offload.ChecksumOffset)
                != (packet.TransportOffset, IcmpHeader.ChecksumOffset))))
            return DropReason.OffloadInvalid;
        return isClaim ? Hear(turn, frame, new(default, claimed), view, out _) : DropReason.None;
    }

    private static DropReason Hear(Turn turn, in Frame frame, SaidAddress said, BridgeView view, out bool isNews)
    {
        isNews = false;
        var (by, bridge) = (turn.Member, turn.Member.Bridge);
        if (bridge.Lan is { } lan && lan.Own.Contains(said) && !by.LeadsToLan && !by.SharesGroupWith(lan.Uplink))
            return DropReason.AddressTaken;
        return bridge.Asker is { Membership: { } member } asker && view.Has(member)
            ? bridge.AddressPlaces.Hear(turn, frame, said, asker, view, out isNews)
            : DropReason.None;
    }

    /// <summary>A packet of IPv6 that may be a message of neighbor discovery, or may become one where its checksum is completed.</summary>
    private static bool MayDiscover(in Frame frame)
    {
        var next = frame.PacketOffset + Ipv6Header.NextHeaderOffset;
        return frame.HeadLength > next && (NeighborDiscovery.MayFollow(frame.HeadBytes[next])
            || (frame.Offload.NeedsChecksum && frame.Offload.ChecksumStart < frame.PacketOffset + Ipv6Header.Size));
    }

    /// <summary>Finds what is behind all tags that only say a priority, and behind a SNAP header.</summary>
    /// <param name="type">What it is; a tag's own where the head ends with tags.</param>
    /// <returns>False: it is in a VLAN.</returns>
    internal static bool TryFindPacket(ref Frame frame, out ushort type, out int at)
    {
        // Without tags, any head has all of a message.
        ReadOnlySpan<byte> head = frame.HeadBytes;
        const int first = EthernetHeader.Size - sizeof(ushort), size = EthernetHeader.VlanTagSize;
        at = first;
        for (type = 0; at + size <= head.Length; at += size)
        {
            type = BinaryPrimitives.ReadUInt16BigEndian(head[at..]);
            if (type is not (EtherType.Vlan or EtherType.ServiceVlan))
            {
                at += sizeof(ushort);
                if (EthernetHeader.IsLength(type) && SnapHeader.TryRead(head[at..], out var carried))
                    (type, at) = (carried, at + SnapHeader.Size);
                return true;
            }
            if ((BinaryPrimitives.ReadUInt16BigEndian(head[(at + sizeof(ushort))..]) & EthernetHeader.VlanMask) != 0)
                return false;
            // Most frames with a tag are in a VLAN: only what isn't is worth copying.
            if (at == first)
            {
                frame.Pull(Burst.HeadCapacity);
                head = frame.HeadBytes;
            }
        }
        return true;
    }
}
