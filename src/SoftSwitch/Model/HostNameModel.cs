using SoftSwitch.Packets;

namespace SoftSwitch.Model;

/// <summary>A name that guests are told an address for.</summary>
/// <param name="Name">With its domain where it has one, in small letters, without a dot at its end.</param>
/// <param name="Address">Any.</param>
public sealed record HostNameModel(string Name, Ipv4Address Address);
