using SoftSwitch.Forwarding.Time;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>Flows that end before their time, because a network, a forward, a part of the pool or a port is no more.</summary>
public sealed unsafe partial class Napt
{
    /// <summary>
    /// Ends what counts for ports of a network, and gives back its outside ports: they leave the network, and who gets their slots later
    /// has nothing of theirs. What outsiders have begun by forwards counts for no port, and goes on.
    /// </summary>
    /// <param name="policy">The network's number.</param>
    /// <param name="ports">Their slots.</param>
    /// <param name="ended">Gets the flows that have ended and whose ends would notice, as those of <see cref="CopyOpenTo"/>; left out:
    /// nobody asks.</param>
    public void EndFlowsOf(int policy, IReadOnlySet<ushort> ports, Instant now, ICollection<OpenFlow>? ended = null)
    {
        HashSet<ulong> owners = [.. from port in ports
            from owner in (NaptOwner[])[NaptOwner.Of(policy, port, 0), NaptOwner.OfAnswers(policy, port)]
            select owner.Key];
        lock (_changing)
        {
            if (!owners.Any(owner => _owners.Find(owner) >= 0))
                return;
        }
        EndWhere(now,
            (_, _, mapping) => mapping.Kind == MappingKind.Dynamic && mapping.Policy == policy && ports.Contains(mapping.Owner),
            (in _, owner) => owners.Contains(owner), ended, isForAll: true);
    }

    /// <summary>Ends the mappings that a rule picks, and their flows.</summary>
    /// <param name="ends">Picks flows beside those: those that overlap and those of named forwards have no mapping.</param>
    /// <param name="ended">Gets those flows of which somebody is to be told; null: none.</param>
    /// <param name="isForAll">Also flows on mappings that stay may be picked.</param>
    private void EndWhere(
        Instant now, Func<int, ushort, Mapping, bool> picks, FlowRule ends, ICollection<OpenFlow>? ended, bool isForAll = false)
    {
        bool any;
        lock (_changing)
        {
            any = isForAll || _overlapped + _namedFlows > 0;
            foreach (var (protocol, port) in _mappings.Taken())
            {
                ref var mapping = ref _mappings.At(protocol, port);
                any |= mapping.Kind == MappingKind.Ending;
                if (mapping.Kind == MappingKind.Ending || !picks(protocol, port, mapping))
                    continue;
                if (mapping.Flows == 0)
                {
                    _mappings.Free(protocol, port, now.Seconds);
                    continue;
                }
                if (mapping.Kind == MappingKind.Dynamic)
                    Uncount(mapping);
                _mappings.BeginEnding(protocol, port);
                any = true;
            }
        }
        if (!any)
            return;
        ForFlows(slot =>
        {
            var isOnEnding = (slot->State & FlowState.Unmapped) == 0
                && _mappings.At(slot->Protocol, slot->OutsidePort).Kind == MappingKind.Ending;
            if (!isOnEnding && !ends(*slot, _owners.At(_owners.OwnerOf(_flows.NumberOf(slot)))->Key))
                return;
            if (ended is not null && IsAlive(*slot, now.Seconds) && IsOpen(*slot))
                ended.Add(OpenFlowOf(*slot));
            End(slot, now);
        });
    }

    /// <summary>Does something with every flow, a few hundred of them at a time under the lock.</summary>
    private void ForFlows(FlowAction action)
    {
        for (var number = 0; number < _flows.Touched;)
        {
            lock (_changing)
            {
                for (var stop = int.Min(number + SlotsAtOnce, _flows.Touched); number < stop; number++)
                {
                    var slot = _flows.At(number);
                    if (IsInUse(slot))
                        action(slot);
                }
            }
        }
    }

    private delegate void FlowAction(Flow* slot);

    /// <param name="owner">The key of whom it counts for.</param>
    private delegate bool FlowRule(in Flow flow, ulong owner);
}
