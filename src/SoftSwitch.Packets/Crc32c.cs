using System.Buffers.Binary;
using System.Numerics;

namespace SoftSwitch.Packets;

/// <summary>CRC-32C, which is SCTP's checksum (RFC 9260, appendix A), gathered over pieces that lie apart.</summary>
public struct Crc32c()
{
    private uint _crc = uint.MaxValue;

    public readonly uint Value => ~_crc;

    /// <summary>Adds the next bytes of the data.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        var crc = _crc;
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (var octet in bytes)
            crc = BitOperations.Crc32C(crc, octet);
        _crc = crc;
    }

    /// <summary>Writes the checksum as a packet carries it.</summary>
    public readonly void Write(Span<byte> field) => BinaryPrimitives.WriteUInt32LittleEndian(field, Value);
}
