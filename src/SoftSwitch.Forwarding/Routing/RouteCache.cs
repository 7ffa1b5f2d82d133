using System.Runtime.InteropServices;
using SoftSwitch.Forwarding.Budgets;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Forwarding.Stations;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Routing;

/// <summary>
/// What the host's routing has answered, destination by destination: the way out and the neighbor there, or that there is none. All of it
/// is dropped at once when anything has changed that an answer may depend on, and each answer ends with its time; what is asked for again
/// comes in anew.
/// <code>
///   destination ── hash ──► a set of eight places: [ destination, route, until when, for whose packets ]
/// </code>
/// Any worker reads, without a lock; one thread of the control plane at a time writes, and any thread drops. An answer counts as long as
/// nothing was dropped since before it was asked for (<see cref="Generation"/>). It is bounded: in a full set what counts no more gives way
/// first, then the oldest of the port that has the most everywhere: who sweeps addresses pushes out his own.
/// </summary>
public sealed class RouteCache
{
    private const int SetSize = 8;
    private const int Sets = Limits.RouteCapacity / SetSize;

    /// <summary>How many places a port has, in all sets.</summary>
    private readonly Dictionary<Port, int> _taken = [];
    private readonly KnownRoute?[] _places = new KnownRoute?[Sets * SetSize];
    private volatile Func<bool>? _hasNews;
    private int _generation;
    private long _added;

    /// <summary>Says whether something has changed that an answer may depend on, and that nobody has looked at yet. Workers call it, each
    /// turn in which they route; it must neither wait nor fail. Null: nothing changes unless <see cref="Drop"/> says so.</summary>
    public Func<bool>? HasNews
    {
        set => _hasNews = value;
    }

    /// <summary>The next hops that answers name by a number.</summary>
    public NumberedHops Hops { get; } = new();

    /// <summary>Everything may be otherwise now. What workers look up from here on is unknown, until it is added again.</summary>
    public void Drop() => Interlocked.Increment(ref _generation);

    /// <summary>
    /// To be called when packets are received and not yet routed. What a guest sends after a route has changed is received after it, so
    /// from here on that change is known. To look before receiving would not do: both may come in between.
    /// </summary>
    internal void LookForNews()
    {
        if (_hasNews is { } hasNews && hasNews())
            Drop();
    }

    /// <summary>To be read before the host's routing is asked: what is dropped meanwhile may be what it answers.</summary>
    public int Generation => Volatile.Read(ref _generation);

    /// <summary>A way out leads there.</summary>
    /// <param name="to">By which way, and who packets are handed to on it.</param>
    /// <param name="answers">The same for packets that answer what was begun outside: for each way that is another, and where the source
    /// counts for each source.</param>
    /// <param name="by">The port whose packets go there.</param>
    /// <param name="until">The answer is to be asked for again then.</param>
    /// <param name="generation">Before it was asked for.</param>
    public void Add(Ipv4Address destination, WayTo to, IReadOnlyList<WayTo> answers, Port by, Instant until, int generation) =>
        Add(destination, Route.Out(to), answers, by, until, generation);

    /// <summary>The destination is the host.</summary>
    /// <param name="way">The way to it.</param>
    /// <inheritdoc cref="Add(Ipv4Address, WayTo, IReadOnlyList{WayTo}, Port, Instant, int)"/>
    public void AddHost(Ipv4Address destination, Outside way, Port by, Instant until, int generation) =>
        Add(destination, Route.ToHost(way, destination), [], by, until, generation);

    /// <summary>Nothing leads there, or something says that nothing may.</summary>
    /// <inheritdoc cref="Add(Ipv4Address, WayTo, IReadOnlyList{WayTo}, Port, Instant, int)"/>
    public void Add(Ipv4Address destination, NoWay why, IReadOnlyList<WayTo> answers, Port by, Instant until, int generation) =>
        Add(destination, why switch
        {
            NoWay.NoRoute => Refusal.NoRoute,
            NoWay.Unreachable => Refusal.Unreachable(DropReason.NoRoute, IcmpUnreachable.Host),
            NoWay.Prohibited => Refusal.Unreachable(DropReason.NoRoute, IcmpUnreachable.Prohibited),
            NoWay.Blackhole => new Refusal(DropReason.NoRoute),
            _ => throw new InvalidOperationException($"{why} is no reason for no way"),
        }, answers, by, until, generation);

