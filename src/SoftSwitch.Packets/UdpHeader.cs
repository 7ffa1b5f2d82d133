namespace SoftSwitch.Packets;

/// <summary>Where the fields of a UDP header lie (RFC 768). Offsets count from the header's first byte.</summary>
public static class UdpHeader
{
    public const int Size = 8;

    public const int SourcePortOffset = 0;
    public const int DestinationPortOffset = 2;
    public const int LengthOffset = 4;

    /// <summary>0 when the sender made none.</summary>
    public const int ChecksumOffset = 6;
}
