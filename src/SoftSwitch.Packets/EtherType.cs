namespace SoftSwitch.Packets;

/// <summary>The EtherTypes that mean something to the switch (IEEE 802 numbers registry), in host order.</summary>
public static class EtherType
{
    public const ushort Ipv4 = 0x0800;
    public const ushort Arp = 0x0806;

    /// <summary>Who asks for his own address by his MAC address (RFC 903).</summary>
    public const ushort Rarp = 0x8035;
    public const ushort Ipv6 = 0x86DD;

    /// <summary>Transparent Ethernet bridging: an Ethernet frame in a tunnel (RFC 7637, RFC 8926).</summary>
    public const ushort Ethernet = 0x6558;

    /// <summary>Customer VLAN tag (IEEE 802.1Q, 9.6).</summary>
    public const ushort Vlan = 0x8100;

    /// <summary>Service VLAN tag (IEEE 802.1Q, 9.6).</summary>
    public const ushort ServiceVlan = 0x88A8;

    /// <summary>For local experiments (IEEE 802, 9.2.4).</summary>
    public const ushort LocalExperiment = 0x88B5;

    /// <summary>PAUSE and other MAC control frames, which end at the first link (IEEE 802.3, clause 31).</summary>
    public const ushort MacControl = 0x8808;
}
