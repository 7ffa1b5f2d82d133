using System.Runtime.CompilerServices;
using SoftSwitch.Forwarding.Memory;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Stations.Neighbors;

/// <summary>
/// Which MAC address an IPv4 neighbor has (RFC 826), and how sure that is (states and times after RFC 4861, 7.3).
/// <para>
/// An address has one place, given by its low bits. A table as large as its subnet has a place for every address in it, so nobody's entry
/// can ever push out another's; in a subnet of more than <see cref="MaximumPlaces"/> addresses, which only the outside can be, two that
/// share a place take turns.
/// </para>
/// <para>
/// <b>Reading</b> takes no lock: an entry carries a version that is odd while it is written and is read before and after. Everything that
/// changes an entry takes the lock; a packet to a neighbor that was confirmed within <see cref="s_reachable"/> changes nothing.
/// </para>
/// </summary>
public sealed unsafe class Ipv4NeighborTable
{
    public const int MaximumPlaces = 65_536;

    /// <summary>Neighbors needn't be in the subnet: where a cloud gives an address alone (/32), the router is elsewhere.</summary>
    private const int MinimumPlaces = 256;

    private const int MaximumProbes = 3;

    /// <summary>
    /// RFC 1122, 2.3.2.1: a second, less what one of the station's ticks may come early, or every other would find nothing due.
    /// </summary>
    private const long BetweenProbes = 950;
    private const long FailedFor = 3_000;

    private static readonly long s_reachable = (long)TimeSpan.FromSeconds(60).TotalMilliseconds;
    private static readonly long s_forgotten = (long)TimeSpan.FromMinutes(20).TotalMilliseconds;

    private readonly NativeTable _memory;
    private readonly Entry* _entries;
    private readonly uint _mask;
    private readonly Lock _writing = new();

    /// <param name="subnet">The subnet that the neighbors are in.</param>
    public Ipv4NeighborTable(Ipv4Subnet subnet)
    {
        var addresses = 1UL << (32 - subnet.PrefixLength);
        var places = (int)ulong.Clamp(addresses, MinimumPlaces, MaximumPlaces);
        _mask = (uint)places - 1;
        _memory = new((long)places * sizeof(Entry));
        _entries = (Entry*)_memory.Start;
    }

    /// <summary>Says what to do with a packet for a neighbor, and its address where that is to send.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Resolution Resolve(Ipv4Address address, Instant now, out MacAddress mac)
    {
        var entry = Read(address);
        if (entry.Address == address.Value && entry.State == NeighborState.Reachable && now.Milliseconds - entry.Confirmed < s_reachable)
        {
            mac = new(entry.Mac);
            return Resolution.Send;
        }
        return ResolveSlowly(address, now, out mac);
    }

    /// <summary>
    /// The question that <see cref="Resolve"/> has just wanted was not sent: it is none that the neighbor left unanswered, and the next
    /// packet wants it again, whoever's that is.
    /// </summary>
    public void TakeBack(Ipv4Address address, Instant now)
    {
        lock (_writing)
        {
            ref var entry = ref At(address);
            // It may have spoken meanwhile, or given its place to another.
            if (entry.Address == address.Value && entry.Probes > 0 && entry.Asked == now.Milliseconds)
                Write(ref entry, entry with { Asked = now.Milliseconds - BetweenProbes, Probes = (byte)(entry.Probes - 1) });
        }
    }

    /// <summary>It was asked for not long ago and didn't answer: nothing can be sent to it now.</summary>
    public bool HasFailed(Ipv4Address address, Instant now)
    {
        var entry = Read(address);
        return entry.Address == address.Value && entry.State == NeighborState.Failed && now.Milliseconds - entry.Asked < FailedFor;
    }

    /// <summary>The address that a neighbor had last, whether it is confirmed or not; none while that isn't known. Nobody is
    /// asked.</summary>
    public MacAddress MacOf(Ipv4Address address) => Read(address) is var entry && entry.Address == address.Value ? new(entry.Mac) : default;

    /// <summary>Notes what a neighbor said of itself.</summary>
    /// <param name="create">Also when nobody asked: for who asked us. Otherwise only what is known or asked for is brought up to
    /// date.</param>
    /// <returns>True when the neighbor was asked for, so that packets may be waiting.</returns>
    public bool Learn(Ipv4Address address, MacAddress mac, Instant now, bool create)
    {
        var before = Read(address);
        if (before.Address == address.Value && before.State == NeighborState.Reachable && before.Mac == mac.Value
            && now.Milliseconds - before.Confirmed < BetweenProbes)
            return false;
        lock (_writing)
        {
            ref var entry = ref At(address);
            var isKnown = entry.Address == address.Value && entry.State != NeighborState.None;
            if (!isKnown && !create)
                return false;
            var wasAsked = isKnown && entry.State is NeighborState.Incomplete or NeighborState.Failed;
            Write(ref entry, new()
            {
                Address = address.Value,
                Mac = mac.Value,
                State = NeighborState.Reachable,
                Confirmed = now.Milliseconds,
                Asked = entry.Asked,
            });
            return wasAsked;
        }
    }

