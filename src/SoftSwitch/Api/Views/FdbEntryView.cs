namespace SoftSwitch.Api.Views;

/// <summary>GET /v1/fdb: where a station was heard.</summary>
/// <param name="Network">The network it is on.</param>
/// <param name="Mac">Its address, in lower case with colons.</param>
/// <param name="Port">The port behind which it is.</param>
/// <param name="Age">Seconds since it was last heard; 0 for a static one.</param>
/// <param name="Kind">dynamic or static.</param>
internal sealed record FdbEntryView(string Network, string Mac, string Port, long Age, string Kind);
