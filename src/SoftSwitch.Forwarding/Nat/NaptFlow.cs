using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>A flow as it is shown. Of an ICMP query the ports are the identifier inside and outside, and 0.</summary>
/// <param name="Policy">The network's number.</param>
/// <param name="Protocol"><see cref="IpProtocol.Tcp"/>, <see cref="IpProtocol.Udp"/> or <see cref="IpProtocol.Icmp"/>.</param>
/// <param name="Outside">The address that the other end speaks to: the translator's, or an alias of it.</param>
/// <param name="Age">Seconds since it began.</param>
/// <param name="Idle">Seconds since the last packet that keeps it.</param>
/// <param name="FromOutside">An outsider began it.</param>
/// <param name="Overlapped">Its outside port isn't its inside end's own: for want of one, it is shared with others, who talk to other
/// ends.</param>
public readonly record struct NaptFlow(
    int Policy,
    byte Protocol,
    Ipv4Address Inside,
    ushort InsidePort,
    Ipv4Address Outside,
    ushort OutsidePort,
    Ipv4Address Remote,
    ushort RemotePort,
    NaptFlowState State,
    uint Age,
    uint Idle,
    bool FromOutside,
    bool Overlapped);
