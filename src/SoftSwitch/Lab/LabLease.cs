using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.Lab;

/// <summary>What a guest is told by DHCP.</summary>
/// <param name="Address">Its own.</param>
/// <param name="Resolver">Whom it asks for names; null: nobody.</param>
internal sealed record LabLease(InterfaceAddress Address, Ipv4Address? Resolver);
