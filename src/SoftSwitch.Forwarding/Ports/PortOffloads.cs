namespace SoftSwitch.Forwarding.Ports;

/// <summary>What the other end of a port finishes by itself, so that the switch needn't.</summary>
[Flags]
public enum PortOffloads
{
    None = 0,

    /// <summary>Frames with a partial checksum.</summary>
    Checksum = 1,
    TcpV4 = 2,
    TcpV6 = 4,

    /// <summary>TCP super-frames whose first segment carries CWR.</summary>
    Ecn = 8,
    UdpSegments = 16,

    /// <summary>TCP super-frames beyond 64 KB (BIG TCP).</summary>
    Big = 32,

    /// <summary>Super-frames inside VXLAN or GENEVE.</summary>
    UdpTunnels = 64,

    /// <summary>The same with an outer checksum.</summary>
    UdpTunnelChecksums = 128,

    /// <summary>Super-frames inside GRE, IPIP and their like: no offload header can say it, a program in the kernel can.</summary>
    OtherTunnels = 256,

    /// <summary>Super-frames inside tunnels whose headers aren't plain (<see cref="Packets.TunnelLayout.IsPlain"/>) or are longer than
    /// usual.</summary>
    OddTunnels = 512,

    /// <summary>All that the offload header of a packet socket can say.</summary>
    All = Checksum | TcpV4 | TcpV6 | Ecn | UdpSegments | Big,
}
