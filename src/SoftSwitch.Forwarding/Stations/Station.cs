using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Services;
using SoftSwitch.Forwarding.Stations.Neighbors;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Stations;

/// <summary>
/// A station of ours in a network: a MAC and an IPv4 address; an IPv6 address will be the other of the pair. What comes for it is looked at
/// once, and belongs to one of these:
/// <code>
///   ARP                      its neighbors (Ipv4Neighbors), also when everybody hears it
///   IPv4, to its address     echo is answered; UDP and TCP go to a service at that port (Services); the rest is refused
///   IPv4, by broadcast       to a service, if the station has some
///   IPv4, to another         the router, where it is one (Gateway, Outside): a station alone routes nothing
///   IPv6                     nobody yet. Its neighbors will stand beside those of IPv4, and its packets go the same way
///   all else, VLANs          none of its business
/// </code>
/// A tag that names no VLAN only says a priority (IEEE 802.1Q, 6.9): it is taken off what is for the station alone, and answers have none.
/// The packet that was read here is handed on: nobody reads its header again. Errors that the station says count for the port that a packet
/// came in by.
/// </summary>
public partial class Station : InnerPort
{
    private readonly IcmpErrors _errors = new();
    private volatile ServiceTable? _services;

    /// <summary>A station among guests that is no router.</summary>
    /// <param name="name">As it is shown.</param>
    /// <param name="mac">Its MAC address, which nobody else in the network can claim.</param>
    /// <param name="address">Its address.</param>
    /// <param name="subnet">The subnet on this link.</param>
    /// <param name="mtu">The longest packet on this link, in bytes.</param>
    /// <param name="workers">Workers there will be.</param>
    public Station(string name, MacAddress mac, Ipv4Address address, Ipv4Subnet subnet, int mtu, int workers)
        : this(name, mac, address, subnet, mtu, workers, ownsAddress: true, areGuests: true, onlyNeighbor: null)
    {
    }

    /// <inheritdoc cref="Station(string, MacAddress, Ipv4Address, Ipv4Subnet, int, int)"/>
    /// <param name="ownsAddress">The address is ours alone: we answer for it and defend it. Where it is shared, the host does.</param>
    /// <param name="areGuests">The neighbors are guests, who may lie: each is believed what it says of itself.</param>
    /// <param name="onlyNeighbor">Who is at the other end, where that is certain: nobody is asked then.</param>
    private protected Station(
        string name, MacAddress mac, Ipv4Address address, Ipv4Subnet subnet, int mtu, int workers, bool ownsAddress, bool areGuests,
        MacAddress? onlyNeighbor) : base(name, mac, mtu, workers)
    {
        Address = address;
        Subnet = subnet;
        OwnsAddress = ownsAddress;
        Ipv4Neighbors = new(this, address, subnet, ownsAddress, areGuests, onlyNeighbor);
    }

    public Ipv4Address Address { get; }

    public Ipv4Subnet Subnet { get; }

    public Ipv4Neighbors Ipv4Neighbors { get; }

    /// <summary>What it does for others; null: nothing. Replaced whole by the control plane.</summary>
    public ServiceTable? Services
    {
        get => _services;
        set => _services = value;
    }

    /// <summary>The address is nobody else's: not the host's that is shared.</summary>
    public bool OwnsAddress { get; }

    /// <summary>Says its addresses again with the next ticks: for neighbors that weren't there before.</summary>
    public void AnnounceAgain() => Ipv4Neighbors.AnnounceAgain();

    public sealed override void Handle(Turn turn, FrameSet own, FrameSet heard)
    {
        if (own.Count > 0)
            LookAhead(turn.Burst, own);
        foreach (var index in own | heard)
        {
            ref var frame = ref turn.Burst[index];
            var isOwn = own.Contains(index);
            if (frame.IsInVlan)
            {
                if (isOwn)
                    frame.Drop = DropReason.NotRouted;
                continue;
            }
            if (isOwn)
                frame.TakeOffTags();
            if (frame.EtherType == EtherType.Arp)
                Ipv4Neighbors.Hear(turn, frame);
            else if (!isOwn)
            {
                if (_services is { } services)
                    Overhear(turn, services, ref frame);
            }
            else if (frame.EtherType == EtherType.Ipv4)
                frame.Drop = TakeIpv4(turn, index, ref frame);
            else
                frame.Drop = DropReason.NotRouted;
        }
    }

    public sealed override void Tick(Turn turn)
    {
        Ipv4Neighbors.Tick(turn);
        _services?.Tick(turn, this);
        TickOwn(turn);
    }

    /// <summary>Does what has become due of what only some stations do.</summary>
    private protected virtual void TickOwn(Turn turn)
    {
    }

    internal sealed override bool Denies(Turn turn, Ipv4Address claimed) => Ipv4Neighbors.Denies(turn, claimed);

    internal sealed override bool AnswersFor(Ipv4Address address) => Ipv4Neighbors.AnswersFor(address);

    internal sealed override void Resume(Turn turn)
    {
        _services?.Resume(turn, this);
        if (!TryResumeOwn(turn))
            Ipv4Neighbors.Resume(turn);
    }

    /// <summary>Does what only some stations have called for a turn for; false: there is nothing.</summary>
    private protected virtual bool TryResumeOwn(Turn turn) => false;

    internal sealed override void Settle(Turn turn)
    {
        Ipv4Neighbors.Settle(turn);
        SettleOwn(turn);
    }

    /// <summary>The frames of a turn are transmitted in which only some stations have something to do.</summary>
    private protected virtual void SettleOwn(Turn turn)
    {
    }

    internal sealed override void ReportLost(Turn turn, Origin origin, ReadOnlySpan<byte> head) =>
        Report(turn, origin, head, Refusal.NeighborLost);

    internal sealed override void ReportTooLong(Turn turn, Origin origin, ReadOnlySpan<byte> head, int mtu) =>
        Report(turn, origin, head, Refusal.TooLong(mtu));

    private void Report(Turn turn, Origin origin, ReadOnlySpan<byte> head, Refusal refusal)
    {
        // The frame has become another since it was read: this is a copy of what it was.
        if (Ipv4Layout.TryRead(head, EthernetHeader.Size, int.MaxValue, out var packet))
            _errors.Send(turn, this, head, origin.Sender, origin.Input!, packet, refusal);
    }

    /// <summary>Looks, before any of the frames is, at what all of them need: brings it into the cache, so that its misses hide behind each
    /// other.</summary>
    private protected virtual void LookAhead(Burst burst, FrameSet frames)
    {
    }

    /// <summary>Tells a packet's sender, who is on this station's link, why it goes no further, where that is told.</summary>
    internal DropReason Refuse(Turn turn, in Frame frame, in Ipv4Layout packet, Refusal refusal)
    {
        if (refusal.IsTold)
            _errors.Send(turn, this, frame.HeadBytes, frame.Source, turn.Input, packet, refusal);
        return refusal.Reason;
    }
}
