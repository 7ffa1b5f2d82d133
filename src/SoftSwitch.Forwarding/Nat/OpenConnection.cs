using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>A TCP connection that is open, and what its inside end must be told to believe that it has ended.</summary>
/// <param name="Policy">The number of the network where that end is.</param>
/// <param name="Inside">Its address.</param>
/// <param name="InsidePort">Its port.</param>
/// <param name="Remote">The other end's address.</param>
/// <param name="RemotePort">The other end's port.</param>
/// <param name="Expected">The sequence number that the inside end has said it expects next.</param>
/// <param name="Sent">That behind all that the other end has sent: it expects this one, if all of it has arrived.</param>
/// <param name="Acknowledged">What the other end expects next.</param>
public readonly record struct OpenConnection(
    int Policy, Ipv4Address Inside, ushort InsidePort, Ipv4Address Remote, ushort RemotePort, uint Expected, uint Sent, uint Acknowledged);
