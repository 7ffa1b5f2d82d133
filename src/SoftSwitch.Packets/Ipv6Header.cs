namespace SoftSwitch.Packets;

/// <summary>Where the fields of an IPv6 header lie (RFC 8200, 3). Offsets count from the header's first byte.</summary>
public static class Ipv6Header
{
    public const int Size = 40;

    /// <summary>Bytes behind the header.</summary>
    public const int PayloadLengthOffset = 4;
    public const int NextHeaderOffset = 6;
    public const int HopLimitOffset = 7;
    public const int SourceOffset = 8;
    public const int DestinationOffset = 24;
}
