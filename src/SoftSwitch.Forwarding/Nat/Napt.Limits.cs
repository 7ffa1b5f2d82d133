using System.Numerics;
using SoftSwitch.Forwarding.Drops;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>
/// At his limit, who begins something new gives up his own flow that is worth least. When the network or the table is full, the owner with the most
/// does, if that isn't he: so all come to an equal share, and who has little is never kept out by who has much. Established connections are given
/// up for nobody; so the last eighth is not for the connections of those who have more than an equal part of it. All under the lock, and in a time
/// that doesn't depend on how many flows there are.
/// </summary>
public sealed unsafe partial class Napt
{
    /// <summary>Flows of a list that are looked at for one to give up.</summary>
    private const int Looks = 8;
    private const int LooksToward = 4;

    /// <summary>The remote port and the protocol.</summary>
    private const ulong RemoteMask = Flow.InboundMask & 0xFFFF_FFFF;

    private const int AllFinished = Owner.ListsOfClosed | Owner.ListsOfAnswered;

    /// <summary>Owners that are looked at for the one with the most; and while none is found that has more than who asks.</summary>
    private const int OwnerLooks = 16;
    private const int OwnerLooksAtMost = 1024;

    /// <summary>Connections that may be given up.</summary>
    private const int ListsOfConnections = Owner.ListsOfClosed | 3 << 2 * (int)FlowWorth.HalfOpen;

    /// <summary>What a stranger's flow may push out: what strangers began, and what is finished.</summary>
    private const int ListsForStrangers = Owner.ListsFromOutside | Owner.ListsOfClosed | Owner.ListsOfAnswered;

    /// <summary>What an owner gives up of his own: what has begun inside and goes on, he keeps.</summary>
    private const int ListsOfOwn = Owner.AllLists & ~(1 << Owner.Conversations);

    /// <summary>Of what strangers may begin, the part that those with an answer leave to those who come: one in so many.</summary>
    private const int RoomForStrangers = 4;

    /// <summary>Counts a flow that is about to begin for its owner, and makes room for it.</summary>
    /// <param name="owner">The port that it counts for; 0: it counts for its inside address.</param>
    /// <returns>The owner's number; -1 with a reason when there is no room. What is claimed becomes a flow, or is unclaimed.</returns>
    private int Claim(in Flow content, ushort owner, Instant now, out DropReason refusal)
    {
        var policy = _policies[content.Policy];
        var limits = policy.Policy;
        var isFromOutside = (content.State & FlowState.FromOutside) != 0;
        var number = _owners.Acquire(OwnerKey(content.Policy, owner, content.InsideAddress.Value));
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
        if ((IsKeptFrom(own, content, policy) && !GiveUp(number, lists & ListsOfConnections, now))
            || (policy.Flows >= limits.Flows && !GiveUpAnybodys(number, lists, content.Policy, ref policy.Heaviest, now))
            || (!_flows.HasRoom && !GiveUpAnybodys(number, lists, policy: -1, ref _heaviest, now)))
        {
            _refusedTable++;
            refusal = Unclaim(number, content, DropReason.NatTableFull);
            return -1;
        }
        refusal = DropReason.None;
        return number;
    }

    /// <summary>The last eighth of the network or of the table is all that isn't connections, and the owner has more than an equal part of it.</summary>
    private bool IsKeptFrom(Owner* own, in Flow content, PolicyState policy)
    {
        return content.Protocol == NatProtocol.Tcp
            && (IsLast(policy.Connections, policy.Policy.Flows, own->Flows) || IsLast(_connections, _flows.Capacity, own->Flows));

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
        var owner = _owners.Find(OwnerKey(mapping.Policy, mapping.Owner, mapping.Address));
        _owners.At(owner)->Mappings--;
        _owners.Release(owner);
    }

    /// <summary>Ends the oldest flow of the first of some lists that has one; false when they are all empty.</summary>
    /// <param name="lists">A bit each.</param>
    private bool GiveUp(int owner, int lists, Instant now)
    {
        for (; lists != 0; lists &= lists - 1)
        {
            var list = BitOperations.TrailingZeroCount(lists);
            var flow = list >= Owner.ConversationsFromOutside ? QuietestOf(owner, list) : OldestOf(owner, list);
            if (flow is null)
                continue;
            End(flow, now);
            _givenUp++;
            return true;
        }
        return false;
    }

    /// <summary>
    /// Ends a flow that a stranger began. Where those that had an answer have all but the room for those who come, one of these: else who comes would be
    /// pushed out by the next before he has his answer.
    /// </summary>
    private bool GiveUpStrange(int owner, int most, Instant now) =>
        (_owners.At(owner)->AnsweredFromOutside > most - most / RoomForStrangers && GiveUp(owner, Owner.ListsOfAnsweredFromOutside, now))
        || GiveUp(owner, Owner.ListsFromOutside, now);

    /// <summary>Ends finished flows until one of their outside ports is free.</summary>
    /// <param name="lists">A bit each: those of one protocol, where only its ports help.</param>
    private bool GiveUpPort(int owner, int lists, Instant now)
    {
        var own = _owners.At(owner);
        var before = own->Mappings;
        for (var looks = 0; looks < Looks && own->Mappings == before && GiveUpFinished(owner, lists, now); looks++)
        {
        }
        return own->Mappings < before;
    }

