namespace SoftSwitch.Tests.Forwarding;

/// <summary>The tunnels that tests build.</summary>
public enum TunnelKind
{
    Vxlan,
    VxlanGpe,
    Geneve,

    /// <summary>GENEVE with an IP packet in it, and an option.</summary>
    GeneveIp,
    Gre,

    /// <summary>GRE with an Ethernet frame in it.</summary>
    GreEthernet,

    /// <summary>IPIP, SIT, 4in6, 6in6.</summary>
    Ip,
}
