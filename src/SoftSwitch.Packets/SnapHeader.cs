using System.Buffers.Binary;

namespace SoftSwitch.Packets;

/// <summary>The header that says the type of a packet in a frame which says its length (RFC 1042; IEEE 802, 9.5): LLC with SNAP's own
/// address, and an organization that numbers its types as Ethernet does.</summary>
public static class SnapHeader
{
    /// <summary>Bytes of both headers.</summary>
    public const int Size = 8;

    /// <summary>The address to which SNAP listens (IEEE 802, 9.5.1).</summary>
    private const byte Address = 0xAA;

    /// <summary>Who numbers types as Ethernet does: RFC 1042, and what bridges write for two protocols (IEEE 802.1H).</summary>
    private const uint Rfc1042 = 0x00_0000, BridgeTunnel = 0x00_00F8;

    /// <summary>Reads the type, in host order; false: it is no such header.</summary>
    /// <param name="packet">What is behind the length.</param>
    /// <param name="etherType">In host order.</param>
    public static bool TryRead(ReadOnlySpan<byte> packet, out ushort etherType)
    {
        etherType = 0;
        // What the sender calls itself, and how it numbers frames, matters to no receiver.
        if (packet.Length < Size || packet[0] != Address
            || (BinaryPrimitives.ReadUInt32BigEndian(packet[2..]) & 0xFF_FFFF) is not (Rfc1042 or BridgeTunnel))
            return false;
        etherType = BinaryPrimitives.ReadUInt16BigEndian(packet[6..]);
        return true;
    }
}
