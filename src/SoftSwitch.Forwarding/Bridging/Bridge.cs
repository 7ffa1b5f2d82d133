using System.Collections.Concurrent;
using System.Collections.Frozen;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Bridging;

/// <summary>
/// A learning bridge (IEEE 802.1D, clause 7), which is one network: its ports, each a member with a slot, and its forwarding database.
/// Frames never leave their bridge, because a worker looks for outputs nowhere else.
/// <para>
/// Slots are dense and used again after a port has left. The ports that are up stand in a <see cref="BridgeView"/>, which is replaced
/// whole, never changed: a worker reads it once a burst. Only the control plane, one thread at a time, changes a bridge; before it disposes
/// of a port that left, it waits until every worker has ended its turn.
/// </para>
/// </summary>
public sealed partial class Bridge
{
    /// <summary>Slots are 16 bits of a station's word, and 0 is no slot.</summary>
    public const int MaximumPorts = ushort.MaxValue;

    private readonly List<Membership?> _slots = [null];
    private readonly HashSet<Membership> _up = [];
    private volatile BridgeView _view = BridgeView.Empty;
    private volatile FrozenDictionary<Ipv4Address, string> _addresses = FrozenDictionary<Ipv4Address, string>.Empty;
    private volatile LanNeighbors? _lan;
    private volatile FrozenDictionary<MacAddress, string> _bound = FrozenDictionary<MacAddress, string>.Empty;
    private volatile FrozenDictionary<string, GuestGuard> _guards = FrozenDictionary<string, GuestGuard>.Empty;
    private volatile FrozenSet<ulong> _guarded = FrozenSet<ulong>.Empty;
    private volatile bool _forwardsControl, _floodsArp;
    private readonly ConcurrentDictionary<ulong, byte> _recalled = [];

    /// <param name="name">The network's name.</param>
    /// <param name="ageing">How long a silent station is remembered.</param>
    /// <param name="stations">Stations at most.</param>
    /// <param name="asker">Asks stations whether they are still there; null: nobody does.</param>
    public Bridge(string name, TimeSpan ageing, int stations = Fdb.DefaultCapacity, Asker? asker = null)
    {
        Name = name;
        Fdb = new(ageing, stations);
        Moves = new(Fdb);
        AddressPlaces = new(ageing, stations);
        Loops = new(this);
        Asker = asker;
        if (asker is not null)
            SetUp(Attach(asker), true);
    }

    /// <summary>The network's name.</summary>
    public string Name { get; }

    public Fdb Fdb { get; }

    /// <summary>Decides which stations move.</summary>
    public StationMoves Moves { get; }

    /// <summary>Behind which port each IPv4 address is.</summary>
    public AddressPlaces AddressPlaces { get; }

    /// <summary>Asks stations whether they are still there; null: nobody does.</summary>
    public Asker? Asker { get; }

    /// <summary>The asker has something to do when it is ticked.</summary>
    public bool IsAsking => Moves.IsAsking || AddressPlaces.Moves.IsAsking;

    /// <summary>Stations of the LAN that the host knows; null: the host is no neighbor here. Replaced whole by the control plane.</summary>
    public LanNeighbors? Lan
    {
        get => _lan;
        set
        {
            _lan = value;
            foreach (var station in _recalled.Keys)
            {
                if (value?.Addresses.ContainsKey(new(station)) != true)
                    _recalled.TryRemove(station, out _);
            }
        }
    }

    /// <summary>Stations that are bound to ports, with the names of these, whether the port is up or down: no other guest's port can bring
    /// them; the LAN can, for that is where a guest moves to. Replaced whole by the control plane.</summary>
    public FrozenDictionary<MacAddress, string> Bound
    {
        get => _bound;
        set
        {
            var before = _bound;
            _bound = value;
            // Whoever has brought one before has no more right to it than who comes now. Those that were bound already stay known.
            foreach (var (station, port) in value)
            {
                if (before.GetValueOrDefault(station) != port)
                    Fdb.Forget(station);
            }
        }
    }

    /// <summary>Which guarded port has which IPv6 address of the link.</summary>
    internal LinkAddresses LinkAddresses { get; } = new();

    /// <summary>Guards of ports, by their names. A guarded station is known before it is heard: it is behind its port when that comes.
    /// Replaced whole by the control plane.</summary>
    public FrozenDictionary<string, GuestGuard> Guards
    {
        get => _guards;
        set
        {
            _guards = value;
            LinkAddresses.Keep(value.Keys);
            _guarded = value.Values.Select(guard => guard.Mac).OfType<MacAddress>().Select(mac => mac.Value).ToFrozenSet();
            foreach (var member in _slots.OfType<Membership>())
            {
                var before = (member.Station, member.Guard?.Mac, member.Guard?.ChecksAddresses);
                member.Guard = GuardOf(member.Port);
                // Whoever has passed for another there holds nothing any more that he couldn't take now.
                if ((member.Station, member.Guard?.Mac, member.Guard?.ChecksAddresses) != before)
                    Forget(member);
            }
        }
    }

    /// <summary>Finds loops.</summary>
    public LoopWatch Loops { get; }

    /// <summary>Frames that end at any bridge (IEEE 802.1D, 7.12.6) go to everybody: STP, LACP, 802.1X, LLDP. It may change while workers
    /// read.</summary>
    public bool ForwardsControl
    {
        get => _forwardsControl;
        set => _forwardsControl = value;
    }

    /// <summary>Every question in ARP goes to everybody; else one goes to its known holder alone (<see cref="ArpQuestion"/>). It may change
    /// while workers read.</summary>
    public bool FloodsArp
    {
        get => _floodsArp;
        set => _floodsArp = value;
    }

