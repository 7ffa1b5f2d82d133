using SoftSwitch.Packets;

namespace SoftSwitch.Linux.HostFacts;

/// <summary>A socket of the host that has a port.</summary>
/// <param name="Address">The address where it has it; null: all.</param>
/// <param name="Owner">The program, as <c>nginx (pid 812)</c>; null: it can't be told.</param>
internal readonly record struct PortHolder(Ipv4Address? Address, string? Owner);
