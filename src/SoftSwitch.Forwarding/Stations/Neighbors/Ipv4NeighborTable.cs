using System.Runtime.CompilerServices;
using SoftSwitch.Forwarding.Budgets;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Stations.Neighbors;

/// <summary>
/// Which MAC address an IPv4 neighbor has (RFC 826), and how sure that is (states and times after RFC 4861, 7.3).
/// <para>
/// A table of guests has a place for every address of their subnet, as long as that has no more than <see cref="Limits.Neighbors"/>: nobody
/// can ever push out another. Outside there may be more, behind any number of subnets: who has most of them gives up his own, see
/// <see cref="NeighborPlaces"/>.
/// </para>
/// <para>
/// <b>Who works is not replaced by who says so</b> (RFC 4861, 7.2.5 and appendix C). Another MAC that claims a known address is a rival:
/// the known one is asked three times, itself and nobody else, and its packets go on meanwhile. Only when it doesn't answer has the rival
/// the address. The same questions are asked when a neighbor wasn't confirmed for a minute; then everybody is asked as for a new one. What
/// it sends meanwhile confirms it as well as an answer does. Questions can be lost: a flood to who should hear them keeps them from him.
/// Who has lost his address that way has it again with his first word, within <see cref="s_remembered"/>.
/// </para>
/// <para>
/// <b>Reading</b> takes no lock. Everything that changes an entry takes the lock; a packet to a neighbor that was confirmed within
/// <see cref="s_reachable"/> changes nothing.
/// </para>
/// </summary>
public sealed partial class Ipv4NeighborTable
{
    /// <summary>Neighbors needn't be in the subnet: where a cloud gives an address alone (/32), the router is elsewhere; and a link can
    /// have more than one subnet.</summary>
    private const int MinimumPlaces = 256, MinimumPlacesOutside = 16_384;

    private const int MaximumProbes = 3;

    /// <summary>
    /// RFC 1122, 2.3.2.1: a second, less what one of the station's ticks may come early, or every other would find nothing due.
    /// </summary>
    private const long BetweenProbes = 950;
    private const long FailedFor = 3_000;

    private static readonly long s_reachable = (long)TimeSpan.FromSeconds(60).TotalMilliseconds;
    private static readonly long s_remembered = (long)TimeSpan.FromMinutes(10).TotalMilliseconds;
    private static readonly long s_forgotten = (long)TimeSpan.FromMinutes(20).TotalMilliseconds;

    private readonly NeighborPlaces _places;
    private readonly Lock _writing = new();
    private readonly bool _areGuests;
    private int _inDoubt;
    private int _sweepAt;

    /// <param name="subnet">The subnet that the neighbors are in.</param>
    /// <param name="areGuests">None is elsewhere.</param>
    public Ipv4NeighborTable(Ipv4Subnet subnet, bool areGuests)
    {
        _areGuests = areGuests;
        var addresses = 1UL << (32 - subnet.PrefixLength);
        _places = new((int)ulong.Clamp(addresses, (ulong)(areGuests ? MinimumPlaces : MinimumPlacesOutside), (ulong)Limits.Neighbors.Most));
    }

