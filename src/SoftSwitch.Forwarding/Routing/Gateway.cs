using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Forwarding.Stations;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Routing;

/// <summary>
/// The gateway of a translating network: a station inside it, with an address and a MAC of its own, that routes IPv4 (RFC 1812) to the
/// outside and to the host. A packet is judged before anything in it is changed, so that an error quotes what its sender sent; then its TTL
/// is lowered, its source translated, and it goes on to the next neighbor.
/// <code>
///   to the gateway itself        echo is answered, the rest refused
///   to a neighbor in the subnet  handed over
///   to another network of ours   refused: only a forward leads there
///   to the outside address       back inside, by a flow or a forward (hairpin); or to the host, which has the same address
///   to anywhere else             translated, out
/// </code>
/// </summary>
public sealed class Gateway : Station
{
    private volatile WaysOut _ways = WaysOut.None;

    /// <param name="name">As it is shown.</param>
    /// <param name="mac">Its MAC address.</param>
    /// <param name="address">Its address, in <paramref name="subnet"/>.</param>
    /// <param name="subnet">The network's.</param>
    /// <param name="mtu">The network's.</param>
    /// <param name="workers">Workers there will be.</param>
    /// <param name="policy">The network's number among those that share a translator.</param>
    public Gateway(string name, MacAddress mac, Ipv4Address address, Ipv4Subnet subnet, int mtu, int workers, int policy)
        : base(name, mac, address, subnet, mtu, workers) => Policy = policy;

    /// <summary>The network's number among those that share a translator.</summary>
    public int Policy { get; }

    /// <summary>Where packets can go.</summary>
    public WaysOut Ways
    {
        get => _ways;
        set => _ways = value;
    }

    private protected override void Prefetch(Burst burst, FrameSet frames) => _ways.Outside?.PrefetchFlows(burst, frames, Policy);

    private protected override DropReason TakePacket(Turn turn, int index, ref Frame frame, in Ipv4Layout packet)
    {
        // Nothing with a source that isn't inside goes anywhere, and so nothing outside can be answered to an inside that isn't.
        if (!IsNeighbor(packet.Source))
            return DropReason.SourceOutsideSubnet;
        if (turn.Member.Heard is { } heard && packet.FragmentOffset == 0)
            heard.HearPacket(packet.Source, packet.Protocol, frame.HeadBytes[packet.TransportOffset..], turn.Now);
        if (packet.Destination == Address)
            return TakeOwn(turn, index, ref frame, packet);
        turn.Origin.Note(this, frame, turn.Input);
        // RFC 3927, 7: what is link-local stays on its link; in a cloud the host's own credentials are there.
        if (!packet.Destination.IsUnicast || packet.Destination.IsLinkLocal
            || packet.Destination == Subnet.Address || packet.Destination == Subnet.Broadcast)
            return DropReason.NotRouted;
        if (packet.Ttl <= 1)
        {
            Report(turn, frame, packet, IcmpType.TimeExceeded, 0);
            return DropReason.TtlExceeded;
        }
        if (Subnet.Contains(packet.Destination))
        {
            if (Ipv4Neighbors.HasLost(packet.Destination, turn.Now))
                return ReportLost(turn, frame, packet);
            Ipv4Header.DecrementTtl(frame.HeadBytes[packet.NetworkOffset..]);
            return Ipv4Neighbors.Send(turn, turn.Burst, index, packet.Destination);
        }
        return Route(turn, index, ref frame, packet);
    }

    /// <summary>Takes a packet from outside whose destination has been translated to a guest of this network.</summary>
    internal DropReason Deliver(Turn turn, Burst source, int index, in Ipv4Layout packet, int fromMtu)
    {
        ref var frame = ref source[index];
        if (!Subnet.Contains(packet.Destination) || packet.Destination == Address)
            return DropReason.NoRoute;
        if (packet.Ttl <= 1)
            return DropReason.TtlExceeded;
        Ipv4Header.DecrementTtl(frame.HeadBytes[packet.NetworkOffset..]);
        frame.MayFragment = !packet.DontFragment;
        if (Mtu != fromMtu)
            MaximumSegmentSize.Clamp(ref frame, packet, int.Min(Mtu, fromMtu));
        return Ipv4Neighbors.Send(turn, source, index, packet.Destination);
    }

