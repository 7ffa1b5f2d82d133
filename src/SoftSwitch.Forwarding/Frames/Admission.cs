using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Frames;

/// <summary>
/// Step 3, admit: Ethernet and the offload header are read once into the frame's descriptor, and what no switch may carry gets its
/// <see cref="DropReason"/>. Nothing after this step reads an address or an offload header from bytes again. VLAN tags are looked through
/// here; when networks become VLAN-aware, the tag's content joins the descriptor at this place.
/// </summary>
public static class Admission
{
    /// <summary>Linux never sends TCP segments with less (TCP_MIN_SND_MSS, net/tcp.h): with less, one frame would cost the switch
    /// thousands.</summary>
    public const int MinimumSegment = 48;

    /// <summary>Longest headers of a super-frame: Ethernet, two tags, IP and TCP with all options, and extension headers within
    /// reason.</summary>
    private const int MaximumHeaders = 256;

    /// <summary>The same with a tunnel's: a second IP header, GENEVE with all options, a second Ethernet header.</summary>
    private const int MaximumTunnelHeaders = 640;

    /// <summary>The most that 64 KB are cut into: a frame beyond them costs no more.</summary>
    private const int MaximumSegments = 65_536 / MinimumSegment + 1;

    private const ulong ReservedFirst = 0x0180_C200_0000;
    private const ulong ReservedMask = 0xFFFF_FFFF_FFF0;
    private const ulong Pause = ReservedFirst + 1;
    private const ulong MulticastBit = 0x0100_0000_0000;

    /// <summary>Reads one frame. The descriptor is complete, or <see cref="Frame.Drop"/> says why not.</summary>
    /// <param name="frame">As it was received.</param>
    /// <param name="forwardsControl">Frames that end at a bridge go on, but for PAUSE and its like.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Admit(ref Frame frame, bool forwardsControl = false)
    {
        if (frame.Drop != DropReason.None)
            return; // The port that received it has refused it already.
        if (frame.HeadLength < EthernetHeader.Size)
        {
            frame.Drop = DropReason.TooShort;
            return;
        }
        var head = frame.HeadBytes;
        frame.Destination = MacAddress.Read(head).Value;
        frame.Source = MacAddress.Read(head[6..]).Value;
        frame.PacketOffset = (ushort)EthernetHeader.PacketOffset(head, out frame.EtherType);

        if ((frame.Source & MulticastBit) != 0 || frame.Source == 0)
            frame.Drop = DropReason.SourceNotUnicast;
        else if (((frame.Destination & ReservedMask) == ReservedFirst || frame.EtherType == EtherType.MacControl)
            && !(forwardsControl && MayGoOn(frame)))
            frame.Drop = DropReason.ReservedAddress;
        else if (frame.Offload.Flags == VirtioNetFlags.None && frame.Offload.GsoType == GsoType.None)
            frame.Offload = new() { BufferCount = 1 };
        else
            frame.Drop = AdmitOffload(ref frame);

        frame.Pad();
    }

    /// <summary>PAUSE stops whoever hears it, and means a link that is not the hearer's.</summary>
    private static bool MayGoOn(in Frame frame) => frame.Destination != Pause && frame.EtherType != EtherType.MacControl;

    /// <summary>Everything in the header came from a stranger: what the frame's own headers don't confirm is refused, the rest written
    /// anew.</summary>
    private static DropReason AdmitOffload(ref Frame frame)
    {
        var offload = frame.Offload;
        frame.Offload = new() { BufferCount = 1 };
        if (offload.IsSuperFrame)
            return AdmitSuperFrame(ref frame, offload);
        if (!offload.NeedsChecksum)
            return DropReason.None;
        int start = offload.ChecksumStart, end = start + offload.ChecksumOffset + 2;
        frame.Pull(end);
        if (start < frame.PacketOffset || end > frame.HeadLength)
            return DropReason.OffloadInvalid;
        AdmitChecksum(ref frame, start, offload.ChecksumOffset);
        return DropReason.None;
    }

    private static void AdmitChecksum(ref Frame frame, int start, int offset)
    {
        ref var admitted = ref frame.Offload;
        admitted.Flags = VirtioNetFlags.NeedsChecksum;
        admitted.ChecksumStart = (ushort)start;
        admitted.ChecksumOffset = (ushort)offset;
        PartialChecksum.CompleteForStrangers(ref frame);
    }

