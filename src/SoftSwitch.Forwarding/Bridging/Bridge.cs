using System.Collections.Frozen;
using SoftSwitch.Forwarding.Ports;
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
public sealed class Bridge(string name, TimeSpan ageing, int stations = Fdb.DefaultCapacity)
{
    /// <summary>Slots are 16 bits of a station's word, and 0 is no slot.</summary>
    public const int MaximumPorts = ushort.MaxValue;

    private readonly List<Membership?> _slots = [null];
    private readonly HashSet<Membership> _up = [];
    private volatile BridgeView _view = BridgeView.Empty;
    private volatile FrozenDictionary<Ipv4Address, string> _addresses = FrozenDictionary<Ipv4Address, string>.Empty;

    /// <summary>The network's name.</summary>
    public string Name { get; } = name;

    public Fdb Fdb { get; } = new(ageing, stations);

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
    /// <param name="station">A station that is behind it for certain; an inner port is one itself.</param>
    /// <param name="gate">Where the port's other end is the host's own stack: what may pass.</param>
    public Membership Attach(Port port, MacAddress? station = null, HostGate? gate = null)
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
        var member = new Membership(this, port, (ushort)slot, ours?.Mac ?? station, gate)
        {
            Group = ours is null ? (ushort)0 : Membership.Ours,
        };
        _slots[slot] = member;
        Fdb.Reserve(member.Slot);
        // A worker may have learnt for the slot's last owner after its stations were flushed: none of them is behind the new one.
        Fdb.Flush(member.Slot);
        ours?.Join(member);
        return member;
    }

    /// <summary>Takes a port out. Its stations are forgotten.</summary>
    public void Detach(Membership member)
    {
        SetUp(member, false);
        _slots[member.Slot] = null;
    }

    /// <summary>Lets a port take part in forwarding, or not. The stations behind a port that goes down are forgotten.</summary>
    public void SetUp(Membership member, bool isUp)
    {
        if (!(isUp ? _up.Add(member) : _up.Remove(member)))
            return;
        var bySlot = new Membership?[_slots.Count];
        foreach (var one in _up)
            bySlot[one.Slot] = one;
        _view = new(bySlot);
        if (!isUp)
            Fdb.Flush(member.Slot);
        else if (member.Station is { } station)
            Fdb.SetStatic(station, member.Slot);
    }
}
