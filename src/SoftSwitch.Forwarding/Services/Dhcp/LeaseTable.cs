using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Services.Dhcp;

/// <summary>
/// Which address of a network is whose. A lease belongs to a client behind a port: the same client behind another port is another one, so
/// nobody gets, gives back or declines what is another port's.
/// <code>
///   free ──► offered ──► bound ◄──► kept ──► free      kept for a client that may come back, until a new one needs the place
///               │          │
///               └──► free  └──► conflicting ──► free   after a while
/// </code>
/// Whatever isn't free counts for its port, up to a share (<see cref="DhcpScope.MostOfPort"/>); a port at its share gives up what it keeps,
/// then what it was offered, and what is bound for nobody. A reserved address counts for nobody, and is its client's whatever happens.
/// <para>
/// An address that somebody has said to be his in ARP is given to nobody else. To hear of silent ones, some free addresses are asked for
/// before anybody needs them (<see cref="Candidates"/>).
/// </para>
/// <para>Any worker may call, and the control plane. All is under one lock, which is held for some look-ups.</para>
/// </summary>
public sealed partial class LeaseTable
{
    private static readonly TimeSpan s_offer = TimeSpan.FromSeconds(30), s_conflict = TimeSpan.FromMinutes(10);

    private readonly Bridge _bridge;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, PortLeases> _ports = [];
    private readonly Dictionary<Ipv4Address, Lease> _byAddress = [];
    private readonly PriorityQueue<Lease, long> _looks = new();
    private readonly Candidates _candidates = new();
    private DhcpScope _scope;
    private AddressRangeBits _bits;
    private long _changes;

    /// <param name="bridge">The network.</param>
    /// <param name="scope">What it gives.</param>
    public LeaseTable(Bridge bridge, DhcpScope scope)
    {
        (_bridge, _scope) = (bridge, scope);
        _bits = BitsOf(scope);
    }

    /// <summary>What the network gives. Who has an address that he could not get any more keeps it until its time has come, and no
    /// longer.</summary>
    public DhcpScope Scope
    {
        get => Volatile.Read(ref _scope);
        set
        {
            lock (_lock)
                Change(value);
        }
    }

    /// <summary>Grows when something becomes another of what is bound or kept; of who renews all the time, now and then.</summary>
    public long Changes => Interlocked.Read(ref _changes);

    /// <summary>When leases are looked at: how often that is noted.</summary>
    internal int Looks => _looks.Count;

    /// <summary>Takes over what was given before, by this table or an earlier one, as far as it can be given now.</summary>
    public void Restore(IEnumerable<LeaseRecord> records, Instant now)
    {
        lock (_lock)
        {
            foreach (var record in records)
                Restore(record, now);
        }
    }

    /// <summary>A port has gone to another network, and who is behind it with it: whatever it has or had here is free.</summary>
    public void Release(string port)
    {
        lock (_lock)
        {
            foreach (var lease in _byAddress.Values.Where(lease => lease.Owner.Port == port).ToArray())
                End(lease);
            _ports.Remove(port);
        }
    }

    /// <summary>Adds what there is.</summary>
    public void CopyTo(List<LeaseRecord> leases)
    {
        lock (_lock)
            leases.AddRange(_byAddress.Values.Select(lease => lease.Record));
    }

    /// <summary>Finds an address for a client that looks for one: its own, or the one that it wishes, or any.</summary>
    /// <param name="port">The name of the port that it is behind.</param>
    /// <param name="id">Who it is.</param>
    /// <param name="mac">Its MAC address.</param>
    /// <param name="isCertain">That is what its own frame says, not what it tells.</param>
    /// <param name="wish">What it would like; zero: anything.</param>
    /// <returns>Null: there is none for it.</returns>
    internal Grant? Offer(string port, ReadOnlySpan<byte> id, MacAddress mac, bool isCertain, Ipv4Address wish, Instant now)
    {
        lock (_lock)
        {
            var lease = Known(port, id, mac, now) ?? New(port, id, mac, isCertain, wish, now);
            if (lease is null)
                return null;
            (lease.Mac, lease.IsCertain) = (mac, isCertain);
            if (lease.State != LeaseState.Bound)
                Set(lease, LeaseState.Offered, now + s_offer);
            var grant = lease.Grant;
            lease.IsUnasked = false;
            return grant;
        }
    }

    /// <summary>A client takes an address: one that it was offered, or that it has or had.</summary>
    /// <param name="address">Which.</param>
    /// <param name="time">For how long.</param>
    /// <returns>Null: it can't have that one.</returns>
    /// <inheritdoc cref="Offer"/>
    internal Grant? Bind(
        string port, ReadOnlySpan<byte> id, MacAddress mac, bool isCertain, Ipv4Address address, TimeSpan time, Instant now)
    {
        lock (_lock)
        {
            var lease = Known(port, id, mac, now);
            if (lease?.Address != address)
                lease = TryTake(port, id, mac, isCertain, address, now, instead: lease);
            if (lease is null)
                return null;
            (lease.Mac, lease.IsCertain, lease.WasBound, lease.LentUntil) = (mac, isCertain, true, now + time);
            Set(lease, LeaseState.Bound, now + time);
            return lease.Grant;
        }
    }

    /// <summary>A client doesn't want what it was offered.</summary>
    internal void Refuse(string port, ReadOnlySpan<byte> id, Instant now)
    {
        lock (_lock)
        {
            if (Find(port, id) is { State: LeaseState.Offered } lease)
                EndOffer(lease, now);
        }
    }

    /// <summary>A client gives its address back.</summary>
    internal void Release(string port, ReadOnlySpan<byte> id, Ipv4Address address, Instant now)
    {
        lock (_lock)
        {
            if (Find(port, id) is { State: LeaseState.Bound } lease && lease.Address == address)
                Set(lease, LeaseState.Kept, now);
        }
    }

    /// <summary>A client has found that somebody else has its address.</summary>
    internal void Decline(string port, ReadOnlySpan<byte> id, Ipv4Address address, Instant now)
    {
        lock (_lock)
        {
            if (Find(port, id) is { State: LeaseState.Bound or LeaseState.Offered } lease && lease.Address == address)
                Mark(lease, now);
        }
    }

    /// <summary>Ends what has lasted long enough.</summary>
    /// <param name="asked">Gets addresses that somebody is to be asked for.</param>
    internal void Tick(Instant now, List<Ipv4Address> asked)
    {
        lock (_lock)
        {
            while (_looks.TryPeek(out var lease, out var at) && at <= now.Milliseconds)
            {
                _looks.Dequeue();
                if (lease.LookedAt == at)
                    Look(lease, now);
            }
            foreach (var (port, own) in _ports)
            {
                if (own is { Count: 0, ByClient.Count: 0 })
                    _ports.Remove(port);
            }
            _candidates.HaveAnswered();
            while (_candidates.Room > 0 && _bits.TryTakeNext(out var next))
            {
                _candidates.Add(next);
                asked.Add(next);
            }
        }
    }

    private Lease? Find(string port, ReadOnlySpan<byte> id) => _ports.TryGetValue(port, out var own)
        && own.ByClient.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(id, out var lease) ? lease : null;

    /// <summary>By its MAC address, if that is certain: nobody is another by saying that one's. Else by what it says to be, as the file
    /// wants it.</summary>
    private static DhcpReservation? Reserved(DhcpScope scope, ReadOnlySpan<byte> id, MacAddress mac, bool isCertain) =>
        isCertain && scope.ByMac.TryGetValue(mac, out var reservation) ? reservation
        : scope.ByClient.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(id, out reservation) ? reservation : null;
}
