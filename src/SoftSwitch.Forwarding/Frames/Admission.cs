using System.Runtime.CompilerServices;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Frames;

/// <summary>
/// Step 3, admit: Ethernet and the offload header are read once into the frame's descriptor, and what no switch may carry gets its
/// <see cref="DropReason"/>. Nothing after this step reads an address or an offload header from bytes again. VLAN tags are looked through here;
/// when networks become VLAN-aware, the tag's content joins the descriptor at this place.
/// </summary>
public static class Admission
{
    /// <summary>Linux never sends TCP segments with less (TCP_MIN_SND_MSS, net/tcp.h): below it, one frame would cost the switch thousands.</summary>
    public const int MinimumSegment = 48;

    /// <summary>Longest headers of a super-frame: Ethernet, two tags, IP and TCP with all options, and extension headers within reason.</summary>
    private const int MaximumHeaders = 256;

    private const ulong ReservedFirst = 0x0180_C200_0000;
    private const ulong ReservedMask = 0xFFFF_FFFF_FFF0;
    private const ulong MulticastBit = 0x0100_0000_0000;

    /// <summary>Reads one frame. The descriptor is complete, or <see cref="Frame.Drop"/> says why not.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Admit(ref Frame frame)
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
        else if ((frame.Destination & ReservedMask) == ReservedFirst || frame.EtherType == EtherType.MacControl)
            frame.Drop = DropReason.ReservedAddress;
        else if (frame.Offload.Flags == VirtioNetFlags.None && frame.Offload.GsoType == GsoType.None)
            frame.Offload = new() { BufferCount = 1 };
        else
            frame.Drop = AdmitOffload(ref frame);

        if (frame.Length < EthernetHeader.MinimumFrame)
            Pad(ref frame);
    }

    /// <summary>Everything in the header came from a stranger: what the frame's own headers don't confirm is refused, the rest written anew.</summary>
    private static DropReason AdmitOffload(ref Frame frame)
    {
        var offload = frame.Offload;
        frame.Offload = new() { BufferCount = 1 };
        if (!offload.NeedsChecksum)
        {
            // A super-frame always has a partial checksum: without one, its segments' sums could not be right.
            return offload.IsSuperFrame ? DropReason.OffloadInvalid : DropReason.None;
        }

        int start = offload.ChecksumStart, end = start + offload.ChecksumOffset + 2;
        if (start < frame.PacketOffset || end > frame.HeadLength)
            return DropReason.OffloadInvalid;
        ref var admitted = ref frame.Offload;
        admitted.Flags = VirtioNetFlags.NeedsChecksum;
        admitted.ChecksumStart = offload.ChecksumStart;
        admitted.ChecksumOffset = offload.ChecksumOffset;
        return offload.IsSuperFrame ? AdmitSuperFrame(ref frame, offload) : DropReason.None;
    }

    private static DropReason AdmitSuperFrame(ref Frame frame, VirtioNetHeader offload)
    {
        if (!TransportLayout.TryRead(frame.HeadBytes, out var layout) || layout.PayloadOffset > MaximumHeaders
            || layout.TransportOffset != offload.ChecksumStart || layout.ChecksumOffset != offload.ChecksumOffset)
            return DropReason.OffloadInvalid;
        var fits = offload.SegmentKind switch
        {
            GsoType.TcpV4 => layout is { Protocol: IpProtocol.Tcp, IsIpv6: false },
            GsoType.TcpV6 => layout is { Protocol: IpProtocol.Tcp, IsIpv6: true },
            GsoType.UdpSegments => layout.Protocol == IpProtocol.Udp && (offload.GsoType & GsoType.Ecn) == 0,
            _ => false,
        };
        if (!fits || offload.GsoSize == 0)
            return DropReason.OffloadInvalid;

        ref var admitted = ref frame.Offload;
        admitted.HeaderLength = layout.PayloadOffset;
        if (frame.Length - layout.PayloadOffset <= offload.GsoSize)
            return DropReason.None; // One segment: an ordinary frame with a partial checksum.
        if (offload.GsoSize < MinimumSegment)
            return DropReason.SegmentsTooSmall;
        frame.PayloadOffset = layout.PayloadOffset;
        admitted.GsoType = offload.GsoType;
        admitted.GsoSize = offload.GsoSize;
        return DropReason.None;
    }

    /// <summary>The head's memory has held other frames: what is sent behind the end of this one is zeros, never theirs (IEEE 802.3, 4.2.3.3).</summary>
    private static unsafe void Pad(ref Frame frame)
    {
        new Span<byte>(frame.Head + frame.HeadLength, EthernetHeader.MinimumFrame - frame.HeadLength).Clear();
        frame.HeadLength = EthernetHeader.MinimumFrame;
    }
}
