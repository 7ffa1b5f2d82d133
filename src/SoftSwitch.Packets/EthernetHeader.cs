using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace SoftSwitch.Packets;

/// <summary>The Ethernet header (IEEE 802.3, 3.1.1) and the VLAN tags behind it, read over bytes whose length was checked once.</summary>
public static class EthernetHeader
{
    /// <summary>Two addresses and the type.</summary>
    public const int Size = 14;

    /// <summary>A tag's two octets of type and two of content (IEEE 802.1Q, 9.4).</summary>
    public const int VlanTagSize = 4;

    /// <summary>The bits of a tag's content that name a VLAN; 0 is none.</summary>
    public const int VlanMask = 0xFFF;

    /// <summary>Tags that are looked through to find the packet. Nobody uses more than a service and a customer tag.</summary>
    public const int MaximumVlanTags = 2;

    /// <summary>The shortest frame without its check sequence (IEEE 802.3, 4A.4.2: 64 with it).</summary>
    public const int MinimumFrame = 60;

    /// <summary>
    /// The offset of the packet and its EtherType, behind at most <see cref="MaximumVlanTags"/> tags. Where the bytes end within a tag, the
    /// answer is the tag's own type and place.
    /// </summary>
    /// <param name="frame">At least <see cref="Size"/> bytes.</param>
    /// <param name="etherType">In host order.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int PacketOffset(ReadOnlySpan<byte> frame, out ushort etherType)
    {
        etherType = BinaryPrimitives.ReadUInt16BigEndian(frame.Slice(12, 2));
        return etherType is EtherType.Vlan or EtherType.ServiceVlan ? BehindTags(frame, ref etherType) : Size;
    }

    /// <summary>What stands where the type is says how long the packet is (IEEE 802.3, 3.2.6): types begin at 0x0600.</summary>
    public static bool IsLength(ushort etherType) => etherType < 0x0600;

    /// <summary>Writes the type of a frame without tags.</summary>
    public static void SetType(Span<byte> frame, ushort etherType) => BinaryPrimitives.WriteUInt16BigEndian(frame.Slice(12, 2), etherType);

    /// <summary>One of the tags names a VLAN; a tag without one only says how urgent the frame is (IEEE 802.1Q, 6.9).</summary>
    /// <param name="frame">As far as the packet, at least.</param>
    /// <param name="packetOffset">What <see cref="PacketOffset"/> has said of it.</param>
    public static bool IsInVlan(ReadOnlySpan<byte> frame, int packetOffset)
    {
        for (var tag = Size; tag < packetOffset; tag += VlanTagSize)
        {
            if ((BinaryPrimitives.ReadUInt16BigEndian(frame[tag..]) & VlanMask) != 0)
                return true;
        }
        return false;
    }

    private static int BehindTags(ReadOnlySpan<byte> frame, ref ushort etherType)
    {
        var offset = Size;
        for (var tags = 0; tags < MaximumVlanTags && etherType is EtherType.Vlan or EtherType.ServiceVlan; tags++)
        {
            if (frame.Length < offset + VlanTagSize)
                break;
            etherType = BinaryPrimitives.ReadUInt16BigEndian(frame.Slice(offset + 2, 2));
            offset += VlanTagSize;
        }
        return offset;
    }
}
