using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Stations;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Routing;

/// <summary>Where a gateway's packets can go. Immutable; the control plane replaces it whole when the host's addresses or routes
/// change.</summary>
/// <param name="outsides">The ways to everywhere, each with its own address, the first of them foremost; none while there is none.</param>
/// <param name="answering">Ways by which nothing leaves but answers to who has asked a forward there.</param>
/// <param name="host">The way to the host itself, where the outside addresses are the host's too.</param>
/// <param name="hostAddresses">The host's addresses, wherever it has them, which lead there.</param>
/// <param name="aliases">Those among them at which translators of the ways have forwards, beside their own.</param>
/// <param name="inside">The subnets of all networks of this switch, which no way out leads to.</param>
/// <param name="elsewhere">The foremost ways of other networks of this switch that share the host's addresses too, and have other ways
/// out: a packet to one of their ports is handed over, for the host has none of these.</param>
/// <param name="local">What is the host's by a route alone, and leads there too where no network of this switch has it.</param>
/// <param name="routes">Which way leads to a destination, as the host's routing says, and what is the host's; null: the foremost leads to
/// all that its own next hops do.</param>
public sealed class WaysOut(
    Outside[] outsides, Outside? host, Ipv4Address[] hostAddresses, Ipv4Subnet[] inside, RouteCache? routes = null,
    Outside[]? answering = null, Ipv4Address[]? aliases = null, Outside[]? elsewhere = null, Ipv4Subnet[]? local = null)
{
    private readonly Outside[] _asked = [.. routes is null ? [] : outsides, .. answering ?? []];
    private readonly Ipv4Subnet[] _local = local ?? [];
    private readonly Outside[] _elsewhere = elsewhere ?? [];
    private readonly uint[] _aliases = [.. (aliases ?? []).Select(alias => alias.Value)];

    public static WaysOut None { get; } = new([], null, [], []);

    /// <summary>The foremost way to everywhere; null while there is none.</summary>
    public Outside? Foremost { get; } = outsides.FirstOrDefault();

    /// <summary>The way to the host itself, where the outside addresses are the host's too.</summary>
    public Outside? Host => host;

    /// <summary>To be called when packets are received and not yet routed: see <see cref="RouteCache.LookForNews"/>.</summary>
    internal void LookForNews() => routes?.LookForNews();

    /// <summary>See <see cref="RouteCache.WasKnown"/>.</summary>
    internal bool WasKnown(Ipv4Address destination, Instant now) => routes is not null && routes.WasKnown(destination, now);

    /// <summary>The host's routing decides about what is outside.</summary>
    internal bool AsksHost => routes is not null;

    /// <summary>The address is the host's.</summary>
    public bool IsHost(Ipv4Address address) => hostAddresses.AsSpan().Contains(address);

    /// <summary>The address is in a network of this switch.</summary>
    public bool IsInside(Ipv4Address address) => IsIn(inside, address);

    private static bool IsIn(Ipv4Subnet[] subnets, Ipv4Address address)
    {
        foreach (var subnet in subnets)
        {
            if (subnet.Contains(address))
                return true;
        }
        return false;
    }

    /// <summary>The way out that has an outside address, or else one that has forwards there; null: it is none.</summary>
    internal Outside? At(Ipv4Address address)
    {
        foreach (var outside in outsides)
        {
            if (outside.Address == address)
                return outside;
        }
        return AtAlias(address);
    }

    /// <summary>The way that has forwards at another address than its own; null: there is none.</summary>
    internal Outside? AtAlias(Ipv4Address address)
    {
        if (!_aliases.AsSpan().Contains(address.Value))
            return null;
        foreach (var outside in outsides)
        {
            if (outside.Address != address && outside.Translator.IsAskedAt(address))
                return outside;
        }
        return null;
    }

    /// <summary>Other networks' way that has the port that a whole packet to the host goes to; null: none has.</summary>
    internal Outside? Elsewhere(in Frame frame, in Ipv4Layout packet)
    {
        foreach (var other in _elsewhere)
        {
            if (!packet.IsFragment && other.Translator.IsAskedAt(packet.Destination) && other.Translates(frame, packet))
                return other;
        }
        return null;
    }

    /// <summary>The way to a destination outside, and the neighbor there.</summary>
    internal Route To(Ipv4Address destination, Instant now)
    {
        if (routes is not null)
            return routes.TryFind(destination, now, out var known) ? known.Route : Route.Asked;
        if (host is not null && (IsHost(destination) || IsIn(_local, destination)))
            return Route.ToHost(host, destination);
        return Foremost is { } way && way.TryFindNext(destination, out var next) ? Route.Out(way, next) : Refusal.NoRoute;
    }

    /// <summary>A packet that answers what was begun outside goes by the way that this came in by, or nowhere: by another it would be no
    /// answer.</summary>
    /// <param name="route">Where all else goes, or why it goes nowhere.</param>
    /// <param name="owner">The port that it came by.</param>
    internal Route Answering(in Route route, ref Frame frame, in Ipv4Layout packet, int policy, ushort owner, Instant now)
    {
        if (packet.Destination == host?.Ipv6Clients)
            return IsAnswer(host, ref frame, packet, policy, owner, now, out _) ? Route.Out(host, packet.Destination) : Refusal.NoRoute;
        if (route.Course is not (Course.Out or Course.Refused))
            return route;
        foreach (var way in _asked)
        {
            if (way.Translator.WasEverBegunOutside && (way != route.Way || route.IsOfSource)
                && IsAnswer(way, ref frame, packet, policy, owner, now, out var asked))
                return Answer(way, packet.Destination, asked, now);
        }
        return route;
    }

    /// <param name="asked">The address that was asked, by that way.</param>
    private Route Answer(Outside way, Ipv4Address destination, Ipv4Address asked, Instant now)
    {
        if (routes is null || way.Translator.OnlyAnswers)
            return way.TryFindNext(destination, out var next) ? Route.Out(way, next) : Refusal.NoRoute;
        if (!routes.TryFind(destination, now, out var known))
            return Route.Asked;
        foreach (var answer in known.Answers)
        {
            if (answer.Answers(way, asked))
                return Route.Out(answer);
        }
        return known.Route.Way == way && !known.Route.IsOfSource ? known.Route : Refusal.NoRoute;
    }

    /// <summary>A packet is in the middle of a TCP connection that goes on by a way that is open.</summary>
    internal bool HasConnection(ref Frame frame, in Ipv4Layout packet, int policy, Instant now)
    {
        foreach (var outside in outsides)
        {
            if (outside.Translator.HasConnection(ref frame, packet, policy, now))
                return true;
        }
        return false;
    }

    private static bool IsAnswer(
        Outside way, ref Frame frame, in Ipv4Layout packet, int policy, ushort owner, Instant now, out Ipv4Address asked) =>
        packet.FragmentOffset == 0
            ? way.Translator.WasBegunOutside(ref frame, packet, policy, now, out asked)
            : way.Translator.HasBegun(frame, packet, policy, owner, out asked);
}