    private DropReason Route(Turn turn, int index, ref Frame frame, in Ipv4Layout packet)
    {
        var ways = _ways;
        if (ways.IsInside(packet.Destination))
        {
            Report(turn, frame, packet, IcmpType.DestinationUnreachable, IcmpUnreachable.Prohibited);
            return DropReason.NetworkIsolated;
        }
        if (ways.Outside is { } around && packet.Destination == around.Address)
        {
            // Of a later fragment of ICMP it isn't known whether it is a request's. Those of other messages are nobody's here: errors come
            // whole, answers go elsewhere.
            if (ways.Host is null && packet.Protocol == IpProtocol.Icmp && (packet.FragmentOffset > 0 || IsEcho(frame, packet)))
                return Echo(turn, turn.Burst, index, ref frame, packet);
            if (ways.Host is null || TurnsAround(turn, ref frame, packet, around, ways.Host))
                return Hairpin(turn, index, ref frame, packet, around);
        }
        var way = ways.IsHost(packet.Destination) ? ways.Host : ways.Outside;
        if (way is null || !way.TryFindNext(packet.Destination, out var next))
        {
            Report(turn, frame, packet, IcmpType.DestinationUnreachable, IcmpUnreachable.Network);
            return DropReason.NoRoute;
        }
        if (way.Ipv4Neighbors.HasLost(next, turn.Now))
            return ReportLost(turn, frame, packet);
        if (!Fits(turn, ref frame, packet, way.Mtu))
            return DropReason.FragmentationNeeded;
        if (Mtu != way.Mtu)
            MaximumSegmentSize.Clamp(ref frame, packet, int.Min(Mtu, way.Mtu));
        Ipv4Header.DecrementTtl(frame.HeadBytes[packet.NetworkOffset..]);

        var translated = way.Translator.Outbound(ref frame, packet, Policy, turn.Member.Slot, turn.Now, turn.ReleasedOut);
        if (translated != NaptVerdict.Translated)
            return Refuse(turn, ref frame, packet, translated);
        var drop = way.Ipv4Neighbors.Send(turn, turn.Burst, index, next);
        if (packet.IsFragment)
        {
            way.SendReleased(turn, next);
            if (way == ways.Host)
                ways.Outside?.PassOn(turn, packet, Policy, way, next);
        }
        return drop;
    }

    /// <summary>
    /// A packet to an address that is shared with the host is not for the host. What the host has begun is answered to the host: it speaks
    /// to guests from ports that its kernel chose, and those may be of the pool or a forward as well. Later fragments go where their first
    /// one went; those that come before it wait at the outside.
    /// </summary>
    private bool TurnsAround(Turn turn, ref Frame frame, in Ipv4Layout packet, Outside around, Outside host) => packet.FragmentOffset == 0
        ? around.Translates(frame, packet) && !host.Translator.WasBegunOutside(ref frame, packet, Policy, turn.Now)
        : !host.Translator.HasBegun(frame, packet, Policy, turn.Member.Slot);

    /// <summary>Out and in again: who is talked to sees the outside address of who talks (RFC 4787, REQ-9).</summary>
    private DropReason Hairpin(Turn turn, int index, ref Frame frame, in Ipv4Layout packet, Outside around)
    {
        if (around.Waits(frame, packet, out var inVain))
        {
            if (inVain)
                Report(turn, frame, packet, IcmpType.DestinationUnreachable, IcmpUnreachable.Host);
            return DropReason.ForwardWaits;
        }
        if (!Fits(turn, ref frame, packet, around.Inside.SmallestMtu))
            return DropReason.FragmentationNeeded;
        var translated = around.Translator.Outbound(ref frame, packet, Policy, turn.Member.Slot, turn.Now, turn.ReleasedOut);
        if (translated != NaptVerdict.Translated)
            return Refuse(turn, ref frame, packet, translated);
        var drop = around.Receive(turn, turn.Burst, index, ref frame, packet.Rewritten(frame.HeadBytes), Mtu);
        if (packet.IsFragment)
            around.ReceiveReleased(turn, Mtu);
        return drop;
    }

    private DropReason Refuse(Turn turn, ref Frame frame, in Ipv4Layout packet, NaptVerdict verdict)
    {
        if (verdict == NaptVerdict.Held)
            return DropReason.None;
        // RFC 6888, REQ-4 and RFC 4787, REQ-8: who can't have a flow is told. Who brings a protocol that has no ports is as well, for he
        // would wait for ever.
        var isUnknown = frame.Drop == DropReason.NatProtocol;
        if (verdict == NaptVerdict.Prohibited || isUnknown)
        {
            turn.Origin.Restore(frame.HeadBytes);
            var code = isUnknown ? IcmpUnreachable.Protocol : IcmpUnreachable.Prohibited;
            Report(turn, frame, packet, IcmpType.DestinationUnreachable, code);
        }
        return frame.Drop;
    }

    private DropReason ReportLost(Turn turn, in Frame frame, in Ipv4Layout packet)
    {
        Report(turn, frame, packet, IcmpType.DestinationUnreachable, IcmpUnreachable.Host);
        return DropReason.NeighborUnreachable;
    }

    /// <summary>A packet that is too long for the way is fragmented at its end, or its sender told (RFC 791; RFC 1191, 4; RFC 4787,
    /// REQ-13).</summary>
    private bool Fits(Turn turn, ref Frame frame, in Ipv4Layout packet, int mtu)
    {
        frame.MayFragment = !packet.DontFragment;
        if (frame.LongestPacket <= mtu || (frame.MayFragment && !frame.Offload.IsSuperFrame))
            return true;
        Report(turn, frame, packet, IcmpType.DestinationUnreachable, IcmpUnreachable.FragmentationNeeded, (ushort)mtu);
        return false;
    }
}
