namespace SoftSwitch.Packets;

/// <summary>Where the fields of an ICMP message lie (RFC 792). Offsets count from the message's first byte.</summary>
public static class IcmpHeader
{
    public const int Size = 8;

    public const int TypeOffset = 0;
    public const int CodeOffset = 1;
    public const int ChecksumOffset = 2;

    /// <summary>Tells one asker's queries from another's.</summary>
    public const int IdentifierOffset = 4;
    public const int SequenceOffset = 6;

    /// <summary>The next hop's MTU, in Fragmentation Needed (RFC 1191, 4).</summary>
    public const int NextHopMtuOffset = 6;

    /// <summary>Where an error carries the start of the packet that it is about.</summary>
    public const int InnerOffset = 8;

    /// <summary>An error about another packet, whose start it carries (RFC 1122, 3.2.2).</summary>
    public static bool IsError(byte type) => type is IcmpType.DestinationUnreachable or IcmpType.SourceQuench or IcmpType.Redirect
        or IcmpType.TimeExceeded or IcmpType.ParameterProblem;
}
