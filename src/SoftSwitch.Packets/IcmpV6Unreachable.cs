namespace SoftSwitch.Packets;

/// <summary>The codes of <see cref="IcmpV6Type.DestinationUnreachable"/> (RFC 4443, 3.1).</summary>
public static class IcmpV6Unreachable
{
    public const byte NoRoute = 0;

    /// <summary>Communication administratively prohibited.</summary>
    public const byte Prohibited = 1;

    /// <summary>The address doesn't answer.</summary>
    public const byte Address = 3;
    public const byte Port = 4;
}
