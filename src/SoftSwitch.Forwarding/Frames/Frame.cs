using System.Runtime.CompilerServices;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Frames;

/// <summary>
/// A frame's descriptor: a private head, a borrowed body, and what <see cref="Admission"/> found out about it.
/// <code>
///   Head - 12            Head                    Head + HeadLength
///   [ offload header ] [ first bytes of the frame ]      Body[0] … Body[BodyCount-1]  [ the rest, borrowed, only read ]
/// </code>
/// The offload header stands right before the head, as it does on a tap, so that both go out as one piece.
/// A small frame has no body at all.
/// </summary>
public unsafe struct Frame
{
    /// <summary>Bytes of the offload header in front of <see cref="Head"/>.</summary>
    public const int HeadRoom = VirtioNetHeader.Size;

    /// <summary>The frame's first bytes in memory of our own: all parsing and rewriting happens here.</summary>
    public byte* Head;

    /// <summary>
    /// The rest of the frame, borrowed until the end of the turn. The list is the frame's own, what it lists is only read.
    /// </summary>
    public IoVector* Body;

    public int HeadLength;
    public int BodyLength;
    public int BodyCount;

    /// <summary>Destination address, the low 48 bits.</summary>
    public ulong Destination;

    /// <summary>Source address, the low 48 bits.</summary>
    public ulong Source;

    /// <summary>Offset of the packet behind the Ethernet header and its VLAN tags.</summary>
    public ushort PacketOffset;

    /// <summary>The packet's type behind its VLAN tags, in host order.</summary>
    public ushort EtherType;

    /// <summary>Offset of the payload, for a super-frame only.</summary>
    public ushort PayloadOffset;

    /// <summary>Why the frame goes no further; <see cref="DropReason.None"/> while it does.</summary>
    public DropReason Drop;

    /// <summary>A router forwards the frame, and its sender allows fragments: it is cut into some where it is longer than the output's MTU
    /// (RFC 791, 3.2), or than <see cref="LongestFragment"/>.</summary>
    public bool MayFragment;

    /// <summary>Bytes of the longest packet that a route lets go where the frame goes, if it may be fragmented.</summary>
    public ushort LongestFragment;

