namespace SoftSwitch.Packets;

/// <summary>What kind of super-frame a frame is (VIRTIO_NET_HDR_GSO_*, virtio 1.2, section 5.1.6).</summary>
[Flags]
public enum GsoType : byte
{
    None = 0,
    TcpV4 = 1,

    /// <summary>UDP cut by IP fragmentation: never offered by us and so never to be expected.</summary>
    UdpFragments = 3,
    TcpV6 = 4,

    /// <summary>UDP cut into datagrams, over IPv4 or IPv6.</summary>
    UdpSegments = 5,

    /// <summary>A bit beside the others: the super-frame is inside a UDP tunnel over IPv4, and the tunnel's headers go with every
    /// segment.</summary>
    UdpTunnelIpv4 = 0x20,

    /// <summary>The same over IPv6.</summary>
    UdpTunnelIpv6 = 0x40,

    /// <summary>A bit beside the others: CWR belongs to the first segment only.</summary>
    Ecn = 0x80,
}
