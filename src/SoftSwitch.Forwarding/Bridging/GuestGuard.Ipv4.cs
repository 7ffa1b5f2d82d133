using System.Buffers.Binary;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Packets;
using SoftSwitch.Packets.Dhcp;

namespace SoftSwitch.Forwarding.Bridging;

/// <summary>IPv4 at a guarded port.</summary>
public sealed partial class GuestGuard
{
    private DropReason JudgeIpv4(Membership by, ref Frame frame, int at)
    {
        frame.Pull(at + Ipv4Header.MaximumSize + UdpHeader.Size);
        if (!Ipv4Layout.TryRead(frame.HeadBytes, at, frame.Length, out var packet)
            || (frame.Offload.NeedsChecksum && frame.Offload.ChecksumStart < packet.TransportOffset))
            return DropReason.PacketMalformed;
        var isQuestion = false;
        if (packet.FragmentOffset == 0 && packet.Protocol is IpProtocol.Udp or IpProtocol.Icmp
            && JudgeFirst(by, ref frame, packet, out isQuestion) is var reason and not DropReason.None)
            return reason;
        return (isQuestion && packet.Source.Value == 0) || MayHave(packet.Source) ? DropReason.None : Refuse(by, packet.Source);
    }

    /// <summary>A datagram or an ICMP message, or the first fragment of one.</summary>
    /// <param name="isQuestion">A client of DHCP asks.</param>
    private DropReason JudgeFirst(Membership by, ref Frame frame, in Ipv4Layout packet, out bool isQuestion)
    {
        isQuestion = false;
        var (transport, checksum) = (packet.TransportOffset,
            packet.Protocol == IpProtocol.Udp ? UdpHeader.ChecksumOffset : IcmpHeader.ChecksumOffset);
        if (packet.PayloadLength < UdpHeader.Size || frame.HeadLength < transport + UdpHeader.Size
            || !KeepsWhatWasRead(frame, transport, UdpHeader.Size, checksum))
            return DropReason.PacketMalformed;
        var head = frame.HeadBytes[transport..];
        if (packet.Protocol == IpProtocol.Icmp)
            return head[0] is IcmpType.Redirect or IcmpType.RouterAdvertisement ? RefuseServer(by, GuardedThing.Router) : DropReason.None;
        switch (BinaryPrimitives.ReadUInt16BigEndian(head[UdpHeader.DestinationPortOffset..]))
        {
            case DhcpHeader.ClientPort:
                return RefuseServer(by, GuardedThing.AddressServer);
            case DhcpHeader.ServerPort:
                isQuestion = true;
                return JudgeQuestion(by, ref frame, packet);
            default:
                return DropReason.None;
        }
    }

    /// <summary>What goes to a server of DHCP: who asks there for another gets what is that one's.</summary>
    private DropReason JudgeQuestion(Membership by, ref Frame frame, in Ipv4Layout packet)
    {
        // Of a super-frame, each segment is a message of its own.
        if (frame.Offload.IsSuperFrame)
            return DropReason.PacketMalformed;
        const int end = UdpHeader.Size + DhcpHeader.HardwareAddressOffset + MacAddress.Size;
        frame.Pull(packet.TransportOffset + end);
        if (packet.PayloadLength < end || frame.HeadLength < packet.TransportOffset + end
            || !KeepsWhatWasRead(frame, packet.TransportOffset, end, UdpHeader.ChecksumOffset))
            return DropReason.PacketMalformed;
        var message = frame.HeadBytes[(packet.TransportOffset + UdpHeader.Size)..];
        if (message[DhcpHeader.OperationOffset] != DhcpHeader.Request)
            return RefuseServer(by, GuardedThing.AddressServer);
        var client = MacAddress.Read(message[DhcpHeader.HardwareAddressOffset..]);
        return mac is not { } own || client == own ? DropReason.None : Refuse(by, client);
    }

    private bool MayHave(Ipv4Address address)
    {
        if (!checksAddresses)
            return true;
        foreach (var one in _given)
        {
            if (one == address)
                return true;
        }
        return lent?.Contains(address) == true;
    }
}
