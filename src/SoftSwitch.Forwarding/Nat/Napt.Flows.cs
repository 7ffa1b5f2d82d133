using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>The slow way: flows and mappings begin and end, under the lock.</summary>
public sealed unsafe partial class Napt
{
    private long _began;
    private long _refusedPorts;
    private long _refusedTable;
    private long _refusedQuota;
    private long _givenUp;
    private long _overlappedEver;

    /// <summary>Flows of TCP at the moment.</summary>
    private int _connections;

    /// <summary>The owner with the most flows, as far as was seen, and the one that was looked at last.</summary>
    private int _heaviest;
    private int _lookedAt;

    /// <summary>Flows at the moment that overlap.</summary>
    private int _overlapped;

    /// <param name="owner">The port that the packet came by.</param>
    /// <param name="nothing">The packet is one that begins no flow.</param>
    /// <param name="opens">The packet opens a connection.</param>
    private DropReason BeginOutbound(ulong addresses, ulong ports, ushort owner, bool nothing, bool opens, Instant now, out FlowMatch match)
    {
        lock (_changing)
        {
            if (_flows.TryFindOutbound(addresses, ports, out match))
            {
                if (IsAlive(match, now))
                    return DropReason.None; // Another worker was faster.
                End(match.Flow, now);
            }
            // RFC 5508, REQ-8: whose network was removed is told.
            if (OnlyAnswers || !IsSet(Flow.PolicyOf(ports)))
                return DropReason.NoRoute;
            if (nothing)
                return DropReason.NatUnmatched;
            var content = new Flow { Addresses = addresses, Ports = ports, State = FlowState.Kept };
            var key = NaptOwner.Of(content.Policy, owner, content.InsideAddress.Value);
            if (!opens && IsForwards(content, out var isNamed))
            {
                // Of a connection nothing but its answers comes: at which address it was asked isn't known any more, and with another one
                // they would only end it. It goes on when the outsider speaks.
                if (isNamed && content.Protocol == NatProtocol.Tcp)
                    return DropReason.NatUnmatched;
                // An answer to an outsider whose flow was given up meanwhile: outsiders must not fill the guest's own share by having it
                // answer. Nor must another guest that writes its address fill the one that outsiders have.
                content.State |= FlowState.FromOutside | FlowState.Forward;
                key = NaptOwner.OfAnswers(content.Policy, owner);
                // The forward's port is nobody's; one of the pool is the guest's own.
                owner = isNamed ? owner : (ushort)0;
            }
            var number = Claim(content, key.Key, now, out var refusal);
            if (number < 0)
                return refusal;
            refusal = ChoosePort(ref content, owner, number, now);
            return refusal == DropReason.None ? Add(ref content, number, now, out match) : Unclaim(number, content, refusal);
        }
    }

    private bool HasSpoken(int protocol, ushort port) => protocol == NatProtocol.Udp && _spoken is { } spoken && spoken.Contains(port);

