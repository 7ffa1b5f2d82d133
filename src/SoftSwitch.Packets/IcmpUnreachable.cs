namespace SoftSwitch.Packets;

/// <summary>The codes of <see cref="IcmpType.DestinationUnreachable"/> (RFC 792; RFC 1812, 5.2.7.1).</summary>
public static class IcmpUnreachable
{
    public const byte Network = 0;
    public const byte Host = 1;
    public const byte Protocol = 2;
    public const byte Port = 3;
    public const byte FragmentationNeeded = 4;

    /// <summary>Communication administratively prohibited: also what a full NAT answers (RFC 4787, REQ-8 and RFC 5508, REQ-8).</summary>
    public const byte Prohibited = 13;
}
