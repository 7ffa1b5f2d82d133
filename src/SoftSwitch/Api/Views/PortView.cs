using System.Text.Json.Serialization;

namespace SoftSwitch.Api.Views;

/// <summary>GET /v1/ports: one attachment to a network.</summary>
/// <param name="Name">Unique among ports.</param>
/// <param name="Kind">tap, guest, nic, veth and so on.</param>
/// <param name="Network">The network it is on.</param>
/// <param name="State">up, waiting, down or failed.</param>
/// <param name="Mac">The address of the interface, where it has one.</param>
/// <param name="Mtu">Bytes above the Ethernet header.</param>
/// <param name="In">Into the switch.</param>
/// <param name="Out">Out of the switch.</param>
/// <param name="Interface">The network interface behind it, where there is one.</param>
/// <param name="Netns">The network namespace the interface is in, where it isn't the switch's own.</param>
/// <param name="Reason">Why it is failed or down.</param>
internal sealed record PortView(
    string Name,
    string Kind,
    string Network,
    string State,
    string? Mac,
    int Mtu,
    CountersView In,
    CountersView Out,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Interface = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Netns = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Reason = null);
