namespace SoftSwitch.Packets;

/// <summary>The IP protocol numbers that mean something to the switch (IANA protocol numbers), IPv6 extension headers among them.</summary>
public static class IpProtocol
{
    public const byte HopByHopOptions = 0;
    public const byte Icmp = 1;
    public const byte Tcp = 6;
    public const byte Udp = 17;
    public const byte Routing = 43;
    public const byte Fragment = 44;
    public const byte IcmpV6 = 58;
    public const byte DestinationOptions = 60;
}