    private NaptVerdict BeginInbound(ref Frame frame, in Ipv4Layout packet, in TransportHeader transport, int alias, ushort remotePort,
        Instant now, out FlowMatch match)
    {
        match = default;
        int protocol = transport.Protocol;
        var port = transport.Destination;
        // RFC 5382, REQ-4: unsolicited SYNs are answered by nobody. Strangers who try ports must not keep others from the lock: most are
        // refused before it.
        var asked = AskedAt(packet.Destination, alias, protocol, port);
        if (asked.IsNobodys)
            return NaptVerdict.NotOurs;
        // The host hears it. What turns around here it doesn't.
        if (asked.Kind == MappingKind.Forward && packet.Source != OutsideAddress
            && (_mappings.IsExcluded(protocol, port) || HasSpoken(protocol, port)))
            return NaptVerdict.NotOurs;
        if (BeginsNothing(ref frame, packet, transport))
            return Refuse(ref frame, DropReason.NatUnmatched);
        if (asked.Kind == MappingKind.Dynamic && SlotOf(asked.Policy)?.Policy.Filtering == NaptFiltering.AddressAndPortDependent)
            return Refuse(ref frame, DropReason.NatFiltered);

        lock (_changing)
        {
            if (_flows.TryFindInbound(packet.Source, port, remotePort, protocol, out match, alias))
            {
                if (IsAlive(match, now))
                    return NaptVerdict.Translated;
                End(match.Flow, now);
            }
            WasEverBegunOutside = true;
            asked = AskedAt(packet.Destination, alias, protocol, port);
            // The alias may have become nobody's while this waited for the lock.
            if (asked.IsNobodys || AliasOf(packet.Destination) != alias)
                return NaptVerdict.NotOurs;
            if (asked.Kind == MappingKind.Dynamic && !Admits(asked.Policy, protocol, port, packet.Source))
                return Refuse(ref frame, DropReason.NatFiltered);
            var content = new Flow
            {
                Addresses = Flow.PackAddresses(asked.Address, packet.Source),
                Ports = Flow.PackPorts(asked.Port, 0, remotePort, asked.Policy, protocol, alias),
                State = asked.Kind != MappingKind.Forward ? FlowState.FromOutside
                    : FlowState.FromOutside | FlowState.Kept | FlowState.Forward | (asked.IsNamed ? FlowState.Named : FlowState.None),
            };
            if (_flows.TryFindOutbound(content.Addresses, content.Ports & Flow.OutboundMask, out var other))
            {
                // The same two ends already speak by another of the inside host's outside ports or addresses, and aren't done.
                if (IsAlive(other, now) && other.Flow->Worth != FlowWorth.Closed)
                    return Refuse(ref frame, DropReason.NatUnmatched);
                End(other.Flow, now);
            }
            if (IsSpokenElsewhere(content, now))
                return Refuse(ref frame, DropReason.NatUnmatched);
            // A stranger is not told how full we are.
            var number = Claim(content, NaptOwner.Of(asked.Policy, asked.Owner, asked.Address.Value).Key, now, out var refusal);
            if (number < 0)
                return Drop(ref frame, refusal);
            // What was ended to make room, or just before, may have been the last flow of the very mapping.
            if (AskedAt(packet.Destination, alias, protocol, port) != asked)
                return Drop(ref frame, Unclaim(number, content, DropReason.NatUnmatched));
            content.Ports |= (ulong)port << 32;
            refusal = Add(ref content, number, now, out match);
            return refusal == DropReason.None ? NaptVerdict.Translated : Drop(ref frame, refusal);
        }

        static NaptVerdict Drop(ref Frame frame, DropReason reason)
        {
            frame.Drop = reason;
            return NaptVerdict.Dropped;
        }
    }

    /// <summary>RFC 4787, REQ-8; RFC 5382, REQ-3.</summary>
    private bool Admits(int policy, int protocol, ushort port, Ipv4Address remote) =>
        _slots[policy]!.Policy.Filtering switch
        {
            NaptFiltering.EndpointIndependent => true,
            NaptFiltering.AddressDependent => _peers![PeerKey(protocol, port, remote)] != 0,
            NaptFiltering.AddressAndPortDependent => false,
            var unknown => throw new InvalidOperationException($"nothing is filtered by {unknown}"),
        };

    /// <summary>Adds a flow that has its outside port and is counted for its owner.</summary>
    private DropReason Add(ref Flow content, int owner, Instant now, out FlowMatch match)
    {
        var slot = _slots[content.Policy]!;
        SetDeltas(ref content);
        content.Began = content.Inside.Seen = content.Remote.Seen = now.Seconds;
        var isMapped = (content.State & FlowState.Unmapped) == 0;
        if (isMapped && slot.Policy.Filtering == NaptFiltering.AddressDependent)
            content.State |= FlowState.Peer;
        if (!TryEnter(ref content, owner, now, out match))
        {
            ref var mapping = ref _mappings.At(content.Protocol, content.OutsidePort);
            if (isMapped && mapping.Kind == MappingKind.Dynamic && mapping.Flows == 0)
            {
                Uncount(mapping);
                _mappings.Free(content.Protocol, content.OutsidePort, now.Seconds);
            }
            _refusedTable++;
            return Unclaim(owner, content, DropReason.NatTableFull);
        }
        if ((content.State & FlowState.Overlapped) != 0)
            _overlappedEver++;
        _began++;
        Log(slot, content, owner, now, began: true);
        return DropReason.None;
    }

