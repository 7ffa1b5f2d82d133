using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>What the control side does, beside the workers: it takes the lock for a few hundred slots at a time.</summary>
public sealed unsafe partial class Napt
{
    private const int SlotsAtOnce = 256;

    private int _sweepAt;

    /// <summary>Flow slots that have been used, for whoever plans a sweep.</summary>
    public int SlotCount => _flows.Touched;

    /// <summary>Flows at most, of all networks.</summary>
    public int Capacity => _flows.Capacity;

    /// <summary>Bytes of memory for flows and their index when all slots have been used.</summary>
    public long FlowMemory => _flows.Size + _owners.PlacesSize;

    public NaptCounters Counters
    {
        get
        {
            lock (_changing)
            {
                return new(_flows.Count, _mappings.Count, _began, _refusedPorts, _refusedTable, _refusedQuota, _givenUp, _overlappedEver,
                    _outboundFragments.HeldCount + _inboundFragments.HeldCount, _outboundFragments.Lost + _inboundFragments.Lost);
            }
        }
    }

    /// <summary>Flows that a network has, those included that have timed out but were not swept yet. Any thread may ask.</summary>
    public int FlowsOf(int policy) => SlotOf(policy)?.Flows ?? 0;

    /// <summary>Adds whoever has flows.</summary>
    public void CopyOwnersTo(List<NaptOwner> owners)
    {
        lock (_changing)
        {
            for (var number = 0; number < _owners.Touched; number++)
            {
                var owner = _owners.At(number);
                if (owner->Key != Owner.Nobody && owner->Flows > 0)
                    owners.Add(new(owner->Key));
            }
        }
    }

    /// <summary>
    /// A port of an address outside is for translation: forwarded there, or in a network's range, which is the outside address's. Of an
    /// address that is shared, the others are somebody else's.
    /// </summary>
    /// <param name="address">The outside address or an alias; at others, none is.</param>
    /// <param name="protocol"><see cref="IpProtocol.Tcp"/> or <see cref="IpProtocol.Udp"/>; of others, none is.</param>
    public bool Claims(Ipv4Address address, byte protocol, ushort port)
    {
        if (AliasOf(address) is not (>= 0 and var alias)
            || NatProtocol.Of(protocol) is not (var number and (NatProtocol.Tcp or NatProtocol.Udp)))
            return false;
        if (AskedAt(address, alias, number, port).Kind is MappingKind.Forward or MappingKind.Dynamic)
            return true;
        if (alias > 0 || _mappings.IsExcluded(number, port))
            return false;
        foreach (var slot in _slots)
        {
            if (slot is { IsEnding: false } && slot.Policy.Covers(port))
                return true;
        }
        return false;
    }

    /// <summary>Ends the timed-out flows among the next <paramref name="flows"/> slots, and drops fragments that have waited too
    /// long.</summary>
    public void Sweep(Instant now, int flows)
    {
        for (var left = int.Min(flows, _flows.Touched); left > 0; left -= SlotsAtOnce)
        {
            lock (_changing)
            {
                for (var i = int.Min(left, SlotsAtOnce); i > 0; i--)
                {
                    var slot = _flows.At(_sweepAt);
                    if (IsInUse(slot) && !IsAlive(*slot, now.Seconds))
                        End(slot, now);
                    _sweepAt = _sweepAt + 1 >= _flows.Touched ? 0 : _sweepAt + 1;
                }
            }
        }
        _outboundFragments.Expire(now);
        _inboundFragments.Expire(now);
    }

    /// <summary>
    /// Replaces a network's forwards. Flows by forwards that are gone or lead elsewhere end; those by the others go on. A port that an
    /// inside host's mapping has is taken from it.
    /// </summary>
    /// <param name="ended">Gets the flows that have ended and whose ends would notice, as those of <see cref="CopyOpenTo"/>; left out:
    /// nobody asks.</param>
    /// <exception cref="ArgumentException">
    /// A forward is not of TCP or UDP, has no ports, or wants a port that another has; or the network has no policy.
    /// </exception>
    public void SetForwards(int policy, IReadOnlyList<NaptForward> forwards, Instant now, ICollection<OpenFlow>? ended = null)
    {
        if (!IsSet(policy))
            throw new ArgumentException($"network {policy} has no policy", nameof(policy));
        var wanted = new Dictionary<(int Protocol, ushort Port), ulong>();
        foreach (var forward in forwards)
            Want(policy, forward, wanted);
        var named = _named.With(policy, forwards.Where(forward => forward.On is not null));

        lock (_changing)
        {
            foreach (var (protocol, port) in wanted.Keys)
            {
                if (_mappings.At(protocol, port) is { Kind: MappingKind.Forward } other && other.Policy != policy)
                    throw new ArgumentException($"port {port} is forwarded by another network", nameof(forwards));
            }
            // Until they are forwards, nobody else takes them.
            _mappings.Reserve(wanted.Keys);
            _named = named;
        }
        EndWhere(now, (protocol, port, mapping) => mapping.Kind == MappingKind.Forward
            ? mapping.Policy == policy && wanted.GetValueOrDefault((protocol, port)) != mapping.Inside
            : wanted.ContainsKey((protocol, port)), (in flow, _) => (flow.State & FlowState.Named) != 0
                ? flow.Policy == policy && !IsNamedStill(flow)
                : (flow.State & FlowState.Overlapped) != 0 && wanted.ContainsKey((flow.Protocol, flow.OutsidePort)), ended);
        lock (_changing)
        {
            // In the order of the ports: the first of several that lead to one inside port is where its own packets come from.
            foreach (var ((protocol, port), inside) in wanted.OrderBy(one => one.Key))
            {
                if (_mappings.At(protocol, port).Kind is MappingKind.Free or MappingKind.Forward)
                    _mappings.Forward(port, inside);
            }
            _mappings.Reserve([]);
            _portChanges++;
        }
    }

