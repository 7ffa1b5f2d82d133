using SoftSwitch.Packets;

namespace SoftSwitch.Api;

/// <summary>A piece of the flows.</summary>
/// <param name="Network">Only of this network; null: all.</param>
/// <param name="Protocol">Only tcp, udp or icmp; null: all.</param>
/// <param name="Inside">Only of this guest; null: all.</param>
/// <param name="From">Where to go on: 0 at the start, else what the piece before gave as <see cref="FlowPiece.Next"/>; whatever a client makes up is possible.</param>
/// <param name="Limit">At most this many, at least 1.</param>
internal sealed record FlowQuery(string? Network, string? Protocol, Ipv4Address? Inside, long From, int Limit);
