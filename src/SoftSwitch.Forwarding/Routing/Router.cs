using System.Runtime.CompilerServices;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Forwarding.Stations;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Routing;

/// <summary>
/// The router of a translating network (RFC 1812). About each packet it decides once, before anything in the packet is changed, so that an
/// error quotes what its sender sent; then the packet makes its <see cref="Hop"/>, is translated, and goes on. In this order:
/// <code>
///   to                                   goes
///   a group, or link-local               nowhere, and nobody is told
///   anybody, but its hops are made       nowhere
///   a neighbor in the subnet             inside; nowhere if that one is lost
///   another network of ours              nowhere, but for an address that the host has there, and for who has asked a forward
///   the outside address, not the host's  ours (echo); else a hairpin
///   the same, and the host's as well     a hairpin by a flow or a forward; else to the host
///   another of the host's                a hairpin by a forward, of another network with other ways out as well; else to the host
///     either hairpin                     nowhere if the forward waits, or it is too long for any inside
///   any address of the host, not 127/8   to the host  \ nowhere if none leads there, the next neighbor is lost,
///   anybody else                         out          / or it is too long for the link
///     the host's routing isn't known     it waits for the answer (UnroutedPackets)
/// </code>
/// Where the host's routing decides, it is asked for each destination (<see cref="RouteCache"/>), and there may be several ways out. Else
/// the one way out has next hops of its own.
/// What comes from outside has one course, inside: whether it makes that hop is judged by <see cref="Outside"/>, which translates it.
/// </summary>
/// <param name="gateway">The station that packets come to.</param>
internal sealed class Router(Gateway gateway)
{
    /// <summary>Sends a packet that a guest has handed to the gateway.</summary>
    public DropReason Send(Turn turn, int index, ref Frame frame, in Ipv4Layout packet)
    {
        var ways = gateway.Ways;
        var route = Decide(turn, ways, ref frame, packet);
        switch (route.Course)
        {
            case Course.Ours:
                return gateway.Echo(turn, turn.Burst, index, ref frame, packet);
            case Course.Inside:
                Hop.Stay(ref frame, packet);
                KeepShort(turn, ref frame, packet, turn.Input.Mtu);
                return gateway.Ipv4Neighbors.Send(turn, turn.Burst, index, route.Next);
            case Course.Hairpin:
                return TurnAround(turn, index, ref frame, packet, route.Way!, route.Into!);
            case Course.Host or Course.Out:
                return gateway.Unrouted.MustWait(turn, packet.Destination)
                    ? gateway.Unrouted.Keep(turn, frame, packet)
                    : Leave(turn, index, ref frame, packet, route, ways);
            case Course.Asked:
                return gateway.Unrouted.Keep(turn, frame, packet);
            default:
                return Refuse(turn, ways, ref frame, packet, route.Refusal);
        }
    }

    /// <summary>Takes a packet from outside whose destination has been translated to a guest of this network.</summary>
    /// <param name="fromMtu">Of the link that it came from.</param>
    public DropReason Deliver(Turn turn, Burst source, int index, in Ipv4Layout packet, int fromMtu)
    {
        if (!gateway.Subnet.Contains(packet.Destination) || packet.Destination == gateway.Address)
            return DropReason.NoRoute;
        if (Hop.IsLast(packet))
            return DropReason.TtlExceeded;
        ref var frame = ref source[index];
        Hop.Cross(ref frame, packet, fromMtu, gateway.Mtu);
        KeepShort(turn, ref frame, packet, fromMtu);
        return gateway.Ipv4Neighbors.Send(turn, source, index, packet.Destination);
    }

