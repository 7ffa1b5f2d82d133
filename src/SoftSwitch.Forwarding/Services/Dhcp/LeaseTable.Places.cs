using System.Diagnostics.CodeAnalysis;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Services.Dhcp;

/// <summary>Which address a client gets, and what becomes of it. All of it under the lock.</summary>
public sealed partial class LeaseTable
{
    /// <summary>Addresses that are looked at for one client: those before were somebody else's.</summary>
    private const int MostLooked = 8;

    /// <summary>Notes of when to look at a lease that mean nothing any more, beside as many as there are leases.</summary>
    private const int MostOldLooks = 64;

    private static AddressRangeBits BitsOf(DhcpScope scope)
    {
        var count = scope.Range.Last.Value - scope.Range.First.Value + 1L;
        var bits = new AddressRangeBits(scope.Range.First, (int)long.Min(count, DhcpScope.MostAddresses));
        foreach (var taken in scope.Taken.Append(scope.Server).Append(scope.Subnet.Address).Append(scope.Subnet.Broadcast)
            .Concat(scope.Reservations.Select(reservation => reservation.Address)))
            bits.Exclude(taken);
        return bits;
    }

    private void Change(DhcpScope scope)
    {
        var (bits, given) = (BitsOf(scope), BitsOf(scope));
        foreach (var lease in _byAddress.Values.ToArray())
        {
            var reservation = Reserved(scope, lease.Client.Id, lease.Mac, lease.IsCertain);
            var isSame = lease.Reservation is null ? given.IsFree(lease.Address) && reservation is null
                : reservation?.Address == lease.Address;
            if (isSame)
                lease.Reservation = reservation;
            if (!isSame)
                lease.Owner.ByClient.Remove(lease.Client);
            if (!isSame && lease.State is not LeaseState.Bound)
                End(lease);
            else
                bits.Take(lease.Address);
        }
        _candidates.Clear();
        Volatile.Write(ref _bits, bits);
        Volatile.Write(ref _scope, scope);
    }

    private void Restore(LeaseRecord record, Instant now)
    {
        if (_byAddress.ContainsKey(record.Address) || Find(record.Port, record.Client.Id) is not null)
            return;
        var owner = Owner(record.Port);
        // It was certain when the lease was given.
        var reservation = Reserved(_scope, record.Client.Id, record.Mac, isCertain: true);
        if (reservation is null ? !IsFree(record.Address) || owner.Count >= _scope.MostOfPort : reservation.Address != record.Address)
            return;
        _candidates.Remove(record.Address);
        var lease = Add(record.Address, owner, record.Client.Id, reservation);
        (lease.Mac, lease.WasBound, lease.LentUntil) = (record.Mac, true, record.Until);
        var isBound = record.State == LeaseState.Bound && record.Until.Milliseconds > now.Milliseconds;
        Set(lease, isBound ? LeaseState.Bound : LeaseState.Kept, record.Until);
        if (isBound && record.HostName is { } name)
            Call(lease, name, now);
    }

    /// <summary>What a client has or had, if it can have that still. What it has, nobody takes by saying to have it.</summary>
    private Lease? Known(string port, ReadOnlySpan<byte> id, MacAddress mac, Instant now)
    {
        var lease = Find(port, id);
        if (lease is null || lease.Reservation is not null || lease.State == LeaseState.Bound
            || !IsAnothers(lease.Address, mac, now, out var other))
            return lease;
        End(lease);
        Blame(lease.Address, other, now);
        return null;
    }

    private Lease? New(string port, ReadOnlySpan<byte> id, MacAddress mac, bool isCertain, Ipv4Address wish, Instant now)
    {
        if (Reserved(_scope, id, mac, isCertain) is { } reservation)
            return TryTake(port, id, mac, isCertain, reservation.Address, now, instead: null);
        if (wish.Value != 0 && TryTake(port, id, mac, isCertain, wish, now, instead: null) is { } wished)
            return wished;
        var owner = Owner(port);
        if (!MakeRoom(owner, null))
            return null;
        if (!TryTakeNext(mac, now, out var address, out var isAsked))
            return null;
        var lease = Add(address, owner, id, null);
        lease.IsUnasked = !isAsked;
        return lease;
    }

