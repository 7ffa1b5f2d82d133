using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Ports;

/// <summary>An address that was heard behind a port. A time of zero is never.</summary>
/// <param name="Address">In the network's subnet.</param>
/// <param name="Spoke">When it last spoke unasked: the source of a packet, or of an ARP request or announcement.</param>
/// <param name="Claimed">When it was last claimed in ARP, asked or unasked.</param>
public readonly record struct HeardAddress(Ipv4Address Address, Instant Spoke, Instant Claimed);
