using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Time;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>
/// At his limit, who begins something new gives up his own flow that is worth least. When the network or the table is full, the owner with
/// the most does, if that isn't he: so all come to an equal share, and who has little is never kept out by who has much. Established
/// connections are given up for nobody; so the last eighth is not for the connections of those who have more than an equal part of it. All
/// under the lock, and in a time that doesn't depend on how many flows there are.
/// </summary>
public sealed unsafe partial class Napt
{
    /// <summary>Owners that are looked at for the one with the most; and while none is found that has more than who asks.</summary>
    private const int OwnerLooks = 16;
    private const int OwnerLooksAtMost = 1024;

    /// <summary>Connections that may be given up.</summary>
    private const int ListsOfConnections = Owner.ListsOfClosed | 3 << 2 * (int)FlowWorth.HalfOpen;

    /// <summary>What a stranger's flow may push out: what strangers began, and what is finished.</summary>
    private const int ListsForStrangers = Owner.ListsFromOutside | Owner.ListsOfClosed | Owner.ListsOfAnswered;

    /// <summary>What an owner gives up of his own: what has begun inside and goes on, he keeps.</summary>
    private const int ListsOfOwn = Owner.AllLists & ~(1 << Owner.Conversations);

    /// <summary>Counts a flow that is about to begin for its owner, and makes room for it.</summary>
    /// <param name="key">Whom it counts for.</param>
    /// <returns>The owner's number; -1 with a reason when there is no room. What is claimed becomes a flow, or is unclaimed.</returns>
    private int Claim(in Flow content, ulong key, Instant now, out DropReason refusal)
    {
        var slot = _slots[content.Policy]!;
        var limits = slot.Policy;
        var isFromOutside = (content.State & FlowState.FromOutside) != 0;
        var number = _owners.Acquire(key);
        if (number < 0)
        {
            _refusedTable++;
            refusal = DropReason.NatTableFull;
            return -1;
        }
        var own = _owners.At(number);
        own->Flows++;
        if (isFromOutside)
            own->FlowsFromOutside++;
        var lists = isFromOutside ? ListsForStrangers : ListsOfOwn;
        // RFC 6888, REQ-4 and REQ-5.
        if ((isFromOutside && own->FlowsFromOutside > limits.FlowsPerOwner / 2 && !GiveUpStrange(number, limits.FlowsPerOwner / 2, now))
            || (own->Flows > limits.FlowsPerOwner && !GiveUp(number, lists, now)))
        {
            _refusedQuota++;
            refusal = Unclaim(number, content, DropReason.NatQuota);
            return -1;
        }
        if ((IsKeptFrom(own, content, slot) && !GiveUp(number, lists & ListsOfConnections, now))
            || (slot.Flows >= limits.Flows && !GiveUpAnybodys(number, lists, content.Policy, ref slot.Heaviest, now))
            || (!_flows.HasRoom && !GiveUpAnybodys(number, lists, policy: -1, ref _heaviest, now)))
        {
            _refusedTable++;
            refusal = Unclaim(number, content, DropReason.NatTableFull);
            return -1;
        }
        refusal = DropReason.None;
        return number;
    }

    /// <summary>The last eighth of the network or of the table is all that isn't connections, and the owner has more than an equal part of
    /// it.</summary>
    private bool IsKeptFrom(Owner* own, in Flow content, PolicySlot slot)
    {
        return content.Protocol == NatProtocol.Tcp
            && (IsLast(slot.Connections, slot.Policy.Flows, own->Flows) || IsLast(_connections, _flows.Capacity, own->Flows));

        bool IsLast(int connections, int limit, int flows) =>
            connections >= limit - limit / Reserve && flows > int.Max(limit / Reserve / _owners.Count, 1);
    }

    /// <summary>Ends a flow of the owner with the most, whoever that is; or one of the owner's who asks.</summary>
    /// <param name="policy">The network whose owners it is about; -1: all.</param>
    private bool GiveUpAnybodys(int owner, int lists, int policy, ref int heaviest, Instant now)
    {
        var flows = _owners.At(owner)->Flows;
        var most = flows;
        var looks = int.Min(heaviest == owner ? OwnerLooks : OwnerLooksAtMost, _owners.Touched);
        for (var look = 0; look <= looks && (look <= OwnerLooks || most == flows); look++)
        {
            // First the one that was it before.
            if (look > 0 && ++_lookedAt >= _owners.Touched)
                _lookedAt = 0;
            var number = look > 0 ? _lookedAt : heaviest;
            var other = _owners.At(number);
            if (other->Key == Owner.Nobody || other->Flows <= most || (policy >= 0 && other->Policy != policy) || !other->HasLess)
                continue;
            (heaviest, most) = (number, other->Flows);
        }
        if (most == flows)
            heaviest = owner;
        // A stranger ends no inside host's conversation.
        return (most > flows && GiveUp(heaviest, lists == ListsOfOwn ? Owner.AllLists : ListsOfOwn, now))
            || GiveUp(owner, lists, now);
    }

    private DropReason Unclaim(int owner, in Flow content, DropReason reason)
    {
        Unclaim(owner, content);
        return reason;
    }

    /// <summary>A flow doesn't count for its owner any more.</summary>
    private void Unclaim(int owner, in Flow content)
    {
        var own = _owners.At(owner);
        own->Flows--;
        if ((content.State & FlowState.FromOutside) != 0)
            own->FlowsFromOutside--;
        _owners.Release(owner);
    }

    /// <summary>A mapping doesn't count for its owner any more.</summary>
    private void Uncount(in Mapping mapping)
    {
        var owner = _owners.Find(OwnerOf(mapping).Key);
        _owners.At(owner)->Mappings--;
        _owners.Release(owner);
    }
}
