namespace SoftSwitch.Packets;

/// <summary>Where the fields of a TCP header lie (RFC 9293, 3.1). Offsets count from the header's first byte.</summary>
public static class TcpHeader
{
    /// <summary>Bytes without options.</summary>
    public const int MinimumSize = 20;

    public const int SourcePortOffset = 0;
    public const int DestinationPortOffset = 2;
    public const int SequenceOffset = 4;
    public const int AcknowledgementOffset = 8;

    /// <summary>The header's length in units of 4 bytes, in the high half of the octet.</summary>
    public const int DataOffsetOffset = 12;
    public const int FlagsOffset = 13;
    public const int WindowOffset = 14;
    public const int ChecksumOffset = 16;
    public const int OptionsOffset = 20;

    /// <summary>Bytes with options, 0 to 60, as the header says; not checked yet.</summary>
    public static int LengthOf(ReadOnlySpan<byte> header) => (header[DataOffsetOffset] >> 4) * 4;
}
