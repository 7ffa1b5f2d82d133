namespace SoftSwitch.Api.Views;

/// <summary>GET /v1/status: the process, and whether it is ready.</summary>
/// <param name="Version">Of the program, such as 0.1.0.</param>
/// <param name="Pid">Process id.</param>
/// <param name="Started">When the switch was started.</param>
/// <param name="Uptime">Seconds since then.</param>
/// <param name="Workers">Forwarding threads.</param>
/// <param name="Ready">Every port is open or listening.</param>
internal sealed record StatusView(string Version, int Pid, DateTimeOffset Started, long Uptime, int Workers, bool Ready);
