using SoftSwitch.Forwarding.Time;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>
/// Networks come, change and go while workers translate for the others. Each has a slot by a number that it keeps, and all its flows,
/// mappings and owners name it by that number. The slots stand in an array that is replaced whole, and each slot's policy is one immutable
/// object that is replaced whole: a worker reads what stands there when its packet comes, without a lock, and what begins under the lock
/// begins by the newest.
/// <code>
///   _slots ──► [ 0: slot ──► policy ]  [ 1: – ]  [ 2: slot ──► policy ]      a flow, a mapping, an owner: … network 2 …
/// </code>
/// A change keeps the flows that the new policy still allows. When a network goes, its flows and forwards end at once, and their places are
/// free. All of this is for one thread of the control side at a time; it takes the lock for a few hundred flows.
/// </summary>
public sealed unsafe partial class Napt
{
    private volatile PolicySlot?[] _slots = [];

    /// <summary>Networks at most: their numbers are below.</summary>
    public const int MaximumNetworks = Flow.MaximumPolicies;

    /// <summary>
    /// Sets how a network is translated: one that is new, or, while its flows live, one that is translated otherwise from now on. Of those
    /// flows, the ones end whose outside ports aren't the network's any more: somebody else may get these. Lower limits end nothing; who is
    /// above them begins nothing more without giving up something. Its forwards stay as they are.
    /// </summary>
    /// <param name="number">
    /// By which packets, flows and forwards name the network: from 0, best a low one. It is another network's only when no worker brings
    /// packets of the one that had it before.
    /// </param>
    /// <param name="ended">Gets the flows that have ended and whose ends would notice, as those of <see cref="CopyOpenTo"/>; left out:
    /// nobody asks.</param>
    public void SetPolicy(int number, NaptPolicy policy, Instant now, ICollection<OpenFlow>? ended = null)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)number, (uint)Flow.MaximumPolicies, nameof(number));
        Prepare(policy);
        NaptPolicy? before = null;
        lock (_changing)
        {
            if (SlotOf(number) is { } slot)
            {
                before = slot.Policy;
                slot.Policy = policy;
            }
            else
            {
                Publish(number, new(policy));
            }
            _portChanges++;
        }
        if (before is null)
            return;
        if (before.Filtering != policy.Filtering)
            CountPeers(number, counts: policy.Filtering == NaptFiltering.AddressDependent);
        if (!policy.Covers(before.FirstPort) || !policy.Covers(before.LastPort))
        {
            EndWhere(now, (_, port, mapping) => mapping.Kind == MappingKind.Dynamic && mapping.Policy == number && !policy.Covers(port),
                (in flow, _) => flow.Policy == number && (flow.State & FlowState.Unmapped) == FlowState.Overlapped
                    && !policy.Covers(flow.OutsidePort), ended);
        }
    }

    /// <summary>Takes the tables that a policy needs beyond those that are there, so that it can be set whatever happens. They are kept for
    /// the next one, too.</summary>
    /// <exception cref="OutOfMemoryException">They can't be had.</exception>
    public void Prepare(NaptPolicy policy)
    {
        policy.Validate();
        if (policy.Filtering == NaptFiltering.AddressDependent)
            _peers ??= new(_flows.Capacity, _secrets);
    }

    /// <summary>
    /// Removes a network. Its flows, mappings and forwards end and give back their places; those of the others don't notice. What its hosts
    /// still send is <see cref="NaptVerdict.Prohibited"/>, so that they are told (RFC 5508, REQ-8); outsiders get silence.
    /// </summary>
    /// <param name="ended">Gets the flows that have ended and whose ends would notice, as those of <see cref="CopyOpenTo"/>; left out:
    /// nobody asks.</param>
    public void RemovePolicy(int number, Instant now, ICollection<OpenFlow>? ended = null)
    {
        if (SlotOf(number) is not { } slot)
            return;
        lock (_changing)
        {
            slot.BeginEnding();
            _named = _named.With(number, []);
        }
        EndWhere(now, (_, _, mapping) => mapping.Policy == number, (in flow, _) => flow.Policy == number, ended);
        // None of its flows is found any more: no other fragments follow.
        _outboundFragments.RemoveOf(number);
        _inboundFragments.RemoveOf(number);
        lock (_changing)
        {
            Publish(number, null);
            _portChanges++;
        }
    }

    /// <summary>A network's slot; null: there is no such network.</summary>
    private PolicySlot? SlotOf(int number)
    {
        var slots = _slots;
        return (uint)number < (uint)slots.Length ? slots[number] : null;
    }

    /// <summary>The policy of a network that has flows or mappings: it is there as long as they are, for those who have the lock.</summary>
    private NaptPolicy PolicyOf(in Flow flow) => _slots[flow.Policy]!.Policy;

    /// <summary>The network of a packet can begin something.</summary>
    private bool IsSet(int number) => SlotOf(number) is { IsEnding: false };

    private void Publish(int number, PolicySlot? slot)
    {
        var slots = new PolicySlot?[int.Max(_slots.Length, number + 1)];
        _slots.CopyTo(slots, 0);
        slots[number] = slot;
        _slots = slots;
    }

    /// <summary>Counts the remote addresses of a network's flows, or doesn't any more: address-dependent filtering asks for them.</summary>
    private void CountPeers(int number, bool counts) => ForFlows(slot =>
    {
        if (slot->Policy != number || (slot->State & FlowState.Unmapped) != 0 || (slot->State & FlowState.Peer) != 0 == counts)
            return;
        CountPeer(*slot, counts ? 1 : -1);
        var (add, remove) = counts ? (FlowState.Peer, FlowState.None) : (FlowState.None, FlowState.Peer);
        Flow.TryChange(ref *slot, slot->Version, add, remove);
    });
}
