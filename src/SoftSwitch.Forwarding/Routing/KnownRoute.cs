using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Routing;

/// <summary>An answer of the host's routing. Immutable, but for the note that it is used.</summary>
/// <param name="destination">Where the packets go.</param>
/// <param name="route">How.</param>
/// <param name="answers">How they go that answer what was begun at the other end, each way and source with which that is another than
/// <paramref name="route"/>.</param>
/// <param name="by">The port whose packets they are.</param>
/// <param name="generation">It counts until the cache has a later one.</param>
/// <param name="until">And not longer than this.</param>
/// <param name="number">The later it came, the higher.</param>
internal sealed class KnownRoute(
    Ipv4Address destination, Route route, WayTo[] answers, Port by, int generation, long until, long number)
{
    public readonly Ipv4Address Destination = destination;
    public readonly Route Route = route;
    public readonly WayTo[] Answers = answers;
    public readonly Port By = by;
    public readonly int Generation = generation;
    public readonly long Until = until;
    public readonly long Number = number;

    /// <summary>Packets go there by a way, or those do that answer what has come by it.</summary>
    public bool LeadsBy(Outside way) => Route.Way == way || Array.Exists(Answers, answer => answer.Way == way);

    /// <summary>A packet has gone by it since it was looked at last: written when that changes, not with each packet.</summary>
    public bool IsUsed;
}
