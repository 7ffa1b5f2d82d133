using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>The slow way: flows and mappings begin and end, under the lock.</summary>
public sealed unsafe partial class Napt
{
    private long _began;
    private long _refusedPorts;
    private long _refusedTable;
    private long _refusedQuota;

    /// <param name="owner">The port that the packet came by.</param>
    /// <param name="nothing">The packet is one that begins no flow.</param>
    private DropReason BeginOutbound(ulong addresses, ulong ports, ushort owner, bool nothing, Instant now, out FlowMatch match)
    {
        lock (_changing)
        {
            if (_flows.TryFindOutbound(addresses, ports, out match))
            {
                if (IsAlive(match, now))
                    return DropReason.None; // Another worker was faster.
                End(match.Flow, now);
            }
            if (nothing)
                return DropReason.NatUnmatched;
            var content = new Flow { Addresses = addresses, Ports = ports, State = FlowState.Kept };
            var inside = MappingTable.Key(content.InsideAddress, content.InsidePort, content.Policy, content.Protocol);
            return Begin(ref content, owner, inside, _mappings.Find(inside), now, out match);
        }
    }

    private NaptVerdict BeginInbound(ref Frame frame, in Ipv4Layout packet, in TransportHeader transport, ushort remotePort, Instant now, out FlowMatch match)
    {
        match = default;
        int protocol = transport.Protocol;
        var port = transport.Destination;
        // RFC 5382, REQ-4: unsolicited SYNs are answered by nobody. Strangers who try ports must not keep others from the lock: most are refused before it.
        var kind = _mappings.KindOf(protocol, port);
        if (kind is MappingKind.Free or MappingKind.Ending)
            return NaptVerdict.NotOurs;
        if (BeginsNothing(ref frame, packet, transport))
            return Refuse(ref frame, DropReason.NatUnmatched);
        if (kind == MappingKind.Dynamic && _policies[_mappings.At(protocol, port).Policy].Filtering == NaptFiltering.AddressAndPortDependent)
            return Refuse(ref frame, DropReason.NatFiltered);

        lock (_changing)
        {
            if (_flows.TryFindInbound(packet.Source, port, remotePort, protocol, out match))
            {
                if (IsAlive(match, now))
                    return NaptVerdict.Translated;
                End(match.Flow, now);
            }
            ref var mapping = ref _mappings.At(protocol, port);
            if (mapping.Kind is MappingKind.Free or MappingKind.Ending)
                return NaptVerdict.NotOurs;
            if (mapping.Kind == MappingKind.Dynamic && !Admits(mapping, protocol, port, packet.Source))
                return Refuse(ref frame, DropReason.NatFiltered);
            var content = new Flow
            {
                Addresses = Flow.PackAddresses(new(mapping.Address), packet.Source),
                Ports = Flow.PackPorts(mapping.Port, 0, remotePort, mapping.Policy, protocol),
                State = mapping.Kind == MappingKind.Forward ? FlowState.FromOutside | FlowState.Kept | FlowState.Forward : FlowState.FromOutside,
            };
            if (_flows.TryFindOutbound(content.Addresses, content.Ports, out var other))
            {
                // The same two ends already speak by another of the inside host's outside ports.
                if (IsAlive(other, now))
                    return Refuse(ref frame, DropReason.NatUnmatched);
                End(other.Flow, now);
                if (mapping.Kind == MappingKind.Free)
                    return NaptVerdict.NotOurs;
            }
            var refusal = Begin(ref content, mapping.Owner, mapping.Inside, port, now, out match);
            if (refusal == DropReason.None)
                return NaptVerdict.Translated;
            frame.Drop = refusal;
            return NaptVerdict.Dropped; // A stranger is not told how full we are.
        }
    }

    /// <summary>RFC 4787, REQ-8; RFC 5382, REQ-3.</summary>
    private bool Admits(in Mapping mapping, int protocol, ushort port, Ipv4Address remote) => _policies[mapping.Policy].Filtering switch
    {
        NaptFiltering.EndpointIndependent => true,
        NaptFiltering.AddressDependent => _peers[PeerKey(protocol, port, remote)] != 0,
        _ => false,
    };

