namespace SoftSwitch.Packets;

/// <summary>The ICMPv6 types that mean something to the switch (IANA ICMPv6 parameters).</summary>
public static class IcmpV6Type
{
    /// <summary>RFC 4443, 3.1.</summary>
    public const byte DestinationUnreachable = 1;

    /// <summary>RFC 4443, 3.2.</summary>
    public const byte PacketTooBig = 2;

    /// <summary>RFC 4443, 3.3.</summary>
    public const byte TimeExceeded = 3;

    /// <summary>RFC 4443, 3.4.</summary>
    public const byte ParameterProblem = 4;

    /// <summary>Its code for a protocol that nobody takes.</summary>
    public const byte UnknownNextHeader = 1;

    /// <summary>RFC 4861, 4.1: the first of those by which neighbors find each other.</summary>
    public const byte RouterSolicitation = 133;

    /// <summary>RFC 4861, 4.2.</summary>
    public const byte RouterAdvertisement = 134;

    /// <summary>RFC 4861, 4.3.</summary>
    public const byte NeighborSolicitation = 135;

    /// <summary>RFC 4861, 4.4: the last of those by which neighbors find each other.</summary>
    public const byte NeighborAdvertisement = 136;

    /// <summary>RFC 4861, 4.5.</summary>
    public const byte Redirect = 137;
}
