namespace SoftSwitch.Api.Views;

/// <summary>GET /v1/flows: a translated conversation.</summary>
/// <param name="Network">The network it began in.</param>
/// <param name="Protocol">tcp, udp or icmp (a query; the ports are its identifier).</param>
/// <param name="Inside">The guest's address and port, such as 10.10.0.5:40000.</param>
/// <param name="Outside">Our address and port, as the other end sees them.</param>
/// <param name="Remote">The other end's address and port.</param>
/// <param name="State">tcp: opening, established, closing, closed or reset; otherwise active.</param>
/// <param name="Age">Seconds since it began.</param>
/// <param name="Idle">Seconds since a packet passed that keeps it.</param>
internal sealed record FlowView(string Network, string Protocol, string Inside, string Outside, string Remote, string State, long Age, long Idle);
