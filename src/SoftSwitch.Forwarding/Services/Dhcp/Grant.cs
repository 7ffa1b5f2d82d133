using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Services.Dhcp;

/// <summary>What a client gets.</summary>
/// <param name="Address">Its address.</param>
/// <param name="Name">What it is to be called, as it stands in a message; empty: nothing is said.</param>
/// <param name="IsUnasked">Nobody was asked yet whether he has this address.</param>
internal readonly record struct Grant(Ipv4Address Address, ReadOnlyMemory<byte> Name, bool IsUnasked);
