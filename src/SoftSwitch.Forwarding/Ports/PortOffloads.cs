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

    All = Checksum | TcpV4 | TcpV6 | Ecn | UdpSegments,
}
