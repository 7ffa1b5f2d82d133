using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Forwarding.Stations;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Routing;

/// <summary>
/// The outer end of translating networks: a station on the link that leads out, with the address that the world sees, and the translator
/// behind it. What comes in for that address is translated and handed to the gateway of the network that it belongs to; what belongs to
/// none is left to whoever shares the address, or dropped in silence (RFC 4787, REQ-8). The way to the host itself is another one of these,
/// on a link whose only neighbor is the host.
/// </summary>
public sealed partial class Outside : Station
{
    private volatile NextHops _nextHops;
    private volatile WaitingForwards _waiting = WaitingForwards.None;
    private volatile InsideNetworks _inside = InsideNetworks.None;
    private readonly EndedFlows _ended;

    /// <param name="name">As it is shown.</param>
    /// <param name="mac">Its MAC address: the NIC's, or one of its own.</param>
    /// <param name="address">Its address: the host's, or one of its own.</param>
    /// <param name="subnet">The subnet on the link.</param>
    /// <param name="mtu">The link's.</param>
    /// <param name="workers">Workers there will be.</param>
    /// <param name="translator">With the same address; it may have aliases, which are taken here as well.</param>
    /// <param name="ownsAddress">The address is nobody else's: ARP and echo requests for it are answered here.</param>
    /// <param name="nextHops">Where packets go from the link.</param>
    /// <param name="onlyNeighbor">Who is at the other end, where that is certain.</param>
    public Outside(
        string name, MacAddress mac, Ipv4Address address, Ipv4Subnet subnet, int mtu, int workers, Napt translator, bool ownsAddress,
        NextHops nextHops, MacAddress? onlyNeighbor = null)
        : base(name, mac, address, subnet, mtu, workers, ownsAddress, areGuests: false, onlyNeighbor)
    {
        HasOnlyNeighbor = onlyNeighbor is not null;
        Translator = translator;
        _nextHops = nextHops;
        _ended = new(this, remote => TryFindNext(remote, out var neighbor) ? neighbor : null);
    }

    public Napt Translator { get; }

    /// <summary>It is certain who is at the other end: next hops don't count.</summary>
    public bool HasOnlyNeighbor { get; }

    /// <summary>Where packets go from the link. The control plane replaces it when the host's routes change.</summary>
    public NextHops NextHops
    {
        set => _nextHops = value;
    }

    /// <summary>The forwards that lead nowhere yet. Replaced whole by the control plane.</summary>
    public WaitingForwards Waiting
    {
        set => _waiting = value;
    }

    /// <summary>The networks behind it. Replaced whole by the control plane.</summary>
    public InsideNetworks Inside
    {
        internal get => _inside;
        set => _inside = value;
    }

    /// <summary>The address of the host's programs that speak IPv6 to this way; null: there are none. Only what answers them goes
    /// there.</summary>
    public Ipv4Address? Ipv6Clients { get; init; }

    /// <summary>What the host's routing has said; null: it doesn't decide here, and the next hops do.</summary>
    public RouteCache? Routes { private get; init; }

    /// <summary>What it takes goes on inside, or ends here: an answer to it has none.</summary>
    internal override bool HearsOurs => true;

    // What a router asks of a way out is this much. Here it ends in Ethernet; a way of bare IP would have no neighbor to lose.

    internal bool TryFindNext(Ipv4Address destination, out Ipv4Address neighbor) => _nextHops.TryFind(destination, out neighbor);

    /// <summary>A flow by this way has ended, for a guest has no such network, forward or port any more; the station is to be given a turn,
    /// in which the other end is told, if it has spoken. Any thread may call.</summary>
    public void End(in OpenFlow ended)
    {
        // Who was asked for an echo waits for nothing.
        if (ended.Protocol == IpProtocol.Tcp || (ended.Protocol == IpProtocol.Udp && ended.IsMutual))
            _ended.Add(ToldEnd.Outside(ended));
    }

    /// <summary>Some of those ends are still to be told.</summary>
    public bool IsTelling => _ended.Any;

    /// <summary>A neighbor on the link doesn't answer. Any thread may ask.</summary>
    public bool HasLost(Ipv4Address neighbor, Instant now) =>
        NumberedHops.IsNumber(neighbor) ? Routes?.Hops.TryFind(neighbor, out _) != true : Ipv4Neighbors.HasLost(neighbor, now);

    internal DropReason Send(Turn turn, Burst source, int index, Ipv4Address neighbor)
    {
        if (!NumberedHops.IsNumber(neighbor))
            return Ipv4Neighbors.Send(turn, source, index, neighbor);
        return Routes is { } routes && routes.Hops.TryFind(neighbor, out var mac) ? Ipv4Neighbors.SendTo(turn, source, index, mac)
            : DropReason.NeighborUnreachable;
    }

    /// <summary>What waits here was translated for this way. From the moment when routes change it is decided anew.</summary>
    internal override bool LeadsTo(Ipv4Address neighbor, Ipv4Address destination, Instant now) => Routes is { } routes
        ? routes.TryFind(destination, now, out var known) && known.Route.Way == this && known.Route.Next == neighbor
        : TryFindNext(destination, out var next) && next == neighbor;

