namespace SoftSwitch.Api.Views;

/// <summary>GET /v1/networks: a broadcast domain.</summary>
/// <param name="Name">Unique among networks.</param>
/// <param name="Mode">bridged, nat, host-only or internal.</param>
/// <param name="Mtu">Bytes above the Ethernet header.</param>
/// <param name="Ageing">Seconds after which a silent station is forgotten.</param>
/// <param name="Ports">How many ports it has.</param>
/// <param name="Stations">How many stations are in its FDB.</param>
internal sealed record NetworkView(string Name, string Mode, int Mtu, long Ageing, int Ports, int Stations);