    /// <summary>Some known neighbor is being asked whether it is still there, or has lost its address because it didn't say so: what it
    /// sends says it (<see cref="Confirm(Ipv4Address, MacAddress, Instant)"/>).</summary>
    public bool HasDoubts
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Volatile.Read(ref _inDoubt) > 0;
    }

    /// <summary>Says what to do with a packet for a neighbor, and its address where that is to send.</summary>
    /// <param name="by">The port that the packet came in by, for which the neighbor counts if it is new.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Resolution Resolve(Ipv4Address address, Port by, Instant now, out MacAddress mac)
    {
        var entry = _places.ReadOf(address.Value);
        if (entry.Address == address.Value && entry.State == NeighborState.Reachable && now.Milliseconds - entry.Confirmed < s_reachable)
        {
            mac = new(entry.Mac);
            return Resolution.Send;
        }
        return Ask(address, by, now, out mac);
    }

    /// <summary>
    /// The question that <see cref="Resolve"/> or <see cref="Ask"/> has just wanted was not sent: it is none that the neighbor left
    /// unanswered, and the next packet wants it again, whoever's that is.
    /// </summary>
    public void TakeBack(Ipv4Address address, Instant now)
    {
        lock (_writing)
        {
            var number = _places.Find(address.Value);
            // It may have spoken meanwhile, or given its place to another.
            if (number < 0 || _places.Read(number) is not { Probes: > 0 } entry || entry.Asked != now.Milliseconds)
                return;
            // Nobody has been asked for it yet: it is no neighbor, and takes no place.
            if (entry is { Probes: 1, State: NeighborState.Incomplete, Confirmed: 0 })
                Remove(number);
            else
                Set(number, entry with { Asked = now.Milliseconds - BetweenProbes, Probes = (byte)(entry.Probes - 1) });
        }
    }

    /// <summary>It was asked for not long ago and didn't answer: nothing can be sent to it now.</summary>
    public bool HasFailed(Ipv4Address address, Instant now)
    {
        var entry = _places.ReadOf(address.Value);
        return entry.Address == address.Value && entry.State == NeighborState.Failed && now.Milliseconds - entry.Asked < FailedFor;
    }

    /// <summary>The address that a neighbor had last, whether it is confirmed or not; none while that isn't known. Nobody is
    /// asked.</summary>
    public MacAddress MacOf(Ipv4Address address) =>
        _places.ReadOf(address.Value) is var entry && entry.Address == address.Value ? new(entry.Mac) : default;

    /// <summary>Nothing is known of a neighbor any more: it is asked for when it is needed next.</summary>
    public void Forget(Ipv4Address address)
    {
        lock (_writing)
        {
            if (_places.Find(address.Value) is var number and >= 0)
                Remove(number);
        }
    }

    /// <summary>Nothing is known of any: the link was down, and others may be there now.</summary>
    public void ForgetAll()
    {
        lock (_writing)
        {
            for (var number = 0; number < _places.Used; number++)
            {
                if (_places.Read(number).State != NeighborState.None)
                    Remove(number);
            }
        }
    }

    /// <summary>Adds the neighbors to a list.</summary>
    public void CopyTo(ICollection<Neighbor> neighbors, Instant now)
    {
        for (var number = 0; number < _places.Used; number++)
        {
            var entry = _places.Read(number);
            if (entry.State == NeighborState.None)
                continue;
            var age = now.Milliseconds - (entry.State is NeighborState.Reachable ? entry.Confirmed : entry.Asked);
            var state = entry.State == NeighborState.Reachable && age >= s_reachable ? NeighborState.Stale : entry.State;
            MacAddress? mac = state is NeighborState.Reachable or NeighborState.Stale ? new(entry.Mac) : null;
            neighbors.Add(new(new(entry.Address), mac, state, (uint)(long.Max(age, 0) / 1000)));
        }
    }

    /// <summary>Forgets neighbors that nobody has heard of or asked for in a long time, and who has had an address before, of the next
    /// places in turn.</summary>
    /// <param name="now">The time.</param>
    /// <param name="places">How many; all, if there are no more.</param>
    public void Sweep(Instant now, int places)
    {
        for (var left = int.Min(places, _places.Used); left > 0; left--)
        {
            var number = _sweepAt < _places.Used ? _sweepAt : 0;
            _sweepAt = number + 1;
            var entry = _places.Read(number);
            if (!IsForgotten(entry, now) && !IsFormerForgotten(entry, now))
                continue;
            lock (_writing)
            {
                entry = _places.Read(number);
                if (IsForgotten(entry, now))
                    Remove(number);
                else if (IsFormerForgotten(entry, now))
                    Set(number, entry with { Former = 0 });
            }
        }
    }

    /// <summary>Says what to do with a packet for a neighbor, also where it is known for certain: who has a rival is asked.</summary>
    public Resolution Ask(Ipv4Address address, Port by, Instant now, out MacAddress mac)
    {
        lock (_writing)
        {
            var time = now.Milliseconds;
            var number = _places.Find(address.Value);
            if (number < 0 && !TryAdd(address, by, time, out number))
            {
                mac = default;
                return Resolution.NoRoom;
            }
            var entry = _places.Read(number);
            var next = Next(entry, time, out var resolution);
            if (next != entry)
                Set(number, next);
            mac = new(next.Mac);
            return resolution;
        }
    }

    /// <summary>What an entry becomes with a packet for its neighbor, or when its turn to be asked comes.</summary>
    private static NeighborEntry Next(in NeighborEntry entry, long time, out Resolution resolution)
    {
        var next = entry;
        if (entry.State == NeighborState.None || (entry.State == NeighborState.Failed && time - entry.Asked >= FailedFor))
            next = entry with { State = NeighborState.Incomplete, Asked = time - BetweenProbes, Probes = 0 };
        var isDue = time - next.Asked >= BetweenProbes;
        if (isDue && next is { State: NeighborState.Reachable, Probes: MaximumProbes })
        {
            // It doesn't answer: the rival has the address, or anybody. Who took it from another doesn't become the one who had it before.
            var lost = next.Former == 0 ? next with { Former = next.Mac, Lost = time } : next;
            next = next.Rival != 0
                ? lost with { Mac = next.Rival, Rival = 0, Confirmed = time, Probes = 0 }
                : lost with { State = NeighborState.Incomplete, Mac = 0, Probes = 0 };
        }
        else if (isDue && next is { State: NeighborState.Incomplete, Probes: MaximumProbes })
        {
            next = next with { State = NeighborState.Failed, Asked = time };
        }
        var isSure = next.Rival == 0 && time - next.Confirmed < s_reachable;
        resolution = next.State switch
        {
            NeighborState.Reachable => isDue && !isSure ? Resolution.SendAndAsk : Resolution.Send,
            NeighborState.Failed => Resolution.Unreachable,
            _ => isDue ? Resolution.HoldAndAsk : Resolution.Hold,
        };
        return resolution is Resolution.SendAndAsk or Resolution.HoldAndAsk
            ? next with { Asked = time, Probes = (byte)(next.Probes + 1) }
            : next;
    }

    private static bool IsForgotten(in NeighborEntry entry, Instant now) =>
        entry.State != NeighborState.None && now.Milliseconds - long.Max(entry.Confirmed, entry.Asked) >= s_forgotten;

    private static bool IsFormerForgotten(in NeighborEntry entry, Instant now) =>
        entry.Former != 0 && now.Milliseconds - entry.Lost >= s_remembered;

    /// <summary>Called with the lock held, as all that follows.</summary>
    private bool TryAdd(Ipv4Address address, Port by, long time, out int number)
    {
        number = -1;
        if (_places.IsFull)
        {
            if (_places.Least(by, time - s_reachable) is not (var least and >= 0))
                return false;
            Remove(least);
        }
        number = _places.Add(address.Value, by);
        return true;
    }

    private void Set(int number, in NeighborEntry entry)
    {
        CountDoubt(_places.Read(number), entry);
        _places.Set(number, entry);
    }

    private void Remove(int number)
    {
        CountDoubt(_places.Read(number), default);
        _places.Remove(number);
    }

    private void CountDoubt(in NeighborEntry before, in NeighborEntry after)
    {
        if (before.Rival != 0 && after.Rival == 0)
            EndDispute(new(before.Address));
        Volatile.Write(ref _inDoubt, _inDoubt + (IsDoubt(after) ? 1 : 0) - (IsDoubt(before) ? 1 : 0));

        static bool IsDoubt(in NeighborEntry entry) => entry.IsInDoubt || entry.Former != 0;
    }
}
