using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.State.Nat;

/// <summary>A way out that the host's routing leads by and that can't be taken: what is to go there goes nowhere.</summary>
/// <param name="Interface">The interface that it leads by; null: there is none any more.</param>
/// <param name="Address">The address of the host that packets would bear.</param>
/// <param name="Why">Why it can't.</param>
/// <param name="Since">When that was so first.</param>
/// <param name="Last">When it was tried last.</param>
internal sealed record RefusedWay(string? Interface, Ipv4Address Address, string Why, Instant Since, Instant Last);
