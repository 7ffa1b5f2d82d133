using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.State.Nat;

/// <summary>A way out of an <see cref="OutsideSnapshot"/>.</summary>
/// <param name="Interface">The interface that it leads by, or led by last; null: by none yet.</param>
/// <param name="Address">The address that is seen there.</param>
/// <param name="IsOpen">Packets can go by it.</param>
/// <param name="Since">When it was opened or closed last.</param>
/// <param name="Why">What leads there, in words.</param>
/// <param name="Translator">What translates to its address.</param>
internal sealed record WaySnapshot(string? Interface, Ipv4Address Address, bool IsOpen, Instant Since, string Why, Napt Translator);
