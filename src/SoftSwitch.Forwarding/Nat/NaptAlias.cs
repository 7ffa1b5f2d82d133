using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>An address beside the outside address at which forwards are asked.</summary>
/// <param name="Address">The address.</param>
/// <param name="IsClosed">It isn't there for a moment: its flows wait, nothing leaves with it.</param>
public readonly record struct NaptAlias(Ipv4Address Address, bool IsClosed = false);
