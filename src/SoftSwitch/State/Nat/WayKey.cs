using SoftSwitch.Packets;

namespace SoftSwitch.State.Nat;

/// <summary>By what a way out is known to the host's routing.</summary>
/// <param name="Interface">The number of the interface that packets leave by.</param>
/// <param name="Address">The host's address that they bear.</param>
internal readonly record struct WayKey(int Interface, Ipv4Address Address);
