using System.Buffers.Binary;

namespace SoftSwitch.SystemTests.Peers;

/// <summary>The internet checksum (RFC 1071) as the tests make it, not as the switch does.</summary>
internal static class Checksum
{
    /// <param name="bytes">An even number of them; the field in them is zero.</param>
    /// <param name="field">Where the checksum goes.</param>
    /// <param name="sum">The pseudo-header's, or 0.</param>
    internal static void Write(ReadOnlySpan<byte> bytes, Span<byte> field, uint sum)
    {
        for (var i = 0; i < bytes.Length; i += 2)
            sum += BinaryPrimitives.ReadUInt16BigEndian(bytes[i..]);
        sum = (sum & 0xffff) + (sum >> 16);
        sum = (sum & 0xffff) + (sum >> 16);
        BinaryPrimitives.WriteUInt16BigEndian(field, (ushort)~sum);
    }
}
