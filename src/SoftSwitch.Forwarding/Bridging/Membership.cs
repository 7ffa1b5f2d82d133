using SoftSwitch.Forwarding.Budgets;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Bridging;

/// <summary>
/// A port's place in a bridge, and all that the bridge knows of the port. Every port has one today; a port that carries several networks
/// (VLANs) will have one in each. What a port may bring and whom it hears is said here; what a port is stands at the <see cref="Port"/>.
/// <para>
/// Made by <see cref="Bridge.Attach"/> and never used again after <see cref="Bridge.Detach"/>: a slot may have another owner later, a
/// membership never. Changed by the control plane, read by every worker.
/// </para>
/// </summary>
public sealed class Membership
{
    /// <summary>The group of our own stations: if they heard each other, they could go on for ever within one turn. Those that may
    /// (<see cref="InnerPort.HearsOurs"/>) are in none.</summary>
    public const ushort Ours = ushort.MaxValue;

    private readonly MacAddress? _station;
    private volatile HeardAddresses? _heard;
    private volatile GuestGuard? _guard;
    private volatile Allowance? _floods;
    private volatile bool _isAttached = true;

    internal Membership(Bridge bridge, Port port, ushort slot, MacAddress? station, HostGate? gate, bool isBound) =>
        (Bridge, Port, Slot, _station, Gate, IsBound) = (bridge, port, slot, station, gate, isBound);

    public Bridge Bridge { get; }

    public Port Port { get; }

    /// <summary>Its number in the bridge, from 1.</summary>
    public ushort Slot { get; }

    /// <summary>A station that is behind the port for certain, for as long as the port is up: its own, or that which its guard lets it be.
    /// Null: none.</summary>
    public MacAddress? Station => _station ?? _guard?.Mac;

    /// <summary>Of a port whose other end is the host's own stack: what may pass there; null: it is another.</summary>
    public HostGate? Gate { get; }

    /// <summary>The station is there because the file says so; else because the port itself is it.</summary>
    internal bool IsBound { get; }

    /// <summary>
    /// Members of one group don't hear each other: what one of them brings goes to none of the others. 0 is no group. Host and uplink are
    /// one, because the host's NIC joins them beside the switch; our own stations are another.
    /// </summary>
    public ushort Group { get; set; }

    /// <summary>The two don't hear each other, for something joins them beside the switch.</summary>
    internal bool SharesGroupWith(Membership other) => Group != 0 && Group == other.Group;

    /// <summary>
    /// Of the host's port: the uplink of its group, which is the host's own NIC. What the host sends to everybody has left by the NIC
    /// already; what it sends to one station hasn't, and goes to the uplink. A station that is heard here and isn't the host was heard by
    /// the NIC, and is behind the uplink. An uplink that is down counts as none.
    /// </summary>
    public Membership? Uplink { get; set; }

    /// <summary>Stations of the physical LAN are behind it: who leaves this machine is heard there, and so may be what guests
    /// send.</summary>
    public bool LeadsToLan { get; set; }

    /// <summary>Notes the addresses that are heard behind the port; null: nobody asks for them.</summary>
    public HeardAddresses? Heard
    {
        get => _heard;
        set => _heard = value;
    }

    /// <summary>What its guest may say; null: anything.</summary>
    public GuestGuard? Guard
    {
        get => _guard;
        internal set => _guard = value;
    }

    /// <summary>What the guest has said all the same.</summary>
    internal Offences Offences { get; } = new();

    /// <summary>What it has brought that is another's.</summary>
    internal Pretences Pretences { get; } = new();

    /// <summary>New stations that the port may still bring.</summary>
    internal Allowance NewStations { get; } = new(Limits.NewStations);

    /// <summary>Stations behind others that the port claims; null: it has never claimed one. Only for <see cref="StationMoves"/>.</summary>
    internal Claims? Claims { get; set; }

    /// <summary>The same of addresses: only for those of <see cref="AddressPlaces"/>.</summary>
    internal Claims? AddressClaims { get; set; }

    /// <summary>Frames that the port may bring for everybody, at once and in each second; 0: any number. A super-frame is as many as its
    /// segments.</summary>
    public int FloodLimit
    {
        get;
        set
        {
            field = value;
            _floods = value == 0 ? null : new((LeadsToLan ? Limits.FloodsOfLan : Limits.Floods) with { Most = value, More = value });
        }
    }

    /// <summary>Frames for everybody that the port may still bring; null: any number.</summary>
    internal Allowance? Floods => _floods;

    /// <summary>What neighbors find each other by that it may bring when there are none left.</summary>
    internal Allowance Discoveries { get; } = new(Limits.Discoveries);

    /// <summary>Others' probes that it has brought and that have gone on where a loop is cut (<see cref="LoopWatch"/>).</summary>
    internal int PassedProbes { get; set; }

    /// <summary>Nobody else has the slot: the port may be handed frames. It stays so while the port is down.</summary>
    internal bool IsAttached => _isAttached;

    internal void Leave() => _isAttached = false;

    /// <summary>The uplink, if there is one and it is up.</summary>
    internal Membership? UplinkIn(BridgeView view) => Uplink is { } uplink && view.Has(uplink) ? uplink : null;
}