    /// <summary>Changes nothing.</summary>
    private Route Decide(Turn turn, WaysOut ways, ref Frame frame, in Ipv4Layout packet)
    {
        var (to, subnet) = (packet.Destination, gateway.Subnet);
        if (!IsRouted(to, subnet))
            return new Refusal(DropReason.NotRouted);
        if (Hop.IsLast(packet))
            return Refusal.TtlExceeded;
        if (subnet.Contains(to))
            return gateway.Ipv4Neighbors.HasLost(to, turn.Now) ? Refusal.NeighborLost : Route.Inside(to);
        if (ways.IsInside(to) && !ways.IsHost(to))
        {
            // Whose first fragment waits for its route can't say yet that it answers: the others wait behind it.
            var other = packet.FragmentOffset > 0 && gateway.Unrouted.MustWait(turn, to) ? Route.Asked : Refusal.Isolated;
            return Answering(turn, ways, other, ref frame, packet);
        }
        if (ways.At(to) is { } around)
        {
            // Of a later fragment of ICMP it isn't known whether it is a request's. Those of other messages are nobody's here: errors come
            // whole, answers go elsewhere.
            if (ways.Host is null && packet.Protocol == IpProtocol.Icmp && (packet.FragmentOffset > 0 || Station.IsEcho(frame, packet)))
                return Route.Ours;
            if ((ways.Host is null ? around : TurnsAround(turn, ways, ref frame, packet, around, ways.Host)) is { } way)
            {
                return Hairpin(frame, packet, way, way);
            }
        }
        if (ways is { Host: { } host, Foremost: { } foremost } && ways.IsHost(to) && ways.Elsewhere(frame, packet) is { } elsewhere
            && !host.Translator.WasBegunOutside(ref frame, packet, gateway.Policy, turn.Now, out _))
            return Hairpin(frame, packet, foremost, elsewhere);
        return Answering(turn, ways, ways.To(to, turn.Now), ref frame, packet);
    }

    private static Route Hairpin(in Frame frame, in Ipv4Layout packet, Outside around, Outside into) =>
        into.Waits(frame, packet, out var inVain) ? Refusal.ForwardWaits(inVain)
        : Hop.IsTooLong(frame, packet, into.Inside.SmallestMtu) ? Refusal.TooLong(into.Inside.SmallestMtu)
        : Route.Hairpin(around, into);

    /// <param name="other">Where it goes if it answers nobody outside.</param>
    private Route Answering(Turn turn, WaysOut ways, in Route other, ref Frame frame, in Ipv4Layout packet)
    {
        var route = ways.Answering(other, ref frame, packet, gateway.Policy, turn.Member.Slot, turn.Now);
        return route.Way is not { } way ? route
            : way.HasLost(route.Next, turn.Now) ? Refusal.NeighborLost
            : Hop.IsTooLong(frame, packet, route.Mtu) ? Refusal.TooLong(route.Mtu)
            : route;
    }

    /// <summary>What <see cref="Decide"/> looks at of a destination, in the same order, for who asks without a packet.</summary>
    public Destined Look(Ipv4Address to, Instant now)
    {
        var (ways, subnet) = (gateway.Ways, gateway.Subnet);
        if (to == gateway.Address)
            return new(Destiny.Gateway);
        if (!IsRouted(to, subnet))
            return new(Destiny.NotRouted);
        if (subnet.Contains(to))
            return new(gateway.Ipv4Neighbors.HasLost(to, now) ? Destiny.LostGuest : Destiny.Guest);
        if (ways.IsInside(to) && !ways.IsHost(to))
            return new(Destiny.OtherNetwork);
        if (ways.At(to) is { } around)
            return new(ways.Host is null ? Destiny.OutsideAddress : Destiny.SharedAddress, around);
        if (ways.AsksHost)
            return new(Destiny.Asked);
        var route = ways.To(to, now);
        return route.Way is { } way ? new(route.Course == Course.Host ? Destiny.Host : Destiny.Out, way, route.Next)
            : new(Destiny.NoRoute);
    }

    /// <summary>RFC 3927, 7: what is link-local stays on its link; in a cloud the host's own credentials are there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsRouted(Ipv4Address to, Ipv4Subnet subnet) =>
        to.IsUnicast && !to.IsLinkLocal && to != subnet.Address && to != subnet.Broadcast;

    /// <summary>
    /// A packet to an address that is shared with the host is not for the host. What the host has begun is answered to the host: it speaks
    /// to guests from ports that its kernel chose, and those may be of the pool or a forward as well. Later fragments go where their first
    /// one went; those that come before it wait at the outside.
    /// </summary>
    /// <param name="around">The way that has the address: of several by one interface, forwards are another's.</param>
    /// <returns>The way where it turns around; null: it is for the host.</returns>
    private Outside? TurnsAround(Turn turn, WaysOut ways, ref Frame frame, in Ipv4Layout packet, Outside around, Outside host)
    {
        if (packet.FragmentOffset > 0)
            return host.Translator.HasBegun(frame, packet, gateway.Policy, turn.Member.Slot, out _) ? null : around;
        var way = around.Translates(frame, packet) ? around
            : ways.AtAlias(packet.Destination) is { } other && other.Translates(frame, packet) ? other : null;
        return way is null || host.Translator.WasBegunOutside(ref frame, packet, gateway.Policy, turn.Now, out _) ? null : way;
    }