    /// <summary>Adds a flow, and a mapping where <paramref name="mapped"/> is -1, when every limit allows.</summary>
    /// <param name="owner">The port that they count for; 0: they count for their inside address.</param>
    private DropReason Begin(ref Flow content, ushort owner, ulong inside, int mapped, Instant now, out FlowMatch match)
    {
        match = default;
        var policy = _policies[content.Policy];
        var fromOutside = (content.State & FlowState.FromOutside) != 0 ? 1 : 0;
        var ownerKey = OwnerKey(content.Policy, owner, content.InsideAddress.Value);
        var use = new OwnerUse(_owners[ownerKey]);
        var isNew = mapped < 0;
        // RFC 6888, REQ-4 and REQ-5. Whatever is refused here, nothing that exists makes room for it (RFC 4787, REQ-11).
        if (use.Flows >= policy.Policy.FlowsPerOwner
            || (isNew && use.Mappings >= policy.Policy.MappingsPerOwner)
            || (fromOutside != 0 && use.FlowsFromOutside >= policy.Policy.FlowsPerOwner / 2))
        {
            _refusedQuota++;
            return DropReason.NatQuota;
        }
        if (policy.Flows >= policy.Policy.Flows || !_flows.HasRoom(now.Seconds))
        {
            _refusedTable++;
            return DropReason.NatTableFull;
        }
        if (isNew)
        {
            mapped = _mappings.Create(inside, owner, policy.Policy.FirstPort, policy.Policy.LastPort);
            if (mapped < 0)
            {
                _refusedPorts++;
                return DropReason.NatPortsExhausted;
            }
        }

        var outside = (ushort)mapped;
        content.Ports |= (ulong)outside << 32;
        content.AddressDelta = ChecksumDelta.Of(content.InsideAddress, OutsideAddress);
        var portDelta = ChecksumDelta.Of(content.InsidePort, outside);
        content.TransportDelta = content.Protocol == NatProtocol.Icmp ? portDelta : content.AddressDelta + portDelta;
        content.Began = content.Inside.Seen = content.Remote.Seen = now.Seconds;
        if (!_flows.TryAdd(content, owner, now.Seconds, out match))
        {
            if (isNew)
                _mappings.Free(content.Protocol, outside);
            _refusedTable++;
            return DropReason.NatTableFull;
        }
        ref var mapping = ref _mappings.At(content.Protocol, outside);
        mapping.Flows++;
        if ((content.State & FlowState.Kept) != 0)
            mapping.Kept++;
        Count(ownerKey, isNew ? 1 : 0, 1, fromOutside);
        policy.Flows++;
        CountPeer(policy, content, 1);
        _began++;
        Log(policy, content, now, began: true);
        return DropReason.None;
    }

    /// <summary>An inside host has sent on a flow that an outsider began: from now on it keeps the mapping.</summary>
    private void Keep(in FlowMatch match)
    {
        lock (_changing)
        {
            var flow = match.Flow;
            if (!IsInUse(flow) || flow->Addresses != match.Addresses || flow->Ports != match.Ports || (flow->State & FlowState.Kept) != 0)
                return;
            TcpTracker.Add(ref *flow, FlowState.Kept);
            _mappings.At(flow->Protocol, flow->OutsidePort).Kept++;
        }
    }

    /// <summary>Removes a flow, and its mapping when that was the last one that kept it.</summary>
    private void End(Flow* slot, Instant now)
    {
        var flow = *slot;
        var policy = _policies[flow.Policy];
        var address = flow.InsideAddress.Value;
        Count(OwnerKey(flow.Policy, _flows.OwnerOf(slot), address), 0, -1, (flow.State & FlowState.FromOutside) != 0 ? -1 : 0);
        _flows.Remove(slot, now.Seconds);
        policy.Flows--;
        ref var mapping = ref _mappings.At(flow.Protocol, flow.OutsidePort);
        mapping.Flows--;
        if ((flow.State & FlowState.Kept) != 0)
            mapping.Kept--;
        if (mapping.Kept == 0 && mapping.Kind == MappingKind.Dynamic)
        {
            // A mapping that is ending doesn't count any more.
            Count(OwnerKey(flow.Policy, mapping.Owner, address), -1, 0, 0);
            _mappings.BeginEnding(flow.Protocol, flow.OutsidePort);
        }
        if (mapping.Flows == 0 && mapping.Kind == MappingKind.Ending)
            _mappings.Free(flow.Protocol, flow.OutsidePort);
        CountPeer(policy, flow, -1);
        Log(policy, flow, now, began: false);
    }

    private void Count(ulong owner, int mappings, int flows, int fromOutside)
    {
        var use = new OwnerUse(_owners[owner]).Add(mappings, flows, fromOutside);
        if (use.Packed == 0)
            _owners.Remove(owner);
        else
            _owners.Set(owner, use.Packed);
    }

    private void CountPeer(PolicyState policy, in Flow flow, int change)
    {
        if (policy.Filtering != NaptFiltering.AddressDependent)
            return;
        var key = PeerKey(flow.Protocol, flow.OutsidePort, flow.RemoteAddress);
        var count = (int)_peers[key] + change;
        if (count == 0)
            _peers.Remove(key);
        else
            _peers.Set(key, (ulong)count);
    }

    private void Log(PolicyState policy, in Flow flow, Instant now, bool began)
    {
        if (policy.Policy.LogsFlows && _log is not null)
        {
            _log.Write(new(now, began, flow.Policy, NatProtocol.ToIp(flow.Protocol), flow.InsideAddress, flow.InsidePort, OutsideAddress, flow.OutsidePort,
                flow.RemoteAddress, flow.RemotePort));
        }
    }

    private static ulong OwnerKey(int policy, ushort owner, uint inside) => (ulong)policy << 33 | (owner != 0 ? 1UL << 32 | owner : inside);

    private static ulong PeerKey(int protocol, ushort port, Ipv4Address remote) => (ulong)protocol << 48 | (ulong)port << 32 | remote.Value;
}
