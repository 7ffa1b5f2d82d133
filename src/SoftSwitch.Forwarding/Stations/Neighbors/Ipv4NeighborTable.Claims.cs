using System.Diagnostics.CodeAnalysis;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Stations.Neighbors;

/// <summary>What neighbors say of themselves, and what becomes of it where two say the same.</summary>
public sealed partial class Ipv4NeighborTable
{
    /// <summary>The addresses that two claim, each with the port that the second one's claim came in by; who is next comes first.</summary>
    private readonly LinkedList<(Ipv4Address Address, Port By)> _disputes = [];
    private readonly Dictionary<Ipv4Address, LinkedListNode<(Ipv4Address Address, Port By)>> _disputed = [];

    /// <summary>Notes what a neighbor said of itself.</summary>
    /// <param name="by">The port that it came in by, for which the neighbor counts if it is new.</param>
    /// <param name="create">Also when nobody asked: for who asked us. Otherwise only what is known or asked for is brought up to
    /// date.</param>
    public Hearing Learn(Ipv4Address address, MacAddress mac, Port by, Instant now, bool create)
    {
        var time = now.Milliseconds;
        var before = _places.ReadOf(address.Value);
        if (before is { State: NeighborState.Reachable, IsInDoubt: false } && before.Mac == mac.Value
            && time - before.Confirmed < BetweenProbes)
            return Hearing.Noted;
        lock (_writing)
        {
            var number = _places.Find(address.Value);
            if (number < 0 && !(create && TryAdd(address, by, time, out number)))
                return Hearing.Noted;
            var entry = _places.Read(number);
            if (entry.State == NeighborState.Reachable && entry.Mac != mac.Value && entry.Former != mac.Value)
                return time - entry.Confirmed < BetweenProbes ? Hearing.Noted : Hearing.Disputed;
            Confirm(number, entry, mac, time);
            return entry.State is NeighborState.Incomplete or NeighborState.Failed ? Hearing.Answered : Hearing.Noted;
        }
    }

    /// <summary>Another MAC has claimed the address of a neighbor that is known, and the known one can be asked.</summary>
    /// <param name="by">The port that the claim came in by, for which the questions count.</param>
    /// <param name="mac">Who is to be asked now.</param>
    /// <returns>False: nobody, for he has been asked a moment ago, or has just spoken.</returns>
    public bool TryDispute(Ipv4Address address, MacAddress rival, Port by, Instant now, out MacAddress mac)
    {
        mac = default;
        lock (_writing)
        {
            var number = _places.Find(address.Value);
            if (number < 0 || _places.Read(number) is not { State: NeighborState.Reachable } entry || entry.Mac == rival.Value)
                return false;
            // Of several rivals the first counts, till that is decided. What was asked before there was one counts for nothing.
            var next = entry.Rival == 0 ? entry with { Rival = rival.Value, Probes = 0 } : entry;
            if (entry.Rival == 0)
                _disputed.Add(address, _disputes.AddLast((address, by)));
            var isDue = now.Milliseconds - next.Asked >= BetweenProbes && next.Probes < MaximumProbes;
            if (isDue)
                next = next with { Asked = now.Milliseconds, Probes = (byte)(next.Probes + 1) };
            Set(number, next);
            mac = new(next.Mac);
            return isDue;
        }
    }

    /// <summary>A packet that came from a neighbor is as good as an answer. Of one that has lost its address that holds where packets have
    /// their senders' addresses, as those of guests: a router that is none any more may go on bringing others' packets.</summary>
    public void Confirm(Ipv4Address address, MacAddress mac, Instant now)
    {
        if (!IsConfirmedBy(_places.ReadOf(address.Value), mac))
            return;
        lock (_writing)
        {
            var number = _places.Find(address.Value);
            if (number >= 0 && _places.Read(number) is var entry && IsConfirmedBy(entry, mac))
                Confirm(number, entry, mac, now.Milliseconds);
        }
    }

    /// <summary>Addresses that two claim.</summary>
    internal int DisputeCount
    {
        get
        {
            lock (_writing)
                return _disputes.Count;
        }
    }

    /// <summary>The next address that two claim, round and round.</summary>
    /// <param name="by">The port that pays for the questions about it.</param>
    internal bool TryNextDispute(out Ipv4Address address, [NotNullWhen(true)] out Port? by)
    {
        lock (_writing)
        {
            (address, by) = _disputes.First?.Value ?? default;
            if (_disputes.First is not { } first)
                return false;
            _disputes.RemoveFirst();
            _disputes.AddLast(first);
            return true;
        }
    }

    /// <summary>Called with the lock held.</summary>
    private void EndDispute(Ipv4Address address)
    {
        if (_disputed.Remove(address, out var dispute))
            _disputes.Remove(dispute);
    }

    private bool IsConfirmedBy(in NeighborEntry entry, MacAddress mac) => entry.State == NeighborState.Reachable
        && (entry.Mac == mac.Value ? entry.IsInDoubt : _areGuests && entry.Former == mac.Value && mac.Value != 0);

    private void Confirm(int number, in NeighborEntry entry, MacAddress mac, long time) => Set(number, entry with
    {
        Mac = mac.Value,
        Rival = 0,
        Former = entry.Former == mac.Value ? 0 : entry.Former,
        State = NeighborState.Reachable,
        Confirmed = time,
        Probes = 0,
    });
}
