using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Routing;

/// <summary>Fragments that had to wait for the first of their packet: where that has gone, they go as well, right after it.</summary>
public sealed partial class Outside
{
    /// <summary>Sends the fragments that had to wait for the first of their packet, which has just gone out.</summary>
    internal void SendReleased(Turn turn, Ipv4Address neighbor)
    {
        while (TryRestore(turn, turn.ReleasedOut, out var made, out var index, out _))
            CountDrop(turn, Send(turn, made, index, neighbor));
    }

    /// <summary>The same for fragments that turn around here.</summary>
    internal void ReceiveReleased(Turn turn, int fromMtu)
    {
        while (TryRestore(turn, turn.ReleasedOut, out var made, out var index, out var packet))
            CountDrop(turn, Receive(turn, made, index, ref made[index], packet, fromMtu));
    }

    /// <summary>Sends another way the fragments that had to wait here for the first of their packet, which has just gone there.</summary>
    internal void PassOn(Turn turn, in Ipv4Layout first, Gateway from, Outside way, Ipv4Address neighbor)
    {
        Translator.LetGo(first, from.Policy, turn.Member.Slot, turn.ReleasedOut);
        while (TryRestore(turn, turn.ReleasedOut, out var made, out var index, out var packet))
        {
            ref var frame = ref made[index];
            Hop.Cross(ref frame, packet, from.Mtu, way.Mtu);
            var translated = way.Translator.Outbound(ref frame, packet, from.Policy, turn.Member.Slot, turn.Now, turn.ReleasedOut);
            way.CountDrop(turn, translated == NaptVerdict.Translated ? way.Send(turn, made, index, neighbor)
                : translated == NaptVerdict.Held ? DropReason.None : frame.Drop);
        }
    }

    /// <summary>Names those that have waited in vain, whoever's they were.</summary>
    private protected override void TickOwn(Turn turn)
    {
        if (Translator.TakeLostFragments() is var lost and > 0)
            CountUnsaid(turn.Worker, DropReason.FragmentAlone, lost);
    }

    /// <summary>The same for the fragments that had to wait for the first of their packet, which is no flow's.</summary>
    private void AnswerReleased(Turn turn)
    {
        while (TryRestore(turn, turn.ReleasedIn, out var made, out var index, out var packet))
            CountDrop(turn, Answer(turn, made, index, ref made[index], packet));
    }

    /// <summary>Drops them where that one goes no further.</summary>
    private void DropReleased(Turn turn, DropReason drop)
    {
        while (turn.ReleasedIn.TryTake(out var frame, out _))
        {
            turn.ReleasedIn.Return(frame);
            CountDrop(turn, drop);
        }
    }

    private bool TryRestore(Turn turn, ReleasedFragments released, out Burst made, out int index, out Ipv4Layout packet)
    {
        (made, index) = (null!, -1);
        while (released.TryTake(out var waited, out packet))
        {
            var restored = turn.TryRestore(waited, out made, out index);
            released.Return(waited);
            if (restored)
            {
                made[index].AllowFragments();
                return true;
            }
            CountDrop(turn, DropReason.QueueFull);
        }
        return false;
    }
}
