using System.Runtime.InteropServices;

namespace SoftSwitch.Packets;

/// <summary>
/// What is still to be done on a frame: the checksum to complete and the super-frame to cut, as taps, packet sockets and virtio queues
/// carry it in front of a frame (virtio 1.2, section 5.1.6; <c>struct virtio_net_hdr_v1_hash_tunnel</c> in linux/virtio_net.h, since Linux
/// 6.17). Newer fields stand at the end, and a port that doesn't know them doesn't read them. Little-endian, which is the host's order
/// here. Offsets count from the first byte of the Ethernet header.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 2)]
public struct VirtioNetHeader
{
    /// <summary>Bytes of the whole header, as we use it on taps (TUNSETVNETHDRSZ).</summary>
    public const int Size = 24;

    /// <summary>Bytes of the oldest header, without <see cref="BufferCount"/>, as packet sockets use it.</summary>
    public const int LegacySize = 10;

    public VirtioNetFlags Flags;
    public GsoType GsoType;

    /// <summary>Bytes of Ethernet, IP and transport headers; a hint that a receiver must not trust. In an admitted frame: those of each
    /// segment.</summary>
    public ushort HeaderLength;

    /// <summary>Payload bytes of each segment of a super-frame.</summary>
    public ushort GsoSize;

    /// <summary>Where the sum begins.</summary>
    public ushort ChecksumStart;

    /// <summary>Where the sum is stored, counted from <see cref="ChecksumStart"/>; the field holds the pseudo-header's sum.</summary>
    public ushort ChecksumOffset;

    /// <summary>Buffers the frame was split over; 1 on everything we write.</summary>
    public ushort BufferCount;

    /// <summary>Of no use here, like the next two: they are in the kernel's header.</summary>
    public uint HashValue;
    public ushort HashReport;
    public ushort Padding;

    /// <summary>Of a super-frame in a tunnel, where the tunnel's UDP header is; without UDP, where the outer IP header's payload
    /// is.</summary>
    public ushort OuterTransportOffset;

    /// <summary>Of a super-frame in a tunnel, where the inner IP header is; 0: there is no tunnel.</summary>
    public ushort InnerNetworkOffset;

    /// <summary>The transport checksum is partial: only the pseudo-header is in it.</summary>
    public readonly bool NeedsChecksum => (Flags & VirtioNetFlags.NeedsChecksum) != 0;

    /// <summary>The frame is larger than what goes on a wire and is to be cut into segments of <see cref="GsoSize"/>.</summary>
    public readonly bool IsSuperFrame => GsoType != GsoType.None;

    /// <summary>The super-frame is inside a tunnel, of UDP or not.</summary>
    public readonly bool IsEncapsulated => InnerNetworkOffset != 0;

    /// <summary>Moves what counts from the frame's first byte, after bytes were put in or taken out in front of the packet.</summary>
    /// <param name="bytes">How many were put in; less than zero: taken out.</param>
    public void Move(int bytes)
    {
        if (NeedsChecksum)
            ChecksumStart = (ushort)(ChecksumStart + bytes);
        if (IsSuperFrame)
            HeaderLength = (ushort)(HeaderLength + bytes);
        if (!IsEncapsulated)
            return;
        OuterTransportOffset = (ushort)(OuterTransportOffset + bytes);
        InnerNetworkOffset = (ushort)(InnerNetworkOffset + bytes);
    }

    /// <summary>The super-frame's kind without the bits beside it.</summary>
    public readonly GsoType SegmentKind => GsoType & ~(GsoType.Ecn | GsoType.UdpTunnelIpv4 | GsoType.UdpTunnelIpv6);
}