    /// <summary>The ports that are up now.</summary>
    public BridgeView View => _view;

    /// <summary>Addresses that count only behind one port each, by its name: nobody else can claim them. Replaced whole by the control
    /// plane.</summary>
    public FrozenDictionary<Ipv4Address, string> Addresses
    {
        get => _addresses;
        set => _addresses = value;
    }

    /// <summary>Gives a port a slot. It takes part in forwarding once <see cref="SetUp"/> says so.</summary>
    /// <param name="port">The port.</param>
    /// <param name="station">A station that is behind it for certain; an inner port is one itself.</param>
    /// <param name="gate">Where the port's other end is the host's own stack: what may pass.</param>
    /// <param name="isBound">The station is there because the file says so.</param>
    public Membership Attach(Port port, MacAddress? station = null, HostGate? gate = null, bool isBound = false)
    {
        var slot = _slots.IndexOf(null, 1);
        if (slot < 0)
        {
            if (_slots.Count > MaximumPorts)
                throw new InvalidOperationException($"network '{Name}' has {MaximumPorts} ports, which is all it can have");
            slot = _slots.Count;
            _slots.Add(null);
        }
        var ours = port as InnerPort;
        var member = new Membership(this, port, (ushort)slot, ours?.Mac ?? station, gate, isBound)
        {
            Guard = GuardOf(port),
            Group = ours is null or { HearsOurs: true } ? (ushort)0 : Membership.Ours,
        };
        _slots[slot] = member;
        Fdb.Reserve(member.Slot);
        AddressPlaces.Reserve(member.Slot);
        // A worker may have learnt for the slot's last owner after its stations were flushed: none of them is behind the new one.
        Flush(member.Slot);
        ours?.Join(member);
        return member;
    }

    /// <summary>Takes a port out. Its stations are forgotten.</summary>
    public void Detach(Membership member)
    {
        SetUp(member, false);
        member.Leave();
        _slots[member.Slot] = null;
        // One that has moved to another network has brought its last frame here by now: what that has taught is gone, too.
        Flush(member.Slot);
    }

    /// <summary>A port takes longer or shorter frames than before.</summary>
    public void Renew() => Publish();

    /// <summary>Forgets the stations behind a port, but for one that is there for certain: they were heard there by mistake.</summary>
    public void Forget(Membership member)
    {
        Flush(member.Slot);
        PlaceStation(member);
    }

    /// <summary>Lets a port take part in forwarding, or not. The stations behind a port that goes down are forgotten.</summary>
    public void SetUp(Membership member, bool isUp)
    {
        if (!(isUp ? _up.Add(member) : _up.Remove(member)))
            return;
        Publish();
        if (!isUp)
        {
            Flush(member.Slot);
            Moves.Forget(member);
            AddressPlaces.Moves.Forget(member);
        }
        PlaceStation(member);
    }

    /// <summary>A station is behind a guarded port and nowhere else, whether that is up or not.</summary>
    internal bool IsGuarded(ulong station) => _guarded.Count > 0 && _guarded.Contains(station);

    /// <summary>Another guest's port brings a station that is bound.</summary>
    internal bool IsBoundElsewhere(ulong station, Membership by) =>
        _bound.Count > 0 && !by.LeadsToLan && _bound.TryGetValue(new(station), out var port) && port != by.Port.Name;

    /// <summary>Puts a station that only the host has heard behind the uplink, where a guest's port brings it; and notes by what it can be
    /// asked there.</summary>
    internal void Recall(ulong station, Membership by, Instant now)
    {
        if (by.LeadsToLan || _lan is not { } lan || !View.Has(lan.Uplink) || !lan.Addresses.TryGetValue(new(station), out var address))
            return;
        var slot = lan.Uplink.Slot;
        // Nobody has heard it just now.
        if (Fdb.Find(station, now).Slot == 0)
        {
            _recalled[station] = 0;
            Fdb.Learn(station, slot, now + TimeSpan.FromSeconds(-StationMoves.SecondsHeard));
        }
        Fdb.Note(station, slot, address);
    }

    /// <summary>The host has had a word from a station of the LAN. It was heard by the uplink, if it ever was heard there: a guest can have
    /// the host believe that another guest is on the LAN, and that must hold nobody there.</summary>
    public void Confirm(MacAddress station, Membership uplink, Instant now)
    {
        if (!_recalled.ContainsKey(station.Value))
            Fdb.Refresh(station.Value, uplink.Slot, now);
    }

    private void Publish()
    {
        var bySlot = new Membership?[_slots.Count];
        foreach (var one in _up)
            bySlot[one.Slot] = one;
        _view = new(bySlot);
    }

    private GuestGuard? GuardOf(Port port) => port is InnerPort ? null : _guards.GetValueOrDefault(port.Name);

    private void Flush(ushort slot)
    {
        Fdb.Flush(slot);
        AddressPlaces.Flush(slot);
    }

    /// <summary>Puts the station that is behind a port for certain where it is now. Of several that are up and have it, one of ours comes
    /// before the host, and the host before what a file says.</summary>
    private void PlaceStation(Membership member)
    {
        var holder = _up.Where(other => other.Station == member.Station)
            .OrderBy(other => other.Port is InnerPort ? 0 : other.IsBound ? 2 : 1).ThenBy(other => other.Slot).FirstOrDefault();
        if (holder?.Station is { } station)
            Fdb.SetStatic(station, holder.Slot);
    }
}