    /// <summary>
    /// A super-frame with a partial checksum says where that is: in the frame's own TCP or UDP header, or in one inside a tunnel. A
    /// super-frame without one was put together from segments whose checksums were right (a NIC's LRO, rx-gro-list), and holds the first
    /// segment's: from here on it has a partial one like the others.
    /// </summary>
    private static DropReason AdmitSuperFrame(ref Frame frame, VirtioNetHeader offload)
    {
        frame.Pull(MaximumTunnelHeaders);
        var start = offload.NeedsChecksum ? offload.ChecksumStart : 0;
        if (offload.NeedsChecksum && start < frame.PacketOffset)
            return DropReason.OffloadInvalid;
        TunnelLayout tunnel = default;
        var isEncapsulated = !(TransportLayout.TryRead(frame.HeadBytes, out var layout)
            && (start == 0 ? Fits(layout, offload) : layout.TransportOffset == start));
        if (isEncapsulated)
        {
            if (!TunnelLayout.TryRead(frame.HeadBytes, start, out tunnel))
                return DropReason.OffloadInvalid;
            // Segments would carry it, 8 bytes more than the sender counted: no kernel merges or sends those.
            if (tunnel.HasJumboHeader(frame.HeadBytes))
                return DropReason.OffloadInvalid;
            layout = tunnel.Inner;
        }
        if (!Fits(layout, offload) || offload.GsoSize == 0 || (start != 0 && layout.ChecksumOffset != offload.ChecksumOffset)
            || layout.PayloadOffset > (isEncapsulated ? MaximumTunnelHeaders : MaximumHeaders))
            return DropReason.OffloadInvalid;

        var payload = frame.Length - layout.PayloadOffset;
        if (payload <= offload.GsoSize)
        {
            // One segment: an ordinary frame, with a partial checksum or a whole one.
            if (start != 0)
                AdmitChecksum(ref frame, start, offload.ChecksumOffset);
            return DropReason.None;
        }
        if (offload.GsoSize < MinimumSegment || payload > MaximumSegments * offload.GsoSize)
            return DropReason.SegmentsTooSmall;
        frame.PayloadOffset = layout.PayloadOffset;
        ref var admitted = ref frame.Offload;
        admitted.Flags = VirtioNetFlags.NeedsChecksum;
        admitted.GsoType = offload.SegmentKind | (offload.GsoType & GsoType.Ecn);
        admitted.GsoSize = offload.GsoSize;
        // Of each segment: the header that says a length of more than 64 KB is in none.
        admitted.HeaderLength = (ushort)(layout.PayloadOffset - (layout.HasJumboHeader(frame.HeadBytes) ? TransportLayout.JumboHeader : 0));
        admitted.ChecksumStart = layout.TransportOffset;
        admitted.ChecksumOffset = (ushort)layout.ChecksumOffset;
        var sum = PseudoHeader.Sum(frame.HeadBytes, layout, frame.Length - layout.TransportOffset);
        BinaryPrimitives.WriteUInt16BigEndian(frame.HeadBytes[(layout.TransportOffset + layout.ChecksumOffset)..], sum.Sum);
        if (isEncapsulated)
            AdmitTunnel(ref frame, tunnel);
        return DropReason.None;
    }

    private static bool Fits(in TransportLayout layout, VirtioNetHeader offload) => offload.SegmentKind switch
    {
        GsoType.TcpV4 => layout is { Protocol: IpProtocol.Tcp, IsIpv6: false },
        GsoType.TcpV6 => layout is { Protocol: IpProtocol.Tcp, IsIpv6: true },
        GsoType.UdpSegments => layout.Protocol == IpProtocol.Udp && (offload.GsoType & GsoType.Ecn) == 0,
        _ => false,
    };

    /// <summary>The outer checksum of a super-frame, where it has one, is partial too: it is known only when there are segments.</summary>
    private static void AdmitTunnel(ref Frame frame, in TunnelLayout tunnel)
    {
        ref var admitted = ref frame.Offload;
        admitted.OuterTransportOffset = tunnel.TransportOffset;
        admitted.InnerNetworkOffset = tunnel.Inner.NetworkOffset;
        if (tunnel.Protocol != IpProtocol.Udp)
            return;
        admitted.GsoType |= tunnel.IsIpv6 ? GsoType.UdpTunnelIpv6 : GsoType.UdpTunnelIpv4;
        if (tunnel.OuterChecksum(frame.HeadBytes) is not (var field and not 0))
            return;
        admitted.Flags |= VirtioNetFlags.UdpTunnelChecksum;
        var sum = PseudoHeader.Sum(frame.HeadBytes, tunnel.NetworkOffset, tunnel.IsIpv6, IpProtocol.Udp,
            frame.Length - tunnel.TransportOffset);
        BinaryPrimitives.WriteUInt16BigEndian(frame.HeadBytes[field..], sum.Sum);
    }
}
