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
        while (TryRestoreReleased(turn, outbound: true, out var made, out var index, out _))
            CountDrop(turn, SendTo(turn, made, index, neighbor));
    }

    /// <summary>The same for fragments that turn around here.</summary>
    internal void ReceiveReleased(Turn turn, int fromMtu)
    {
        while (TryRestoreReleased(turn, outbound: true, out var made, out var index, out _))
            CountDrop(turn, Receive(turn, made, index, fromMtu));
    }

    /// <summary>Sends another way the fragments that had to wait here for the first of their packet, which has just gone there.</summary>
    internal void PassOn(Turn turn, in Ipv4Layout first, int policy, Outside way, Ipv4Address neighbor)
    {
        Translator.LetGo(first, policy, turn.Member.Slot);
        while (TryRestoreReleased(turn, outbound: true, out var made, out var index, out _))
        {
            ref var frame = ref made[index];
            if (!Ipv4Layout.TryRead(frame.HeadBytes, frame.PacketOffset, frame.Length, out var packet))
                continue;
            Ipv4Header.DecrementTtl(frame.HeadBytes[packet.NetworkOffset..]);
            var translated = way.Translator.Outbound(ref frame, packet, policy, turn.Member.Slot, turn.Now);
            way.CountDrop(turn, translated == NaptVerdict.Translated ? way.SendTo(turn, made, index, neighbor)
                : translated == NaptVerdict.Held ? DropReason.None : frame.Drop);
        }
    }

    /// <summary>The same for the fragments that had to wait for the first of their packet, which is no flow's.</summary>
    private void AnswerReleased(Turn turn)
    {
        while (TryRestoreReleased(turn, outbound: false, out var made, out var index, out _))
        {
            ref var frame = ref made[index];
            if (Ipv4Layout.TryRead(frame.HeadBytes, frame.PacketOffset, frame.Length, out var packet))
                CountDrop(turn, Answer(turn, made, index, ref frame, packet));
        }
    }

    private bool TryRestoreReleased(Turn turn, bool outbound, out Burst made, out int index, out int policy)
    {
        (made, index) = (null!, -1);
        while (Translator.TryTakeReleased(outbound, out var released, out policy))
        {
            var restored = turn.TryAdd(released, out made, out index);
            Translator.Return(released);
            if (restored)
            {
                ref var frame = ref made[index];
                frame.PacketOffset = (ushort)EthernetHeader.PacketOffset(frame.HeadBytes, out frame.EtherType);
                frame.MayFragment = true;
                return true;
            }
            CountDrop(turn, DropReason.QueueFull);
        }
        return false;
    }
}
