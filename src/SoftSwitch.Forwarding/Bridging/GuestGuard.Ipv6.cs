using System.Buffers.Binary;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Packets;
using SoftSwitch.Packets.Dhcp;

namespace SoftSwitch.Forwarding.Bridging;

/// <summary>IPv6 at a guarded port. Nobody gives addresses of it here, so a guest may have those alone that each link has of itself: one
/// that another guest's MAC address makes is that one's, and any other is its who was the first to say so.</summary>
public sealed partial class GuestGuard
{
    /// <summary>Of an option of neighbor discovery (RFC 4861, 4.6): its length is in eights, and it begins with type and length.</summary>
    private const int OptionUnit = 8, OptionHeader = 2;

    private const byte SourceLinkLayerAddress = 1, TargetLinkLayerAddress = 2;

    /// <summary>Of a message of neighbor discovery: where its target stands.</summary>
    private const int TargetOffset = 8;

    private DropReason JudgeIpv6(Turn turn, ref Frame frame, int at)
    {
        frame.Pull(Burst.HeadCapacity);
        if (!Ipv6Layout.TryRead(frame.HeadBytes, at, out var packet)
            || (frame.Offload.NeedsChecksum && !packet.IsLaterFragment && frame.Offload.ChecksumStart < packet.TransportOffset))
            return DropReason.PacketMalformed;
        if (!packet.IsLaterFragment && packet.Protocol is IpProtocol.Udp or IpProtocol.IcmpV6
            && JudgeFirst(turn, frame, packet) is var reason and not DropReason.None)
            return reason;
        return packet.Source.IsUnspecified || MayHave(turn, packet.Source) ? DropReason.None : Refuse(turn.Member, packet.Source);
    }

    private DropReason JudgeFirst(Turn turn, in Frame frame, in Ipv6Layout packet)
    {
        var message = frame.HeadBytes[packet.TransportOffset..];
        if (packet.Protocol == IpProtocol.Udp)
        {
            if (message.Length < UdpHeader.Size
                || !KeepsWhatWasRead(frame, packet.TransportOffset, UdpHeader.Size, UdpHeader.ChecksumOffset))
                return DropReason.PacketMalformed;
            return BinaryPrimitives.ReadUInt16BigEndian(message[UdpHeader.DestinationPortOffset..]) == DhcpHeader.ClientPortIpv6
                ? RefuseServer(turn.Member, GuardedThing.AddressServer) : DropReason.None;
        }
        if (message.Length < TargetOffset || !KeepsWhatWasRead(frame, packet.TransportOffset, message.Length, IcmpHeader.ChecksumOffset))
            return DropReason.PacketMalformed;
        const int options = TargetOffset + Ipv6Address.Size;
        return message[0] switch
        {
            IcmpV6Type.RouterAdvertisement or IcmpV6Type.Redirect => RefuseServer(turn.Member, GuardedThing.Router),
            IcmpV6Type.RouterSolicitation => JudgeOptions(turn.Member, message, TargetOffset),
            IcmpV6Type.NeighborSolicitation => JudgeOptions(turn.Member, message, options),
            IcmpV6Type.NeighborAdvertisement => message.Length < options ? DropReason.PacketMalformed
                : Ipv6Address.Read(message[TargetOffset..]) is var target && !MayHave(turn, target) ? Refuse(turn.Member, target)
                : JudgeOptions(turn.Member, message, options),
            _ => DropReason.None,
        };
    }

    /// <summary>Which MAC address the message says to be its sender's.</summary>
    private DropReason JudgeOptions(Membership by, ReadOnlySpan<byte> message, int at)
    {
        if (mac is not { } own)
            return DropReason.None;
        for (int length; at + OptionHeader <= message.Length; at += length)
        {
            length = message[at + 1] * OptionUnit;
            if (length == 0 || at + length > message.Length)
                return DropReason.PacketMalformed;
            if (message[at] is SourceLinkLayerAddress or TargetLinkLayerAddress
                && MacAddress.Read(message[(at + OptionHeader)..]) is var said && said != own)
                return Refuse(by, said);
        }
        return DropReason.None;
    }

    private bool MayHave(Turn turn, Ipv6Address address)
    {
        if (!checksAddresses)
            return true;
        var (by, bridge) = (turn.Member, turn.Member.Bridge);
        return address.IsLinkLocal
            && !(NeighborDiscovery.TryReadMac(address, out var maker) && bridge.IsBoundElsewhere(maker.Value, by))
            && !bridge.AddressPlaces.IsElsewhere(address, by.Slot, turn.Now);
    }
}
