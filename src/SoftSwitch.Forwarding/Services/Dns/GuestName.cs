using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Services.Dns;

/// <summary>A name of a network's own, and whose it is.</summary>
/// <param name="Name">As it was given: without the network's domain.</param>
/// <param name="Full">With the domain.</param>
/// <param name="Address">Its address now.</param>
/// <param name="IsOfGuest">A guest calls itself so; else the file does.</param>
public readonly record struct GuestName(string Name, string Full, Ipv4Address Address, bool IsOfGuest);