    /// <summary>Takes this address for a client, and no other.</summary>
    /// <param name="instead">What the client gives up for it.</param>
    private Lease? TryTake(
        string port, ReadOnlySpan<byte> id, MacAddress mac, bool isCertain, Ipv4Address address, Instant now, Lease? instead)
    {
        var reservation = Reserved(_scope, id, mac, isCertain);
        if (reservation is not null)
        {
            // A guest that has moved to another port, or boots by two programs, is the same station. Anybody can say another's identifier.
            if (reservation.Address != address
                || (_byAddress.TryGetValue(address, out var before) && before.State == LeaseState.Bound && before.Mac != mac))
                return null;
            if (before is not null)
                End(before);
        }
        else if (!IsFree(address) || IsAnothers(address, mac, now, out _)
            || !MakeRoom(Owner(port), instead))
        {
            return null;
        }
        if (instead is not null && Find(port, id) == instead)
            End(instead);
        _candidates.Remove(address);
        var lease = Add(address, Owner(port), id, reservation);
        lease.IsUnasked = reservation is null;
        return lease;
    }

    private bool IsFree(Ipv4Address address) => _bits.IsFree(address) || _candidates.Contains(address);

    private PortLeases Owner(string port)
    {
        if (!_ports.TryGetValue(port, out var owner))
            _ports.Add(port, owner = new(port));
        return owner;
    }

    /// <summary>Makes the port able to have one more.</summary>
    /// <param name="instead">What it is about to give up.</param>
    private bool MakeRoom(PortLeases owner, Lease? instead)
    {
        if (owner.Count < _scope.MostOfPort || instead is { Reservation: null })
            return true;
        if (owner.Least is not { } least)
            return false;
        End(least);
        return true;
    }

    /// <summary>Takes an address that nobody has: best one that was asked for.</summary>
    private bool TryTakeNext(MacAddress mac, Instant now, out Ipv4Address address, out bool isAsked)
    {
        for (var left = MostLooked; left > 0; left--)
        {
            isAsked = _candidates.TryTake(out address);
            if (!isAsked && !_bits.TryTakeNext(out address) && !(isAsked = _candidates.TryTakeAsked(out address))
                && !TryTakeKept(out address))
                return false;
            if (!IsAnothers(address, mac, now, out var other))
                return true;
            Blame(address, other, now);
        }
        (address, isAsked) = (default, false);
        return false;
    }

    /// <summary>Shares may be more than there is. Then the port that keeps the most gives up what it has kept longest.</summary>
    private bool TryTakeKept(out Ipv4Address address)
    {
        address = default;
        if (_ports.Values.MaxBy(port => port.Kept.Count)?.Kept.First?.Value is not { } kept)
            return false;
        address = kept.Address;
        End(kept);
        _bits.Take(address);
        return true;
    }

    /// <summary>Somebody else has said in ARP that he has an address. Who says so of more than his port's share isn't believed.</summary>
    /// <param name="other">The port that he is behind.</param>
    private bool IsAnothers(Ipv4Address address, MacAddress mac, Instant now, [NotNullWhen(true)] out PortLeases? other)
    {
        other = null;
        if (!_bridge.AddressPlaces.TryFind(address, now, out var owner, out var slot) || owner == mac
            || _bridge.View[slot]?.Port.Name is not { } port)
            return false;
        other = Owner(port);
        return other.Count < _scope.MostOfPort || other.Least is not null;
    }

    /// <summary>A free address is somebody's: it counts for the port that he is behind.</summary>
    private void Blame(Ipv4Address address, PortLeases other, Instant now)
    {
        MakeRoom(other, null);
        Mark(Add(address, other, [], null), now);
    }

