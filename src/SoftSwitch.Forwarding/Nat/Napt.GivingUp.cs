using System.Numerics;
using SoftSwitch.Forwarding.Time;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>
/// Which of an owner's flows he gives up: that which is worth least, and of several such the oldest. Where an outside port is short, one
/// whose port helps. All under the lock, and by a few looks, however many flows there are.
/// </summary>
public sealed unsafe partial class Napt
{
    /// <summary>Flows of a list that are looked at for one to give up.</summary>
    private const int Looks = 8;
    private const int LooksToward = 4;

    /// <summary>The remote port and the protocol.</summary>
    private const ulong RemoteMask = Flow.InboundMask & 0xFFFF_FFFF;

    private const int AllFinished = Owner.ListsOfClosed | Owner.ListsOfAnswered;

    /// <summary>Of what strangers may begin, the part that those with an answer leave to those who come: one in so many.</summary>
    private const int RoomForStrangers = 4;

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
    /// Ends a flow that a stranger began. Where those that had an answer have all but the room for those who come, one of these: else who
    /// comes would be pushed out by the next before he has his answer.
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

    /// <summary>A client that has two questions at once has one answer first: a question that was just answered stays while there is
    /// another way.</summary>
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
    /// Ends an own flow with the same remote end, whose outside port then is free toward it: where that is what is short, no other helps.
    /// In a flood it is found among the oldest; else, of a sample of the ports, the one that is worth least, and of those the one that was
    /// silent for longest. Who takes up the ports is found in it.
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
    /// Of the oldest few flows of each list, the first with the same remote end. What is looked at in vain is not looked at again soon: who
    /// has older flows elsewhere can't hide the others behind them.
    /// </summary>
    private Flow* OldestToward(int owner, in Flow content, int first, int size)
    {
        var lists = content.Protocol == NatProtocol.Tcp ? Owner.ListsOfTcp : Owner.AllLists & ~Owner.ListsOfTcp;
        for (; lists != 0; lists &= lists - 1)
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
    /// The oldest flow of a list; of the first few, rather one that spoke once than one that goes on, as a one-way stream of UDP does. A
    /// flow that has just become worth something else, and waits for the lock to say so, is put where it belongs.
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

    /// <summary>Of the first few conversations of a list, the one in which the inside host was silent for longest; the others go
    /// behind.</summary>
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
