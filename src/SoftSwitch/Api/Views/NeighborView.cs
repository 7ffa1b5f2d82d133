namespace SoftSwitch.Api.Views;

/// <summary>GET /v1/neighbors: an IPv4 address that a gateway has asked for or heard of.</summary>
/// <param name="Network">The network it is on.</param>
/// <param name="Address">Its IPv4 address.</param>
/// <param name="Mac">Its MAC address; null while nobody has answered.</param>
/// <param name="Port">The port behind which that station was heard; null where it wasn't.</param>
/// <param name="State">reachable, stale, incomplete or failed.</param>
/// <param name="Age">Seconds since it was confirmed, or first asked for.</param>
internal sealed record NeighborView(string Network, string Address, string? Mac, string? Port, string State, long Age);
