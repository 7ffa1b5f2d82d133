using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>
/// What the fragments of one packet have in common (RFC 791, 3.2), and the network that they come from. Record structs hash with a seed of the
/// process.
/// </summary>
internal readonly record struct FragmentKey(Ipv4Address Source, Ipv4Address Destination, int Policy, byte Protocol, ushort Identification);
