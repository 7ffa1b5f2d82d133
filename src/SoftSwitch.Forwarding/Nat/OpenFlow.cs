using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>A flow that goes on, and what its ends must be told to believe that it has ended.</summary>
/// <param name="Policy">The number of the network where that end is.</param>
/// <param name="Protocol">TCP, UDP or ICMP, as IPv4 numbers them (<see cref="IpProtocol"/>).</param>
/// <param name="Inside">Its address.</param>
/// <param name="InsidePort">Its port; of a query, the identifier.</param>
/// <param name="Remote">The other end's address.</param>
/// <param name="RemotePort">The other end's port.</param>
/// <param name="Outside">The address that the other end speaks to.</param>
/// <param name="OutsidePort">The port that it speaks to.</param>
/// <param name="IsMutual">The other end has said something, too.</param>
/// <param name="Expected">Of TCP: the sequence number that the inside end has said it expects next.</param>
/// <param name="Sent">Of TCP: that behind all that the other end has sent: it expects this one, if all of it has arrived.</param>
/// <param name="Acknowledged">Of TCP: what the other end expects next.</param>
/// <param name="InsideSent">Of TCP: the sequence number behind all that the inside end has sent.</param>
public readonly record struct OpenFlow(
    int Policy, byte Protocol, Ipv4Address Inside, ushort InsidePort, Ipv4Address Remote, ushort RemotePort,
    Ipv4Address Outside = default, ushort OutsidePort = 0, bool IsMutual = false,
    uint Expected = 0, uint Sent = 0, uint Acknowledged = 0, uint InsideSent = 0);
