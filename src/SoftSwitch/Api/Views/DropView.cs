namespace SoftSwitch.Api.Views;

/// <summary>GET /v1/drops: frames of one port that did not get where they wanted, for one reason.</summary>
/// <param name="Port">The port.</param>
/// <param name="Direction">in: on the way into the switch; out: on the way out of it.</param>
/// <param name="Reason">The drop reason's name.</param>
/// <param name="Count">Frames.</param>
/// <param name="Help">The drop reason's sentence: what happened, and what to do.</param>
internal sealed record DropView(string Port, string Direction, string Reason, long Count, string Help);
