using System.Runtime.InteropServices;

namespace SoftSwitch.Packets;

/// <summary>
/// What is still to be done on a frame: the checksum to complete and the super-frame to cut, as taps, packet sockets and
/// virtio queues carry it in front of a frame (virtio 1.2, section 5.1.6; <c>struct virtio_net_hdr_mrg_rxbuf</c> in
/// linux/virtio_net.h). Little-endian, which is the host's order here. Offsets count from the first byte of the Ethernet header.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 2)]
public struct VirtioNetHeader
{
    /// <summary>Bytes of the header with <see cref="BufferCount"/>, as taps (TUNSETVNETHDRSZ) and virtio 1 use it.</summary>
    public const int Size = 12;

    /// <summary>Bytes of the older header, without <see cref="BufferCount"/>, as packet sockets use it.</summary>
    public const int LegacySize = 10;

    public VirtioNetFlags Flags;
    public GsoType GsoType;

    /// <summary>Bytes of Ethernet, IP and transport headers; a hint that a receiver must not trust.</summary>
    public ushort HeaderLength;

    /// <summary>Payload bytes of each segment of a super-frame.</summary>
    public ushort GsoSize;

    /// <summary>Where the sum begins.</summary>
    public ushort ChecksumStart;

    /// <summary>Where the sum is stored, counted from <see cref="ChecksumStart"/>; the field holds the pseudo-header's sum.</summary>
    public ushort ChecksumOffset;

    /// <summary>Buffers the frame was split over; 1 on everything we write.</summary>
    public ushort BufferCount;

    /// <summary>The transport checksum is partial: only the pseudo-header is in it.</summary>
    public readonly bool NeedsChecksum => (Flags & VirtioNetFlags.NeedsChecksum) != 0;

    /// <summary>The frame is larger than what goes on a wire and is to be cut into segments of <see cref="GsoSize"/>.</summary>
    public readonly bool IsSuperFrame => GsoType != GsoType.None;

    /// <summary>The super-frame's kind without the ECN bit.</summary>
    public readonly GsoType SegmentKind => GsoType & ~GsoType.Ecn;
}
