namespace SoftSwitch.Api.Views;

/// <summary>GET /v1/networks: a broadcast domain, and the books of its frames: in = out + drops, but for what the switch itself multiplied.</summary>
/// <param name="Name">Unique among networks.</param>
/// <param name="Mode">bridged, nat, host-only or internal.</param>
/// <param name="Mtu">Bytes above the Ethernet header.</param>
/// <param name="Ageing">Seconds after which a silent station is forgotten.</param>
/// <param name="Ports">How many ports it has.</param>
/// <param name="Stations">How many stations are in its FDB.</param>
/// <param name="Moved">Stations that were heard at another port than before.</param>
/// <param name="Evicted">Stations that gave way to newer ones at a limit.</param>
/// <param name="Refused">Stations that were not learnt because no place could be made.</param>
/// <param name="Copies">Frames that flooding added.</param>
/// <param name="Segments">Frames that cutting super-frames added.</param>
/// <param name="Checksums">Checksums that the switch completed because an output couldn't.</param>
internal sealed record NetworkView(
    string Name, string Mode, int Mtu, long Ageing, int Ports, int Stations,
    long Moved, long Evicted, long Refused, long Copies, long Segments, long Checksums);
