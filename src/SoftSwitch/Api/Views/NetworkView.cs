using System.Text.Json.Serialization;

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
/// <param name="Subnet">The subnet of its addresses, where it has one.</param>
/// <param name="Gateway">nat, host-only: the address of the gateway.</param>
/// <param name="Interface">host-only: the interface on the host.</param>
/// <param name="Nat">nat: what its translation has come to.</param>
internal sealed record NetworkView(
    string Name, string Mode, int Mtu, long Ageing, int Ports, int Stations,
    long Moved, long Evicted, long Refused, long Copies, long Segments, long Checksums,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Subnet = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Gateway = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Interface = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] NatView? Nat = null);
