using System.Buffers.Binary;

namespace SoftSwitch.Packets;

/// <summary>What a tunnel's own header says: where what it carries begins, and the <see cref="EtherType"/> of that. The default carries
/// nothing: the header is cut short, or another's.</summary>
internal readonly record struct TunnelHeader(int Payload, ushort Type)
{
    private const int VxlanSize = 8, GeneveSize = 8, GreSize = 4;
    private const ushort GreHasChecksum = 0x8000, GreHasKey = 0x2000;
    private const byte VxlanHasIdentifier = 0x08, VxlanHasProtocol = 0x04;

    public static bool HasGreChecksum(ReadOnlySpan<byte> header) => (BinaryPrimitives.ReadUInt16BigEndian(header) & GreHasChecksum) != 0;

    public static TunnelHeader ReadGre(ReadOnlySpan<byte> frame, int offset)
    {
        if (frame.Length < offset + GreSize)
            return default;
        var flags = BinaryPrimitives.ReadUInt16BigEndian(frame[offset..]);
        // Numbered packets can't be merged or cut: each segment would need a number that is the next packet's. No kernel does.
        if ((flags & ~(GreHasChecksum | GreHasKey)) != 0)
            return default;
        var length = GreSize + ((flags & GreHasChecksum) != 0 ? 4 : 0) + ((flags & GreHasKey) != 0 ? 4 : 0);
        return new(offset + length, BinaryPrimitives.ReadUInt16BigEndian(frame[(offset + 2)..]));
    }

    public static TunnelHeader ReadGeneve(ReadOnlySpan<byte> frame, int offset)
    {
        if (frame.Length < offset + GeneveSize || frame[offset] >> 6 != 0)
            return default;
        var options = (frame[offset] & 0x3F) * 4;
        return new(offset + GeneveSize + options, BinaryPrimitives.ReadUInt16BigEndian(frame[(offset + 2)..]));
    }

    public static TunnelHeader ReadVxlan(ReadOnlySpan<byte> frame, int offset)
    {
        if (frame.Length < offset + VxlanSize || (frame[offset] & VxlanHasIdentifier) == 0)
            return default;
        return new(offset + VxlanSize, (frame[offset] & VxlanHasProtocol) == 0 ? EtherType.Ethernet : frame[offset + 3] switch
        {
            1 => EtherType.Ipv4,
            2 => EtherType.Ipv6,
            3 => EtherType.Ethernet,
            _ => (ushort)0,
        });
    }
}