    /// <summary>Alone, a frame gains nothing by having its flow looked for twice.</summary>
    private protected override void LookAhead(Burst burst, FrameSet frames)
    {
        if (frames.Count > 1)
            Translator.Prefetch(burst, frames, policy: null);
    }

    /// <summary>What waits here for a neighbor may have to go elsewhere by now.</summary>
    private protected override bool TryResumeOwn(Turn turn)
    {
        Routes?.LookForNews();
        _ended.Tell(turn);
        return false;
    }

    private protected override DropReason TakePacket(Turn turn, int index, ref Frame frame, in Ipv4Layout packet)
    {
        if (!Translator.IsAskedAt(packet.Destination))
            return DropReason.NoFlow;
        // RFC 1812, 5.3.8: nobody outside has an address of ours or of the insides.
        if (!packet.Source.IsUnicast || packet.Source.IsLinkLocal || Translator.IsAskedAt(packet.Source)
            || IsLinkBroadcast(packet.Source) || _inside.Contains(packet.Source))
            return DropReason.SourceForged;
        if (Ipv4Neighbors.Table.HasDoubts && _nextHops.TryFind(packet.Source, out var neighbor))
            Ipv4Neighbors.Table.Confirm(neighbor, new(frame.Source), turn.Now);
        turn.Origin.Note(this, frame, turn.Input);
        var drop = Receive(turn, turn.Burst, index, ref frame, packet, Mtu);
        // Nothing here takes a protocol without ports. Where the address is the host's, the host may.
        if (drop == DropReason.NatProtocol)
            return !OwnsAddress ? DropReason.NoFlow
                : RefuseOutsider(turn, frame, packet, Refusal.Unreachable(drop, IcmpUnreachable.Protocol));
        if (drop != DropReason.NoFlow)
            return drop;
        return Waits(frame, packet, out var inVain)
            ? RefuseOutsider(turn, frame, packet, Refusal.ForwardWaits(inVain))
            : Answer(turn, turn.Burst, index, ref frame, packet);
    }

    /// <summary>What is no flow's is for the station itself, which answers echo requests where the address is its own.</summary>
    private DropReason Answer(Turn turn, Burst source, int index, ref Frame frame, in Ipv4Layout packet) =>
        OwnsAddress && packet.Protocol == IpProtocol.Icmp ? Echo(turn, source, index, ref frame, packet) : DropReason.NoFlow;

    /// <summary>Takes a packet to the outside address. The source of one that turns around here is translated already.</summary>
    /// <param name="fromMtu">Of the link that it came from.</param>
    internal DropReason Receive(Turn turn, Burst source, int index, ref Frame frame, in Ipv4Layout packet, int fromMtu)
    {
        // A later fragment has nobody to be told about, and may have to wait. One of an echo request to us is at its end here.
        if (packet.FragmentOffset > 0 && Hop.IsLast(packet) && !(OwnsAddress && packet.Protocol == IpProtocol.Icmp))
            return DropReason.TtlExceeded;
        var verdict = Translator.Inbound(ref frame, packet, turn.Now, turn.ReleasedIn, out var policy);
        if (verdict == NaptVerdict.Held)
            return DropReason.None;
        if (verdict == NaptVerdict.NotOurs)
        {
            if (packet.IsFragment)
                AnswerReleased(turn);
            return DropReason.NoFlow;
        }
        if (verdict != NaptVerdict.Translated)
            return frame.Drop;
        if (_inside[policy] is not { } gateway)
        {
            DropReleased(turn, DropReason.NoRoute);
            return DropReason.NoRoute;
        }
        if (Hop.Judge(frame, packet, gateway.Mtu) is { IsNone: false } refusal)
        {
            // An error must quote the packet as it came, and whether it is one of ours shows only when it has been translated.
            if (source == turn.Burst)
                turn.Origin.Restore(frame.HeadBytes);
            DropReleased(turn, refusal.Reason);
            return RefuseOutsider(turn, frame, packet, refusal);
        }

        var delivered = gateway.Router.Deliver(turn, source, index, packet.Rewritten(frame.HeadBytes), fromMtu);
        while (TryRestore(turn, turn.ReleasedIn, out var made, out var released, out var fragment))
            CountDrop(turn, gateway.Router.Deliver(turn, made, released, fragment, fromMtu));
        return delivered;
    }

    /// <summary>Tells a packet's sender why it goes no further, if this way leads to him: an error is a packet like others.</summary>
    private DropReason RefuseOutsider(Turn turn, in Frame frame, in Ipv4Layout packet, Refusal refusal)
    {
        if (Routes is not { } routes || !refusal.IsTold)
            return Refuse(turn, frame, packet, refusal);
        if (routes.TryFind(packet.Source, turn.Now, out var known))
            return known.LeadsBy(this) ? Refuse(turn, frame, packet, refusal) : refusal.Reason;
        // Of this packet he isn't told, but of the next.
        _inside.First?.Unrouted.Ask(turn, packet.Source);
        return refusal.Reason;
    }

    /// <summary>All stations on the link (RFC 1812, 4.2.2.11), who are no sender.</summary>
    private bool IsLinkBroadcast(Ipv4Address address) => Subnet.PrefixLength < 31 && address == Subnet.Broadcast;

    private void CountDrop(Turn turn, DropReason drop)
    {
        if (drop != DropReason.None)
            CountUnsaid(turn.Worker, drop);
    }
}