    /// <summary>Bytes from the Ethernet header on, without check sequence.</summary>
    public readonly int Length
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => HeadLength + BodyLength;
    }

    /// <summary>Bytes of the longest packet that the frame is on a wire, Ethernet header and tags not counted.</summary>
    internal readonly int LongestPacket => (Offload.IsSuperFrame ? Offload.HeaderLength + Offload.GsoSize : Length) - PacketOffset;

    /// <summary>Packets that the frame is on a wire.</summary>
    internal readonly int Segments => Offload.IsSuperFrame ? (Length - PayloadOffset + Offload.GsoSize - 1) / Offload.GsoSize : 1;

    /// <summary>It is in a VLAN: a tag that names none only says a priority.</summary>
    internal readonly bool IsInVlan =>
        PacketOffset != EthernetHeader.Size && EthernetHeader.IsInVlan(HeadBytes, PacketOffset);

    /// <summary>By it neighbors find each other: ARP, or its like in IPv6.</summary>
    internal readonly bool IsDiscovery => EtherType == Packets.EtherType.Arp
        || (EtherType == Packets.EtherType.Ipv6 && HeadLength > PacketOffset && NeighborDiscovery.Is(HeadBytes[PacketOffset..]));

    public readonly ref VirtioNetHeader Offload
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        // SAFETY: whoever sets Head reserves HeadRoom bytes before it.
        get => ref *(VirtioNetHeader*)(Head - HeadRoom);
    }

    /// <summary>See <see cref="MayFragment"/>.</summary>
    /// <param name="longest">The longest packet that a route lets go, in bytes.</param>
    internal void AllowFragments(bool allow = true, int longest = ushort.MaxValue) =>
        (MayFragment, LongestFragment) = (allow, (ushort)int.Min(longest, ushort.MaxValue));

    /// <summary>Cuts off what stands behind the packet; a frame is never cut shorter than the shortest that an Ethernet carries.</summary>
    /// <param name="length">Bytes to keep, at most those there are.</param>
    public void Trim(int length)
    {
        length = int.Max(length, EthernetHeader.MinimumFrame);
        if (length >= Length)
            return;
        HeadLength = int.Min(HeadLength, length);
        BodyLength = length - HeadLength;
        var left = BodyLength;
        var pieces = 0;
        for (; left > 0; pieces++)
        {
            Body[pieces] = new(Body[pieces].Start, int.Min(Body[pieces].Length, left));
            left -= Body[pieces].Length;
        }
        BodyCount = pieces;
    }

    /// <summary>Takes the tags off that <see cref="PacketOffset"/> looks through.</summary>
    public void TakeOffTags()
    {
        var tags = PacketOffset - EthernetHeader.Size;
        if (tags == 0)
            return;
        Pull(EthernetHeader.MinimumFrame);
        EthernetHeader.SetType(HeadBytes, EtherType);
        HeadBytes[PacketOffset..].CopyTo(HeadBytes[EthernetHeader.Size..]);
        HeadLength -= tags;
        PacketOffset = EthernetHeader.Size;
        Offload.Move(-tags);
        if (Offload.IsSuperFrame)
            PayloadOffset -= (ushort)tags;
        Pad();
    }

    /// <summary>Moves the Ethernet header and what is in front of it: the packet begins with other bytes from now on, to be written. What
    /// follows these stays where it is.</summary>
    /// <param name="bytes">How many more, at most <see cref="Burst.RoomInFront"/>; less than zero: so many fewer.</param>
    internal void Stretch(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, Burst.RoomInFront);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(PacketOffset - bytes, HeadLength);
        var before = new ReadOnlySpan<byte>(Head - HeadRoom, HeadRoom + PacketOffset);
        Head -= bytes;
        HeadLength += bytes;
        // SAFETY: a burst has so much room in front of a head, and a head that is cut there has more.
        before.CopyTo(new Span<byte>(Head - HeadRoom, before.Length));
        Offload.Move(bytes);
        if (Offload.IsSuperFrame)
            PayloadOffset = (ushort)(PayloadOffset + bytes);
    }

    /// <summary>Makes it as long as the shortest that an Ethernet carries. The head's memory has held other frames: behind the end of this
    /// one zeros are sent, never their bytes (IEEE 802.3, 4.2.3.3).</summary>
    internal void Pad()
    {
        if (Length >= EthernetHeader.MinimumFrame)
            return;
        // SAFETY: a head has room for Burst.HeadCapacity bytes, which is more.
        new Span<byte>(Head + HeadLength, EthernetHeader.MinimumFrame - HeadLength).Clear();
        HeadLength = EthernetHeader.MinimumFrame;
    }

    /// <summary>
    /// Brings the first bytes of the frame into the head, or all there are. A port copies into the head what a switch reads; code that must
    /// see or rewrite more asks for it here. Borrowed memory is read this once: its lender can't change any more what has been pulled.
    /// </summary>
    /// <param name="length">Bytes that are to be in the head, at most <see cref="Burst.HeadCapacity"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Pull(int length)
    {
        if (length > HeadLength && BodyLength > 0)
            PullFromBody(int.Min(length, Burst.HeadCapacity));
    }

    private void PullFromBody(int length)
    {
        var missing = int.Min(length - HeadLength, BodyLength);
        BodyLength -= int.Max(missing, 0);
        while (missing > 0)
        {
            var piece = *Body;
            var taken = int.Min(missing, piece.Length);
            // SAFETY: a head has room for Burst.HeadCapacity bytes, and no more are taken.
            piece.Bytes[..taken].CopyTo(new Span<byte>(Head + HeadLength, taken));
            HeadLength += taken;
            missing -= taken;
            if (taken < piece.Length)
            {
                *Body = new(piece.Start + taken, piece.Length - taken);
                continue;
            }
            Body++;
            BodyCount--;
        }
    }

    public readonly Span<byte> HeadBytes => new(Head, HeadLength);

    public readonly ReadOnlySpan<IoVector> BodyPieces => new(Body, BodyCount);

    /// <summary>CRC-32C of a part of the frame, as much of it as there is.</summary>
    /// <param name="start">Where it begins, in the head.</param>
    /// <param name="length">Bytes.</param>
    internal readonly Crc32c Crc(int start, int length)
    {
        var crc = new Crc32c();
        ReadOnlySpan<byte> piece = HeadBytes[start..];
        for (var next = 0; ; next++)
        {
            piece = piece[..int.Clamp(length, 0, piece.Length)];
            crc.Add(piece);
            length -= piece.Length;
            if (next == BodyCount)
                return crc;
            piece = BodyPieces[next].Bytes;
        }
    }
}
