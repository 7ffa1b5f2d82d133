using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Forwarding.Stations;
using SoftSwitch.Packets;

namespace SoftSwitch.State.Nat;

/// <summary>An outside of a <see cref="SwitchSnapshot"/>: what the networks with the same outside address share.</summary>
/// <param name="Networks">The names of the networks by the numbers that translators know them by.</param>
/// <param name="Interface">The interface that leads out; null while there is no way out.</param>
/// <param name="Address">The address that the world sees; null while there is no way out.</param>
/// <param name="Obstacle">Why there is no way out, or what is wrong with it.</param>
/// <param name="Stations">Ours outside: toward the world, and toward the host.</param>
/// <param name="Translators">What translates: to the world, and to the host.</param>
/// <param name="Forwards">All forwards of the networks, those that lead nowhere yet as well.</param>
/// <param name="Refused">Connections and conversations from the host that a limit refused.</param>
/// <param name="GivenUp">Conversations from the host that gave way to others.</param>
internal sealed record OutsideSnapshot(
    IReadOnlyDictionary<int, string> Networks, string? Interface, Ipv4Address? Address, string? Obstacle,
    IReadOnlyList<Station> Stations, IReadOnlyList<Napt> Translators, IReadOnlyList<ForwardStatus> Forwards, long Refused, long GivenUp);
