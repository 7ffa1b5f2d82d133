using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Services.Dhcp;

/// <summary>An address that one client alone gets.</summary>
/// <param name="Address">It may lie outside the range.</param>
/// <param name="Name">What the client is told to be called, as it stands in a message; empty: nothing is said.</param>
public sealed record DhcpReservation(Ipv4Address Address, ReadOnlyMemory<byte> Name);
