using System.Buffers.Binary;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Packets;
using SoftSwitch.Packets.Dhcp;

namespace SoftSwitch.Forwarding.Bridging;

/// <summary>IPv6 at a guarded port. Nobody gives addresses of it here, so a guest may have those alone that each link has of itself: one
/// that another guest's MAC address makes is that one's, and any other is its who was the first to speak by it
/// (<see cref="LinkAddresses"/>). Who asks whether it may have an address has spoken by it.</summary>
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
            || (frame.Offload.NeedsChecksum && frame.Offload.ChecksumStart < packet.TransportOffset))
            return DropReason.PacketMalformed;
        if (!packet.IsLaterFragment && packet.Protocol is IpProtocol.Udp or IpProtocol.IcmpV6
            && JudgeFirst(turn, frame, packet) is var reason and not DropReason.None)
            return reason;
        // Who has no address yet says nothing but how one comes to one (RFC 4861, 4.1 and 4.3; RFC 3590).
        var isSeeking = packet is { Source.IsUnspecified: true, IsLaterFragment: false, Protocol: IpProtocol.IcmpV6 };
        return isSeeking ? DropReason.None : JudgeAddress(turn, packet.Source);
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
            IcmpV6Type.NeighborSolicitation or IcmpV6Type.NeighborAdvertisement when message.Length < options =>
                DropReason.PacketMalformed,
            // Without an address: may I have this one (RFC 4862, 5.4.3)? Who is about to take it as well would give it up.
            IcmpV6Type.NeighborSolicitation when !packet.Source.IsUnspecified => JudgeOptions(turn.Member, message, options),
            IcmpV6Type.NeighborSolicitation or IcmpV6Type.NeighborAdvertisement =>
                JudgeAddress(turn, Ipv6Address.Read(message[TargetOffset..])) is var reason and not DropReason.None ? reason
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

    private DropReason JudgeAddress(Turn turn, Ipv6Address address)
    {
        var (by, bridge) = (turn.Member, turn.Member.Bridge);
        if (!checksAddresses || (address.IsLinkLocal && bridge.LinkAddresses.HolderOf(address) == by.Port.Name))
            return DropReason.None;
        if (!address.IsLinkLocal || bridge.LinkAddresses.HolderOf(address) is not null)
            return Refuse(by, address);
        if (NeighborDiscovery.TryReadMac(address, out var maker))
        {
            if (maker == mac)
                return DropReason.None;
            if (bridge.IsBoundElsewhere(maker.Value, by))
                return Refuse(by, address);
        }
        if (bridge.AddressPlaces.IsElsewhere(address, by.Slot, turn.Now))
            return Refuse(by, address);
        if (!by.NewStations.Take(turn.Now))
            return DropReason.StationFlood;
        return bridge.LinkAddresses.TryTake(address, by.Port.Name) ? DropReason.None : Refuse(by, address);
    }
}
