using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>Writes into a fragment what the translation of its packet changes.</summary>
internal delegate void FragmentRewrite(Span<byte> head, in Ipv4Layout fragment, FragmentedPacket whole);
