using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>Outside ports that lead to an inside host, for everybody and for good: each to the port as far from the first as it is
/// itself.</summary>
/// <param name="Protocol"><see cref="IpProtocol.Tcp"/> or <see cref="IpProtocol.Udp"/>.</param>
public readonly record struct NaptForward(byte Protocol, ushort FirstPort, ushort LastPort, Ipv4Address Inside, ushort InsidePort);
