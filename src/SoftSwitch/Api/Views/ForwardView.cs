using System.Text.Json.Serialization;

namespace SoftSwitch.Api.Views;

/// <summary>GET /v1/forwards: ports of an outside address that lead to a guest.</summary>
/// <param name="Network">The nat network that it leads into.</param>
/// <param name="From">The protocol and ports outside, such as tcp/2222 or udp/5000-5010.</param>
/// <param name="To">Where it leads in the words of the file: a port's name or an address, with a port where that is another one.</param>
/// <param name="Outside">The address and ports that it is answered on, such as 192.0.2.7:2222; null while the network has no outside address.</param>
/// <param name="Inside">The guest's address and ports that it leads to now, such as 10.10.0.10:22; null while no address is known.</param>
/// <param name="State">active: what comes is passed on; waiting: something is missing, see the reason.</param>
/// <param name="Reason">Why it waits.</param>
internal sealed record ForwardView(
    string Network, string From, string To, string? Outside, string? Inside, string State,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Reason = null);
