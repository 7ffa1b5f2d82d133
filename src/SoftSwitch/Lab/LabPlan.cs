using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.Lab;

/// <summary>
/// What a lab plays: a configuration, a station for each of its ports, and what it expects of the world: the host, the machines behind its
/// NICs, the internet.
/// <para>
/// All stations, on whatever network, have an address in one prefix (a /16, and a /64); the third octet tells the network. So each takes
/// all others for neighbors: a station that must not be reached is asked for on the wire all the same, where a routing table would have
/// refused before a frame was sent. The addresses by which a gateway leads from one network to another, and those that the file gives, come
/// beside it, and are asked for too.
/// </para>
/// </summary>
internal sealed record LabPlan
{
    /// <summary>Everyone is checked with everyone, so the work grows with the square.</summary>
    public const int MaximumStations = 128;

    public const int Ipv4PrefixLength = 16;

    public const int Ipv6PrefixLength = 64;

    /// <summary>Of the host, which is on several domains: each is a part of the shared prefix.</summary>
    public const int Ipv4DomainLength = 24;

    public const int Ipv6DomainLength = 112;

    public required SwitchModel Model { get; init; }

    /// <summary>Network by network, in the order of the file; then the internet and the host.</summary>
    public required IReadOnlyList<LabStation> Stations { get; init; }

    public required IReadOnlyList<LabWire> Wires { get; init; }

    /// <summary>One for each nat network.</summary>
    public required IReadOnlyList<LabOutside> Outsides { get; init; }

    /// <summary>What this ground can't show of the file, a few words each.</summary>
    public required IReadOnlyList<string> NotShown { get; init; }

    /// <summary>The same once guests have booted.</summary>
    /// <param name="leases">What they were told, by their numbers.</param>
    public LabPlan With(IReadOnlyDictionary<int, LabLease> leases) => this with
    {
        Stations = [.. Stations.Select(station =>
            leases.TryGetValue(station.Number, out var lease) ? station with { Inside = lease.Address } : station)],
    };

    public LabStation? Host => Stations.FirstOrDefault(station => station.Role == LabRole.Host);

    /// <summary>All that one station asks the others.</summary>
    public IEnumerable<LabQuestion> Questions(LabStation asker, bool isIpv6)
    {
        foreach (var other in Stations)
        {
            if (other.Number == asker.Number)
                continue;
            var areNeighbors = asker.IsNeighborOf(other);
            foreach (var address in other.Addresses)
            {
                var isShared = asker.IsOn(other.DomainOf(address));
                // The host answers at each of its interfaces for the addresses of all: only those who share none say something by asking
                // for them.
                if (isShared || !areNeighbors || other.Role != LabRole.Host)
                    yield return new(other, address.Of(isIpv6), isShared);
            }
            if (isIpv6)
                continue;
            foreach (var (address, mustAnswer) in Ways(asker, other))
                yield return new(other, address.ToIPAddress(), mustAnswer);
        }
    }

    /// <summary>Two stations must reach each other if one of these questions must be answered; the mode decides by which family.</summary>
    public bool MustReach(LabStation asker, LabStation other, bool isIpv6) =>
        Questions(asker, isIpv6).Any(question => question.Answerer.Number == other.Number && question.MustAnswer);

    public LabOutside? OutsideOf(LabStation station) => Outsides.FirstOrDefault(outside => outside.Network.Name == station.Network?.Name);

    public LabStation? FirstGuestOf(LabOutside outside) =>
        Stations.FirstOrDefault(station => station.Network?.Name == outside.Network.Name && station.Inside is not null);

    /// <summary>The station that a forward leads to; null: nobody here.</summary>
    public LabStation? TargetOf(NetworkModel network, ForwardModel forward) => Stations.FirstOrDefault(station =>
        station.Network?.Name == network.Name && station.Inside is { } inside
            && (station.Name == forward.Port || inside.Address == forward.Address));

    /// <summary>The addresses beside those of the shared prefix, and whether they answer.</summary>
    private IEnumerable<(Ipv4Address Address, bool MustAnswer)> Ways(LabStation asker, LabStation other)
    {
        if (other.Inside is { } theirs)
        {
            if (asker.Inside is { } mine && asker.Network?.Name == other.Network?.Name)
            {
                if (mine.Subnet == theirs.Subnet && mine.Address != theirs.Address)
                    yield return (theirs.Address, true);
            }
            else if (other.Gateway is not null)
                yield return (theirs.Address, asker.Role == LabRole.Host && other.Network!.Mode == NetworkMode.HostOnly);
        }
        if (asker.Gateway is not { } gateway)
            yield break;
        var outside = OutsideOf(asker);
        foreach (var far in Outsides.Where(one => one.Station == other.Number).Select(one => one.Far).Distinct())
            yield return (far, outside is not null && outside.Station == other.Number
                && (outside.Far == far || outside.Far != outside.Router));
        if (other.Role != LabRole.Host)
            yield break;
        if (asker.Network!.Mode == NetworkMode.HostOnly)
            yield return (gateway, true);
        // By an address of its own a guest goes past the host, and what becomes of the host's address there nobody has promised.
        if (outside is { SharesHost: true })
            yield return (outside.SeenAs.Address, true);
    }
}
