using System.Buffers.Binary;

namespace SoftSwitch.Packets;

/// <summary>Where the fields of an IPv4 header lie (RFC 791, 3.1), and how one is written. Offsets count from the header's first
/// byte.</summary>
public static class Ipv4Header
{
    /// <summary>Bytes without options.</summary>
    public const int MinimumSize = 20;

    /// <summary>Bytes with all options that fit.</summary>
    public const int MaximumSize = 60;

    /// <summary>Every link takes packets of so many bytes (RFC 791, 3.2).</summary>
    public const uint SmallestMtu = 68;

    /// <summary>What a packet of ours begins with (IANA IP parameters).</summary>
    public const byte DefaultTtl = 64;

    public const int TotalLengthOffset = 2;
    public const int IdentificationOffset = 4;

    /// <summary>Three bits of flags and the offset in units of 8 bytes.</summary>
    public const int FragmentOffset = 6;

    /// <summary>In the first byte of those: the packet may not be fragmented.</summary>
    public const byte DontFragment = 0x40;
    public const int TtlOffset = 8;
    public const int ProtocolOffset = 9;
    public const int ChecksumOffset = 10;
    public const int SourceOffset = 12;
    public const int DestinationOffset = 16;

    /// <summary>Writes a header without options for a whole packet that may be fragmented, its checksum included.</summary>
    /// <param name="header">At least <see cref="MinimumSize"/> bytes.</param>
    /// <param name="totalLength">Bytes of header and payload.</param>
    public static void Write(Span<byte> header, int totalLength, ushort identification, byte ttl, byte protocol, Ipv4Address source,
        Ipv4Address destination)
    {
        header[..MinimumSize].Clear();
        header[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(header[TotalLengthOffset..], checked((ushort)totalLength));
        BinaryPrimitives.WriteUInt16BigEndian(header[IdentificationOffset..], identification);
        header[TtlOffset] = ttl;
        header[ProtocolOffset] = protocol;
        source.Write(header[SourceOffset..]);
        destination.Write(header[DestinationOffset..]);
        WriteChecksum(header[..MinimumSize]);
    }

    /// <summary>Writes the checksum of a header whose other fields stand.</summary>
    /// <param name="header">The header with its options and nothing more.</param>
    public static void WriteChecksum(Span<byte> header)
    {
        BinaryPrimitives.WriteUInt16BigEndian(header[ChecksumOffset..], 0);
        BinaryPrimitives.WriteUInt16BigEndian(header[ChecksumOffset..], InternetChecksum.Of(header));
    }

    /// <summary>Takes one hop from the time to live and mends the checksum (RFC 1812, 5.3.1; RFC 1624). The TTL must not be 0.</summary>
    public static void DecrementTtl(Span<byte> header)
    {
        var word = BinaryPrimitives.ReadUInt16BigEndian(header[TtlOffset..]);
        header[TtlOffset]--;
        var delta = ChecksumDelta.Of(word, (ushort)(word - 0x100));
        delta.ApplyTo(header[ChecksumOffset..]);
    }
}
