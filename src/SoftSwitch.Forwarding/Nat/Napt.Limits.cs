using System.Numerics;
using SoftSwitch.Forwarding.Drops;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>
/// At a limit: who begins something new gives up his own flow that is worth least. All under the lock, and in a time that doesn't depend on how
/// many flows there are.
/// </summary>
public sealed unsafe partial class Napt
{
    /// <summary>Flows of a list that are looked at for one to give up.</summary>
    private const int Looks = 8;
    private const int LooksToward = 4;

    /// <summary>The remote port and the protocol.</summary>
    private const ulong RemoteMask = Flow.InboundMask & 0xFFFF_FFFF;

    private const int AllFinished = Owner.ListsOfClosed | Owner.ListsOfAnswered;

    /// <summary>What a stranger's flow may push out: what strangers began, and what is finished.</summary>
    private const int ListsForStrangers = Owner.ListsFromOutside | Owner.ListsOfClosed | Owner.ListsOfAnswered;

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
        var lists = isFromOutside ? ListsForStrangers : Owner.AllLists;
        // RFC 6888, REQ-4 and REQ-5.
        if ((isFromOutside && own->FlowsFromOutside > limits.FlowsPerOwner / 2 && !GiveUp(number, Owner.ListsFromOutside, now))
            || (own->Flows > limits.FlowsPerOwner && !GiveUp(number, lists, now)))
        {
            _refusedQuota++;
            refusal = Unclaim(number, content, DropReason.NatQuota);
            return -1;
        }
        if ((policy.Flows >= limits.Flows || !_flows.HasRoom) && !GiveUp(number, lists, now))
        {
            _refusedTable++;
            refusal = Unclaim(number, content, DropReason.NatTableFull);
            return -1;
        }
        refusal = DropReason.None;
        return number;
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
            var flow = OldestOf(owner, BitOperations.TrailingZeroCount(lists));
            if (flow is null)
                continue;
            End(flow, now);
            _givenUp++;
            return true;
        }
        return false;
    }

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
            if (itsList > list || itsList == Owner.Lists || (itsList == list && itsIdle <= idle && least is not null))
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

    private static bool HasGoneOn(in Flow flow) => (int)(flow.Inside.Seen - flow.Began) > 1 || (int)(flow.Remote.Seen - flow.Began) > 1;
}
