using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>Outside ports that lead to an inside host, for everybody and for good.</summary>
/// <param name="From">The outside ports.</param>
/// <param name="Inside">The host.</param>
/// <param name="InsidePort">The host's port that the first of them leads to; the others follow in order.</param>
/// <param name="On">The one address outside where they do; null: the outside address and every alias. Other forwards may
/// have the same ports at others.</param>
public readonly record struct NaptForward(TransportPorts From, Ipv4Address Inside, ushort InsidePort, Ipv4Address? On = null);
