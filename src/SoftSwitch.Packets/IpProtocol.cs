namespace SoftSwitch.Packets;

/// <summary>The IP protocol numbers that mean something to the switch (IANA protocol numbers), IPv6 extension headers among them.</summary>
public static class IpProtocol
{
    public const byte HopByHopOptions = 0;
    public const byte Icmp = 1;

    /// <summary>An IPv4 packet in another packet (RFC 2003).</summary>
    public const byte Ipv4 = 4;
    public const byte Tcp = 6;
    public const byte Udp = 17;

    /// <summary>An IPv6 packet in another packet (RFC 2473, RFC 4213).</summary>
    public const byte Ipv6 = 41;
    public const byte Routing = 43;
    public const byte Fragment = 44;
    public const byte Gre = 47;
    public const byte Authentication = 51;
    public const byte IcmpV6 = 58;

    /// <summary>Nothing follows (RFC 8200, 4.7).</summary>
    public const byte None = 59;
    public const byte DestinationOptions = 60;
    public const byte Sctp = 132;
}
