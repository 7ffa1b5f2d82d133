using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Forwarding.Stations;
using SoftSwitch.Linux;
using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.State.Nat;

/// <summary>An outside of a <see cref="SwitchSnapshot"/>: what the networks with the same outside address share.</summary>
/// <param name="Networks">The names of the networks by the numbers that translators know them by.</param>
/// <param name="Interface">The interface that leads out; null while there is no way out.</param>
/// <param name="Address">The address that the world sees; null while there is no way out.</param>
/// <param name="Obstacle">Why there is no way out, or what is wrong with it.</param>
/// <param name="Ways">The ways out to the world, and the one to the host.</param>
/// <param name="Stations">Ours outside: toward the world, and toward the host.</param>
/// <param name="Translators">What translates: to the world, and to the host.</param>
/// <param name="Forwards">All forwards of the networks, those that lead nowhere yet as well.</param>
/// <param name="HostsPorts">Forwarded ports that a program of the host has, and who.</param>
/// <param name="Absent">Addresses that forwards are for and that the host has not.</param>
/// <param name="RefusedWays">Ways that the host's routing leads by and that can't be taken.</param>
/// <param name="Ask">Asks the host's routing for a destination, on the caller's time; null: it doesn't decide here.</param>
/// <param name="Lease">Who has lent the address by DHCP, until when, and what is done about it, in words; null: it isn't
/// leased.</param>
internal sealed record OutsideSnapshot(
    IReadOnlyDictionary<int, string> Networks, string? Interface, Ipv4Address? Address, string? Obstacle,
    IReadOnlyList<WaySnapshot> Ways, IReadOnlyList<Station> Stations, IReadOnlyList<Napt> Translators,
    IReadOnlyList<ForwardStatus> Forwards,
    IReadOnlyDictionary<ForwardedPort, SystemCallException> HostsPorts, IReadOnlySet<Ipv4Address> Absent,
    IReadOnlyList<RefusedWay> RefusedWays,
    Func<Ipv4Address, LedTo>? Ask = null, string? Lease = null)
{
    /// <summary>Why not all of a forward's ports are forwarded; null: they are.</summary>
    public string? ObstacleOf(ForwardModel forward) => forward.On is { } on && Absent.Contains(on)
        ? AwaitedAddresses.Obstacle(on)
        : HostsPorts.Where(one => one.Key.On == forward.On && one.Key.Port.Protocol == forward.From.Protocol
            && forward.From.Contains(one.Key.Port.Port))
            .OrderBy(one => one.Key.Port.Port).Select(one => one.Value.Message).FirstOrDefault();
}
