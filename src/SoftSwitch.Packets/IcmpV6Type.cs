namespace SoftSwitch.Packets;

/// <summary>The ICMPv6 types that mean something to the switch (IANA ICMPv6 parameters).</summary>
public static class IcmpV6Type
{
    /// <summary>RFC 4861, 4.2.</summary>
    public const byte RouterAdvertisement = 134;

    /// <summary>RFC 4861, 4.5.</summary>
    public const byte Redirect = 137;
}