    private Lease Add(Ipv4Address address, PortLeases owner, ReadOnlySpan<byte> id, DhcpReservation? reservation)
    {
        var lease = new Lease(address, owner, new(id)) { Reservation = reservation, State = LeaseState.Offered };
        _bits.Take(address);
        _byAddress[address] = lease;
        if (id.Length > 0)
            owner.ByClient[lease.Client] = lease;
        if (reservation is null)
            owner.Count++;
        return lease;
    }

    /// <summary>It is given to nobody for a while.</summary>
    private void Mark(Lease lease, Instant now)
    {
        if (lease.Owner.ByClient.GetValueOrDefault(lease.Client) == lease)
            lease.Owner.ByClient.Remove(lease.Client);
        Set(lease, LeaseState.Conflicting, now + s_conflict);
    }

    private void Set(Lease lease, LeaseState state, Instant until)
    {
        // Who renews all the time changes little: it is told when an eighth of the time has passed.
        var isTold = state == LeaseState.Bound && lease.State == LeaseState.Bound
            && until.Milliseconds < lease.ToldUntil + (long)_scope.LeaseTime.TotalMilliseconds / 8;
        if (state == LeaseState.Bound != (lease.State == LeaseState.Bound))
            TellLent(lease, state == LeaseState.Bound);
        (lease.State, lease.Until) = (state, until);
        if (state != LeaseState.Offered && !isTold)
        {
            lease.ToldUntil = until.Milliseconds;
            Interlocked.Increment(ref _changes);
        }
        lease.Spare?.List?.Remove(lease.Spare);
        lease.Spare = lease.Reservation is not null ? null : state switch
        {
            LeaseState.Kept => lease.Owner.Kept.AddLast(lease),
            LeaseState.Offered => lease.Owner.Offered.AddLast(lease),
            _ => null,
        };
        // Sooner than it would be looked at; later it finds out then.
        if (state != LeaseState.Kept && !(lease.LookedAt <= until.Milliseconds))
            LookAt(lease, until);
    }

    private void LookAt(Lease lease, Instant at)
    {
        lease.LookedAt = at.Milliseconds;
        _looks.Enqueue(lease, at.Milliseconds);
        if (_looks.Count > 2 * _byAddress.Count + MostOldLooks)
            DropOldLooks();
    }

    /// <summary>What was noted of leases that have ended, or are looked at sooner, means nothing by now. There is more of it than of the
    /// rest, so this costs no more than noting did.</summary>
    private void DropOldLooks()
    {
        _looks.Clear();
        foreach (var lease in _byAddress.Values)
        {
            if (lease.LookedAt is { } at)
                _looks.Enqueue(lease, at);
        }
    }

    /// <summary>The moment has come for which it was noted.</summary>
    private void Look(Lease lease, Instant now)
    {
        lease.LookedAt = null;
        if (_byAddress.GetValueOrDefault(lease.Address) != lease || lease.State == LeaseState.Kept)
            return;
        if (lease.Until.Milliseconds > now.Milliseconds)
            LookAt(lease, lease.Until);
        else if (lease.State == LeaseState.Conflicting || lease.Owner.ByClient.GetValueOrDefault(lease.Client) != lease)
            End(lease);
        else if (lease.State == LeaseState.Offered)
            EndOffer(lease, now);
        else
            Set(lease, LeaseState.Kept, lease.Until);
    }

    private void EndOffer(Lease lease, Instant now)
    {
        if (lease.WasBound)
            Set(lease, LeaseState.Kept, now);
        else
            End(lease);
    }

    /// <summary>Nobody has the address any more.</summary>
    private void End(Lease lease)
    {
        var owner = lease.Owner;
        if (lease.State != LeaseState.Offered)
            Interlocked.Increment(ref _changes);
        if (lease.State == LeaseState.Bound)
            TellLent(lease, isLent: false);
        Forget(lease);
        lease.Spare?.List?.Remove(lease.Spare);
        if (owner.ByClient.GetValueOrDefault(lease.Client) == lease)
            owner.ByClient.Remove(lease.Client);
        _byAddress.Remove(lease.Address);
        if (lease.Reservation is null)
        {
            owner.Count--;
            _bits.Give(lease.Address);
        }
    }
}
