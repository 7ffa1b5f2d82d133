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
///  38   zeros, up to the shortest frame
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

    /// <summary>Reads a frame's token; false when it is no such frame.</summary>
    public static bool TryRead(ReadOnlySpan<byte> frame, out UInt128 token)
    {
        token = default;
        if (frame.Length < Size || MacAddress.Read(frame).Value != Destination
            || EthernetHeader.PacketOffset(frame, out var type) != EthernetHeader.Size || type != EtherType.LocalExperiment
            || BinaryPrimitives.ReadUInt64BigEndian(frame[MagicOffset..]) != Magic)
            return false;
        token = BinaryPrimitives.ReadUInt128BigEndian(frame[TokenOffset..]);
        return true;
    }
}