    /// <summary>Finds what packets go by, for who asks again before workers have to wait.</summary>
    /// <param name="used">Gets some of what was used since the last call: what they are to have first after a change.</param>
    /// <param name="ending">Gets what is used and ends before <paramref name="end"/>.</param>
    public void TakeUsed(Instant now, Instant end, List<(Ipv4Address Destination, Port By)> used, List<(Ipv4Address, Port)> ending)
    {
        foreach (var known in _places)
        {
            if (known is not { IsUsed: true } || !Counts(known, now))
                continue;
            known.IsUsed = false;
            if (used.Count < used.Capacity)
                used.Add((known.Destination, known.By));
            if (known.Until <= end.Milliseconds)
                ending.Add((known.Destination, known.By));
        }
    }

    /// <summary>The destinations that there was an answer for, those used lately first: for who asks for them elsewhere.</summary>
    public IReadOnlyList<(Ipv4Address Destination, Port By)> Known(Instant now, int most) =>
        [.. _places.OfType<KnownRoute>().Where(known => known.Until > now.Milliseconds)
            .OrderByDescending(static known => known.IsUsed).Take(most).Select(static known => (known.Destination, known.By))];

    /// <summary>A destination is known.</summary>
    public bool Contains(Ipv4Address destination, Instant now) => TryFind(destination, now, out _);

    /// <summary>There was an answer for a destination, which would still count had nothing been dropped.</summary>
    internal bool WasKnown(Ipv4Address destination, Instant now)
    {
        foreach (var place in _places.AsSpan(FirstOf(destination), SetSize))
        {
            if (place is { } known && known.Destination == destination)
                return known.Until > now.Milliseconds;
        }
        return false;
    }

    internal bool TryFind(Ipv4Address destination, Instant now, out KnownRoute route)
    {
        var first = FirstOf(destination);
        for (var place = first; place < first + SetSize; place++)
        {
            if (Volatile.Read(ref _places[place]) is { } known && known.Destination == destination)
            {
                if (!known.IsUsed)
                    known.IsUsed = true;
                route = known;
                return Counts(known, now);
            }
        }
        route = null!;
        return false;
    }

    private bool Counts(KnownRoute known, Instant now) => known.Generation == Generation && known.Until > now.Milliseconds;

    private void Add(Ipv4Address destination, Route route, IReadOnlyList<WayTo> answers, Port by, Instant until, int generation)
    {
        WayTo[] others = [.. answers.Where(answer => answer.Way != route.Way || answer.From != default)];
        if (Array.Exists(others, static answer => answer.From != default))
            route = route.OfSource();
        var known = new KnownRoute(destination, route, others, by, generation, until.Milliseconds, _added++);
        ref var place = ref _places[PlaceFor(destination)];
        if (place is { By: var before } && --CollectionsMarshal.GetValueRefOrAddDefault(_taken, before, out _) == 0)
            _taken.Remove(before);
        CollectionsMarshal.GetValueRefOrAddDefault(_taken, by, out _)++;
        Volatile.Write(ref place, known);
    }

    private int PlaceFor(Ipv4Address destination)
    {
        var first = FirstOf(destination);
        var set = _places.AsSpan(first, SetSize);
        var free = -1;
        for (var i = 0; i < SetSize; i++)
        {
            // Where it stood before, it stands once.
            if (set[i]?.Destination == destination)
                return first + i;
            if (free < 0 && (set[i] is null || set[i]!.Generation != Generation))
                free = i;
        }
        return first + (free >= 0 ? free : OldestOfMost(set));
    }

    /// <param name="set">All its places are taken.</param>
    private int OldestOfMost(ReadOnlySpan<KnownRoute?> set)
    {
        var (worst, most) = (0, 0);
        for (var i = 0; i < set.Length; i++)
        {
            var taken = _taken[set[i]!.By];
            if (taken > most || (taken == most && set[i]!.Number < set[worst]!.Number))
                (worst, most) = (i, taken);
        }
        return worst;
    }

    /// <summary>With a seed of the process, as strangers choose the destination.</summary>
    private static int FirstOf(Ipv4Address destination) => (HashCode.Combine(destination.Value) & (Sets - 1)) * SetSize;
}
