using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>A flow that began or ended.</summary>
/// <param name="When">On the clock of the packets that were translated.</param>
/// <param name="Began">False: it ended, or was found to have ended.</param>
/// <param name="Owner">Whom it counts for.</param>
/// <param name="Protocol"><see cref="IpProtocol.Tcp"/>, <see cref="IpProtocol.Udp"/> or <see cref="IpProtocol.Icmp"/>.</param>
public readonly record struct NaptLogEntry(
    Instant When,
    bool Began,
    NaptOwner Owner,
    byte Protocol,
    Ipv4Address Inside,
    ushort InsidePort,
    Ipv4Address Outside,
    ushort OutsidePort,
    Ipv4Address Remote,
    ushort RemotePort);