    /// <summary>A client that has two questions at once has one answer first: a question that was just answered stays while there is another way.</summary>
    private bool GiveUpFinished(int owner, int lists, Instant now)
    {
        if (GiveUp(owner, lists & Owner.ListsOfClosed, now))
            return true;
        lists &= Owner.ListsOfAnswered & ~Owner.ListsFromOutside;
        var answered = lists == 0 ? null : OldestOf(owner, BitOperations.Log2((uint)lists));
        if (answered is null || Idle(*answered, now.Seconds) < 2)
            return false;
        End(answered, now);
        _givenUp++;
        return true;
    }

    /// <summary>Where a protocol's finished flows are: TCP's closed connections, UDP's answered questions.</summary>
    private static int ListsOfFinished(int protocol) => protocol switch
    {
        NatProtocol.Tcp => Owner.ListsOfClosed,
        NatProtocol.Udp => Owner.ListsOfAnswered,
        _ => 0,
    };

    /// <summary>
    /// Ends an own flow with the same remote end, whose outside port then is free toward it: where that is what is short, no other helps. In a flood
    /// it is found among the oldest; else, of a sample of the ports, the one that is worth least, and of those the one that was silent for longest.
    /// Who takes up the ports is found in it.
    /// </summary>
    /// <returns>The outside port, or -1.</returns>
    private int GiveUpToward(int owner, in Flow content, int first, int size, Instant now)
    {
        var least = OldestToward(owner, content, first, size);
        // Whose flows fill the ports is found by a few of them.
        if (least is null && !_owners.At(owner)->HasNothingElse)
            least = LeastToward(owner, content, first, size, SampleForOwn, now);
        if (least is null && !_owners.At(owner)->HasNothingElse && !_owners.At(owner)->IsTired)
        {
            _owners.At(owner)->Tire();
            least = LeastToward(owner, content, first, size, Probes, now);
        }
        if (least is null)
            return -1;
        var given = least->OutsidePort;
        End(least, now);
        _givenUp++;
        return given;
    }

    /// <summary>
    /// Of the oldest few flows of each list, the first with the same remote end. What is looked at in vain is not looked at again soon: who has older
    /// flows elsewhere can't hide the others behind them.
    /// </summary>
    private Flow* OldestToward(int owner, in Flow content, int first, int size)
    {
        for (var lists = content.Protocol == NatProtocol.Tcp ? Owner.ListsOfTcp : Owner.AllLists & ~Owner.ListsOfTcp; lists != 0; lists &= lists - 1)
        {
            var list = BitOperations.TrailingZeroCount(lists);
            for (var looks = 0; looks < LooksToward; looks++)
            {
                var number = _owners.Oldest(owner, list);
                if (number < 0)
                    break;
                var flow = _flows.At(number);
                var belongs = Owner.ListOf(*flow);
                if (belongs == list && (uint)flow->Addresses == (uint)content.Addresses && ((flow->Ports ^ content.Ports) & RemoteMask) == 0
                    && (uint)(flow->OutsidePort - first) < (uint)size && _mappings.IsShareable(content.Protocol, flow->OutsidePort)
                    && (looks == LooksToward - 1 || !HasGoneOn(*flow)))
                    return flow;
                _owners.Move(number, belongs);
            }
        }
        return null;
    }

    private Flow* LeastToward(int owner, in Flow content, int first, int size, int probes, Instant now)
    {
        Flow* least = null;
        var (list, idle) = (Owner.Lists, 0U);
        foreach (var port in new RandomPorts(_secrets, first, size, int.Min(probes, size)))
        {
            if (!_mappings.IsShareable(content.Protocol, port)
                || !_flows.TryFindInbound(content.RemoteAddress, port, content.RemotePort, content.Protocol, out var other)
                || _owners.OwnerOf(_flows.NumberOf(other.Flow)) != owner)
                continue;
            var (itsList, itsIdle) = (Owner.ListOf(*other.Flow), Idle(*other.Flow, now.Seconds));
            if (itsList > list || itsList >= Owner.Conversations || (itsList == list && itsIdle <= idle && least is not null))
                continue;
            least = other.Flow;
            (list, idle) = (itsList, itsIdle);
        }
        return least;
    }

    /// <summary>
    /// The oldest flow of a list; of the first few, rather one that spoke once than one that goes on, as a one-way stream of UDP does. A flow that has
    /// just become worth something else, and waits for the lock to say so, is put where it belongs.
    /// </summary>
    private Flow* OldestOf(int owner, int list)
    {
        for (var looks = 0; looks < Looks; looks++)
        {
            var number = _owners.Oldest(owner, list);
            if (number < 0)
                return null;
            var flow = _flows.At(number);
            var belongs = Owner.ListOf(*flow);
            if (belongs == list && (looks == Looks - 1 || !HasGoneOn(*flow)))
                return flow;
            _owners.Move(number, belongs);
        }
        return null;
    }

    /// <summary>Of the first few conversations of a list, the one in which the inside host was silent for longest; the others go behind.</summary>
    private Flow* QuietestOf(int owner, int list)
    {
        var quietest = -1;
        for (var looks = 0; looks < Looks; looks++)
        {
            var number = _owners.Oldest(owner, list);
            if (number < 0 || number == quietest)
                break;
            if (quietest < 0 || (int)(_flows.At(number)->Inside.Seen - _flows.At(quietest)->Inside.Seen) < 0)
                quietest = number;
            _owners.Move(number, list);
        }
        return quietest < 0 ? null : _flows.At(quietest);
    }

    private static bool HasGoneOn(in Flow flow) => (int)(flow.Inside.Seen - flow.Began) > 1 || (int)(flow.Remote.Seen - flow.Began) > 1;
}
