namespace SoftSwitch.Packets;

/// <summary>The ICMP types that mean something to the switch (IANA ICMP parameters).</summary>
public static class IcmpType
{
    public const byte EchoReply = 0;
    public const byte DestinationUnreachable = 3;
    public const byte SourceQuench = 4;
    public const byte Redirect = 5;
    public const byte Echo = 8;

    /// <summary>RFC 1256.</summary>
    public const byte RouterAdvertisement = 9;
    public const byte TimeExceeded = 11;
    public const byte ParameterProblem = 12;
    public const byte Timestamp = 13;
    public const byte TimestampReply = 14;
}
