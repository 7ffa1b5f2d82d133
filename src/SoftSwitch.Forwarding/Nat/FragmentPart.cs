using System.Buffers.Binary;
using System.Numerics;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>A fragment as it is remembered when it has crossed: where it lies in its packet, and a print of what it carries.</summary>
/// <param name="Offset">In bytes.</param>
/// <param name="Print">CRC-32C of the payload. Who makes two with one print loses a fragment of his own, and nobody else's.</param>
internal readonly record struct FragmentPart(ushort Offset, ushort Length, bool HasMore, uint Print)
{
    public static FragmentPart Of(in Frame frame, in Ipv4Layout fragment) =>
        new((ushort)fragment.FragmentOffset, (ushort)fragment.PayloadLength, fragment.MoreFragments, PrintOf(frame, fragment));

    private static uint PrintOf(in Frame frame, in Ipv4Layout fragment)
    {
        var left = fragment.PayloadLength;
        var head = frame.HeadBytes[fragment.TransportOffset..];
        var print = Add(0, head[..int.Min(left, head.Length)], ref left);
        foreach (var piece in frame.BodyPieces)
            print = Add(print, piece.Bytes[..int.Min(left, piece.Length)], ref left);
        return print;
    }

    private static uint Add(uint print, ReadOnlySpan<byte> bytes, ref int left)
    {
        left -= bytes.Length;
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
            print = BitOperations.Crc32C(print, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (var one in bytes)
            print = BitOperations.Crc32C(print, one);
        return print;
    }
}
