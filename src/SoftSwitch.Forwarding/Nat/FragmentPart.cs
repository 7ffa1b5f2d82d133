using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>A fragment as it is remembered when it has crossed: where it lies in its packet, and a print of what it carries.</summary>
/// <param name="Offset">In bytes.</param>
/// <param name="Print">CRC-32C of the payload. Who makes two with one print loses a fragment of his own, and nobody else's.</param>
internal readonly record struct FragmentPart(ushort Offset, ushort Length, bool HasMore, uint Print)
{
    /// <summary>Reads all of the payload.</summary>
    public static FragmentPart Of(in Frame frame, in Ipv4Layout fragment) =>
        new((ushort)fragment.FragmentOffset, (ushort)fragment.PayloadLength, fragment.MoreFragments,
            frame.Crc(fragment.TransportOffset, fragment.PayloadLength).Value);
}
