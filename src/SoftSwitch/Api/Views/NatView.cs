using System.Text.Json.Serialization;

namespace SoftSwitch.Api.Views;

/// <summary>Of GET /v1/networks: what a nat network's translation has come to.</summary>
/// <param name="Interface">Where it meets the outside; null while there is no default route to follow.</param>
/// <param name="Address">The outside address; null while there is none.</param>
/// <param name="Ports">The pool, such as 16384-29999.</param>
/// <param name="Flows">Flows at the moment.</param>
/// <param name="Mappings">Inside addresses and ports that have an outside port at the moment.</param>
/// <param name="Refused">New flows that were refused: a limit was reached, or no port of the pool was free.</param>
/// <param name="GivenUp">Flows of little worth that ended because their guest was at a limit and began others.</param>
/// <param name="Overlapped">Flows that began on an outside port that serves several inside ends at once, for want of one of their own.</param>
/// <param name="Waiting">Forwards that lead nowhere, such as tcp/2222: no address is known of the port that they are for. Left out
/// where there is none.</param>
internal sealed record NatView(
    string? Interface, string? Address, string Ports, long Flows, long Mappings, long Refused, long GivenUp, long Overlapped,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Waiting = null);