    /// <summary>Of a connection to or from a port that takes less than its network, no segment is to be too long for that port.</summary>
    /// <param name="fromMtu">Of the link or port that the packet came from.</param>
    private void KeepShort(Turn turn, ref Frame frame, in Ipv4Layout packet, int fromMtu)
    {
        if (gateway.SmallestMtu < gateway.Mtu && Hop.HasSegmentSize(frame, packet))
            Hop.ClampSegmentSize(ref frame, packet, int.Min(fromMtu, gateway.MtuToward(packet.Destination, turn.Now)));
    }

    private DropReason Leave(Turn turn, int index, ref Frame frame, in Ipv4Layout packet, in Route route, WaysOut ways)
    {
        var (way, next) = (route.Way!, route.Next);
        Hop.Cross(ref frame, packet, int.Min(gateway.Mtu, turn.Input.Mtu), route.Mtu, route.SegmentMtu);
        var translated = way.Translator.Outbound(ref frame, packet, gateway.Policy, turn.Member.Slot, turn.Now, turn.ReleasedOut);
        if (translated != NaptVerdict.Translated)
            return Refuse(turn, ref frame, packet, translated);
        var drop = way.Send(turn, turn.Burst, index, next);
        if (packet.IsFragment)
        {
            way.SendReleased(turn, next);
            if (route.Course == Course.Host)
                ways.At(packet.Destination)?.PassOn(turn, packet, gateway, way, next);
        }
        return drop;
    }

    /// <summary>Out and in again, which is one hop: who is talked to sees the outside address of who talks (RFC 4787, REQ-9).</summary>
    /// <param name="into">The way where it comes in, which may be another network's.</param>
    private DropReason TurnAround(Turn turn, int index, ref Frame frame, in Ipv4Layout packet, Outside around, Outside into)
    {
        var translated = around.Translator.Outbound(ref frame, packet, gateway.Policy, turn.Member.Slot, turn.Now, turn.ReleasedOut);
        if (translated != NaptVerdict.Translated)
            return Refuse(turn, ref frame, packet, translated);
        var fromMtu = int.Min(gateway.Mtu, turn.Input.Mtu);
        var drop = into.Receive(turn, turn.Burst, index, ref frame, packet.Rewritten(frame.HeadBytes), fromMtu);
        if (packet.IsFragment)
            around.ReceiveReleased(turn, fromMtu);
        return drop;
    }

    /// <summary>What the host forbids from now on ends the connections that are open: errors alone, which may pass, they outlive for a
    /// quarter of an hour (RFC 1122, 4.2.3.9).</summary>
    private DropReason Refuse(Turn turn, WaysOut ways, ref Frame frame, in Ipv4Layout packet, Refusal refusal)
    {
        if (!refusal.IsForbidden || !ways.HasConnection(ref frame, packet, gateway.Policy, turn.Now))
            return gateway.Refuse(turn, frame, packet, refusal);
        gateway.Reset(turn, frame, packet);
        return refusal.Reason;
    }

    /// <summary>RFC 6888, REQ-4 and RFC 4787, REQ-8: who can't have a flow is told. Who brings a protocol that has no ports is as well, for
    /// he would wait for ever. Who goes on with a connection of another way isn't to wait either.</summary>
    private DropReason Refuse(Turn turn, ref Frame frame, in Ipv4Layout packet, NaptVerdict verdict)
    {
        if (verdict == NaptVerdict.Held)
            return DropReason.None;
        if (verdict != NaptVerdict.Prohibited && frame.Drop is not (DropReason.NatProtocol or DropReason.WayChanged))
            return frame.Drop;
        turn.Origin.Restore(frame.HeadBytes);
        if (frame.Drop == DropReason.WayChanged)
        {
            gateway.Reset(turn, frame, packet);
            return frame.Drop;
        }
        var code = frame.Drop == DropReason.NatProtocol ? IcmpUnreachable.Protocol : IcmpUnreachable.Prohibited;
        return gateway.Refuse(turn, frame, packet, Refusal.Unreachable(frame.Drop, code));
    }
}