    /// <summary>Nothing is known of a neighbor any more: it is asked for when it is needed next.</summary>
    public void Forget(Ipv4Address address)
    {
        lock (_writing)
        {
            ref var entry = ref At(address);
            if (entry.Address == address.Value)
                Write(ref entry, default);
        }
    }

    /// <summary>Adds the neighbors to a list.</summary>
    public void CopyTo(ICollection<Neighbor> neighbors, Instant now)
    {
        for (uint place = 0; place <= _mask; place++)
        {
            var entry = Read(new(place));
            if (entry.State == NeighborState.None)
                continue;
            var age = now.Milliseconds - (entry.State is NeighborState.Reachable ? entry.Confirmed : entry.Asked);
            var state = entry.State == NeighborState.Reachable && age >= s_reachable ? NeighborState.Stale : entry.State;
            MacAddress? mac = state is NeighborState.Reachable or NeighborState.Stale ? new(entry.Mac) : null;
            neighbors.Add(new(new(entry.Address), mac, state, (uint)(long.Max(age, 0) / 1000)));
        }
    }

    /// <summary>Forgets neighbors that nobody has heard of or asked for in a long time.</summary>
    public void Sweep(Instant now)
    {
        for (uint place = 0; place <= _mask; place++)
        {
            if (Read(new(place)) is not { State: not NeighborState.None } seen
                || now.Milliseconds - long.Max(seen.Confirmed, seen.Asked) < s_forgotten)
                continue;
            lock (_writing)
            {
                ref var entry = ref At(new(place));
                if (now.Milliseconds - long.Max(entry.Confirmed, entry.Asked) >= s_forgotten)
                    Write(ref entry, default);
            }
        }
    }

    private Resolution ResolveSlowly(Ipv4Address address, Instant now, out MacAddress mac)
    {
        lock (_writing)
        {
            ref var entry = ref At(address);
            var next = entry;
            var time = now.Milliseconds;
            if (entry.Address != address.Value || entry.State == NeighborState.None)
                next = new() { Address = address.Value, State = NeighborState.Incomplete, Asked = time - BetweenProbes };
            else if (entry.State == NeighborState.Failed && time - entry.Asked >= FailedFor)
                next = entry with { State = NeighborState.Incomplete, Probes = 0 };

            var due = time - next.Asked >= BetweenProbes;
            var resolution = next.State switch
            {
                NeighborState.Reachable when time - next.Confirmed < s_reachable => Resolution.Send,
                NeighborState.Reachable when due => Resolution.SendAndAsk,
                NeighborState.Reachable => Resolution.Send,
                NeighborState.Failed => Resolution.Unreachable,
                _ when due => Resolution.HoldAndAsk,
                _ => Resolution.Hold,
            };
            if (resolution is Resolution.SendAndAsk or Resolution.HoldAndAsk)
            {
                if (next.Probes == MaximumProbes)
                {
                    next = next with { State = NeighborState.Failed, Asked = time };
                    resolution = Resolution.Unreachable;
                }
                else
                {
                    next = next with { Asked = time, Probes = (byte)(next.Probes + 1) };
                }
            }
            if (next != entry)
                Write(ref entry, next);
            mac = new(next.Mac);
            return resolution;
        }
    }

    /// <summary>A whole entry, as it was at one moment; an empty one when it is being written.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Entry Read(Ipv4Address address)
    {
        ref var entry = ref At(address);
        var version = Volatile.Read(ref entry.Version);
        var copy = entry;
        Volatile.ReadBarrier();
        return (version & 1) == 0 && version == Volatile.Read(ref entry.Version) ? copy : default;
    }

    /// <summary>Called with the lock held.</summary>
    private static void Write(ref Entry entry, Entry value)
    {
        var version = entry.Version;
        Volatile.Write(ref entry.Version, version + 1);
        Volatile.WriteBarrier();
        value.Version = version + 1;
        entry = value;
        Volatile.Write(ref entry.Version, version + 2);
    }

    // SAFETY: the mask is one less than the number of entries, a power of two.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref Entry At(Ipv4Address address) => ref _entries[address.Value & _mask];

    private record struct Entry
    {
        public uint Version;
        public uint Address;
        public ulong Mac;
        public long Confirmed;
        public long Asked;
        public NeighborState State;
        public byte Probes;
    }
}