    /// <summary>Puts a flow into the tables that is counted for its owner.</summary>
    /// <returns>False: the index has no place for it.</returns>
    private bool TryEnter(ref Flow content, int owner, Instant now, out FlowMatch match)
    {
        if (!_flows.TryAdd(content, now.Seconds, out match))
            return false;
        var slot = _slots[content.Policy]!;
        _owners.Add(_flows.NumberOf(match.Flow), owner, Owner.ListOf(content));
        slot.Flows++;
        CountConnection(slot, content, 1);
        if ((content.State & FlowState.Overlapped) != 0)
        {
            _owners.At(owner)->Overlapped++;
            _overlapped++;
        }
        else if ((content.State & FlowState.Named) != 0)
        {
            _namedFlows++;
        }
        else
        {
            ref var mapping = ref _mappings.At(content.Protocol, content.OutsidePort);
            mapping.Flows++;
            if ((content.State & FlowState.Kept) != 0)
                mapping.Kept++;
        }
        if ((content.State & FlowState.Peer) != 0)
            CountPeer(content, 1);
        return true;
    }

    /// <summary>An inside host has sent on a flow that an outsider began: from now on it keeps the mapping.</summary>
    private void Keep(in FlowMatch match)
    {
        lock (_changing)
        {
            var flow = match.Flow;
            if (!match.IsStill || (flow->State & FlowState.Kept) != 0)
                return;
            Flow.TryChange(ref *flow, match.Version, FlowState.Kept);
            _mappings.At(flow->Protocol, flow->OutsidePort).Kept++;
        }
    }

    /// <summary>A flow has become worth something else: it is the newest of those.</summary>
    private void Value(in FlowMatch match)
    {
        lock (_changing)
        {
            if (!match.IsStill)
                return;
            int number = _flows.NumberOf(match.Flow), list = Owner.ListOf(*match.Flow);
            if (_owners.ListOf(number) != list)
                _owners.Move(number, list);
        }
    }

    /// <summary>Removes a flow, and its mapping when that was the last one that kept it.</summary>
    private void End(Flow* ended, Instant now)
    {
        var flow = *ended;
        var slot = _slots[flow.Policy]!;
        var number = _flows.NumberOf(ended);
        var owner = _owners.OwnerOf(number);
        _owners.Remove(number);
        _flows.Remove(ended, now.Seconds);
        slot.Flows--;
        CountConnection(slot, flow, -1);
        if ((flow.State & FlowState.Overlapped) != 0)
        {
            _owners.At(owner)->Overlapped--;
            _overlapped--;
        }
        else if ((flow.State & FlowState.Named) != 0)
        {
            _namedFlows--;
        }
        else
        {
            ref var mapping = ref _mappings.At(flow.Protocol, flow.OutsidePort);
            mapping.Flows--;
            if ((flow.State & FlowState.Kept) != 0)
                mapping.Kept--;
            if (mapping.Kept == 0 && mapping.Kind == MappingKind.Dynamic)
            {
                // A mapping that is ending doesn't count any more.
                Uncount(mapping);
                _mappings.BeginEnding(flow.Protocol, flow.OutsidePort);
            }
            if (mapping.Flows == 0 && mapping.Kind == MappingKind.Ending)
                _mappings.Free(flow.Protocol, flow.OutsidePort, now.Seconds);
        }
        if ((flow.State & FlowState.Peer) != 0)
            CountPeer(flow, -1);
        Log(slot, flow, owner, now, began: false);
        Unclaim(owner, flow);
    }
}
