using System.Buffers.Binary;

namespace SoftSwitch.Packets;

/// <summary>
/// A frame by which the switch looks for loops: sent by one of its ports, it comes in again only where something joins ports behind the
/// switch's back. It is for a group that nobody is in, so that bridges flood it and stations don't look at it.
/// <code>
///   0   destination   03-53-53-4C-50-00
///   6   source        one that nobody else has
///  12   type          0x88B5, for local experiments (IEEE 802, 9.2.4)
///  14   magic         "SSw loop"
///  22   token         16 octets that nobody can guess
///  38   cut       who doesn't let others' frames go this way, of several the highest number; 0: nobody on this way
///  46   zeros, up to the shortest frame
/// </code>
/// </summary>
public static class LoopProbe
{
    /// <summary>Bytes of a frame.</summary>
    public const int Size = EthernetHeader.MinimumFrame;

    /// <summary>The group, in the low 48 bits.</summary>
    public const ulong Destination = 0x0353_534C_5000;

    private const ulong Magic = 0x5353_7720_6C6F_6F70;
    private const int MagicOffset = EthernetHeader.Size;
    private const int TokenOffset = MagicOffset + sizeof(ulong);
    private const int CutOffset = TokenOffset + 16;

    /// <summary>Makes a frame.</summary>
    public static byte[] Make(MacAddress source, UInt128 token)
    {
        var frame = new byte[Size];
        new MacAddress(Destination).Write(frame);
        source.Write(frame.AsSpan(MacAddress.Size));
        EthernetHeader.SetType(frame, EtherType.LocalExperiment);
        BinaryPrimitives.WriteUInt64BigEndian(frame.AsSpan(MagicOffset), Magic);
        BinaryPrimitives.WriteUInt128BigEndian(frame.AsSpan(TokenOffset), token);
        return frame;
    }

    /// <summary>The same frame, as it goes on where nothing else does.</summary>
    /// <param name="frame">As it came.</param>
    /// <param name="by">The number of who lets nothing else go on there.</param>
    public static byte[] Cut(ReadOnlySpan<byte> frame, ulong by)
    {
        var cut = frame[..Size].ToArray();
        BinaryPrimitives.WriteUInt64BigEndian(
            cut.AsSpan(CutOffset), ulong.Max(BinaryPrimitives.ReadUInt64BigEndian(cut.AsSpan(CutOffset)), by));
        return cut;
    }

    /// <summary>Reads a frame; false when it is no such frame.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="token">What nobody can guess.</param>
    /// <param name="cutBy">Who lets nothing else go the way that it has come; 0: nobody.</param>
    public static bool TryRead(ReadOnlySpan<byte> frame, out UInt128 token, out ulong cutBy)
    {
        (token, cutBy) = (0, 0);
        if (frame.Length < Size || MacAddress.Read(frame).Value != Destination
            || EthernetHeader.PacketOffset(frame, out var type) != EthernetHeader.Size || type != EtherType.LocalExperiment
            || BinaryPrimitives.ReadUInt64BigEndian(frame[MagicOffset..]) != Magic)
            return false;
        token = BinaryPrimitives.ReadUInt128BigEndian(frame[TokenOffset..]);
        cutBy = BinaryPrimitives.ReadUInt64BigEndian(frame[CutOffset..]);
        return true;
    }
}