    /// <summary>
    /// Says which ports of the outside address somebody else has, such as the host's own programs: all that there are, each time anew.
    /// No inside host is given one of them any more, but whoever has one keeps it as long as his flows live: they were there first.
    /// Forwards stay, and what goes on by them; nothing more begins by them from outside while somebody else hears it.
    /// </summary>
    /// <param name="protocol"><see cref="IpProtocol.Tcp"/>, <see cref="IpProtocol.Udp"/> or <see cref="IpProtocol.Icmp"/>.</param>
    public void ExcludePorts(byte protocol, ReadOnlySpan<ushort> ports)
    {
        var number = NatProtocol.Of(protocol);
        ArgumentOutOfRangeException.ThrowIfNegative(number, nameof(protocol));
        lock (_changing)
        {
            _mappings.Exclude(number, ports);
            _portChanges++;
        }
    }

    /// <summary>An inside host has the port, and its flows live.</summary>
    /// <param name="protocol"><see cref="IpProtocol.Tcp"/> or <see cref="IpProtocol.Udp"/>; of others, none is.</param>
    public bool IsHeld(byte protocol, ushort port) =>
        NatProtocol.Of(protocol) is var number and (NatProtocol.Tcp or NatProtocol.Udp)
            && _mappings.KindOf(number, port) == MappingKind.Dynamic;

    /// <summary>Adds the flows to a list. Flows that begin or end while this reads may be missed.</summary>
    public void CopyTo(List<NaptFlow> flows, Instant now) => CopyTo(flows, 0, SlotCount, now);

    /// <summary>The same for some slots, so that a table of a million flows can be shown in pieces.</summary>
    /// <param name="first">The first slot, from 0 to <see cref="SlotCount"/>.</param>
    /// <param name="count">Slots to look at.</param>
    public void CopyTo(List<NaptFlow> flows, int first, int count, Instant now)
    {
        var stop = (int)long.Min(first + (long)count, _flows.Touched);
        for (var number = first; number < stop; number++)
        {
            if (!_flows.TryCopy(number, out var flow) || !IsAlive(flow, now.Seconds))
                continue;
            var age = (int)(now.Seconds - flow.Began);
            flows.Add(new(flow.Policy, NatProtocol.ToIp(flow.Protocol), flow.InsideAddress, flow.InsidePort,
                AddressOf(flow), flow.OutsidePort, flow.RemoteAddress, flow.RemotePort,
                flow.Protocol == NatProtocol.Tcp ? TcpTracker.StateOf(flow.State) : NaptFlowState.Active,
                age < 0 ? 0 : (uint)age, Idle(flow, now.Seconds),
                (flow.State & FlowState.FromOutside) != 0, (flow.State & FlowState.Overlapped) != 0));
        }
    }

    private static bool IsInUse(Flow* slot) => (slot->Version & 1) == 0 && slot->Version != 0;

    private bool IsNamedStill(in Flow flow) => _named.Find(AddressOf(flow), flow.Protocol, flow.OutsidePort)
        == MappingTable.Key(flow.InsideAddress, flow.InsidePort, flow.Policy, flow.Protocol);

    private static void Want(int policy, in NaptForward forward, Dictionary<(int Protocol, ushort Port), ulong> wanted)
    {
        var (number, first, last) = forward.From;
        var protocol = NatProtocol.Of(number);
        if (protocol is not (NatProtocol.Tcp or NatProtocol.Udp))
            throw new ArgumentException("only TCP and UDP ports can be forwarded");
        if (first <= 0 || last < first || last > ushort.MaxValue || forward.InsidePort + last - first > ushort.MaxValue)
            throw new ArgumentException($"a forward of ports {first} to {last} to {forward.InsidePort} and above: no such ports");
        for (var port = first; port <= last && forward.On is null; port++)
        {
            var inside = MappingTable.Key(forward.Inside, (ushort)(forward.InsidePort + port - first), policy, protocol);
            if (!wanted.TryAdd((protocol, (ushort)port), inside))
                throw new ArgumentException($"port {port} is forwarded twice");
        }
    }
}
