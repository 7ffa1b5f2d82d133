using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Routing;

/// <summary>
/// What a station says and hears in ARP (RFC 826): questions, which count for the port whose packets wait, answers, announcements, and the
/// defence of its address (RFC 5227, 2.4).
/// </summary>
public abstract partial class IpStation
{
    /// <summary>RFC 5227, 1.1: DEFEND_INTERVAL.</summary>
    private const long BetweenDefences = 10_000;

    /// <summary>RFC 5227, 1.1: ANNOUNCE_NUM, for neighbors that have just come. They are a second apart.</summary>
    private const int Announcements = 2;

    private readonly PortAllowances _asks = new(atOnce: 500, perSecond: 500);
    private long _defendedAt = -BetweenDefences;
    private long _conflicts;
    private int _announcements = 1;

    /// <summary>How often another station claimed our address.</summary>
    public long Conflicts => Volatile.Read(ref _conflicts);

    /// <summary>Says the address again with the next ticks: for neighbors that weren't there before, or know it by another MAC.</summary>
    public void AnnounceAgain() => Volatile.Write(ref _announcements, Announcements);

    /// <summary>What a neighbor says of itself is taken for true.</summary>
    protected virtual bool Believes(Turn turn, in Frame frame, in ArpMessage message) => true;

    /// <summary>A neighbor has said this of itself, and is believed.</summary>
    protected virtual void Believed(Turn turn, in ArpMessage message)
    {
    }

    private void HearArp(Turn turn, ref Frame frame)
    {
        if (!ArpMessage.TryRead(frame.HeadBytes[frame.PacketOffset..], out var message) || message.SenderMac.IsMulticast || message.SenderMac.Value == 0
            || !Believes(turn, frame, message))
            return;
        Believed(turn, message);
        if (message.SenderAddress == Address && message.SenderMac != Mac)
        {
            Defend(turn);
            return;
        }
        var asksUs = message.TargetAddress == Address && OwnsAddress;
        // Who was asked for is believed wherever he is: a router may lie outside the subnet.
        if (Neighbors.Learn(message.SenderAddress, message.SenderMac, turn.Now, create: asksUs && Subnet.Contains(message.SenderAddress)))
            Release(turn, message.SenderAddress, message.SenderMac);
        if (asksUs && message.Operation == ArpMessage.Request)
            Say(turn, message.SenderMac, new(ArpMessage.Reply, Mac, Address, message.SenderMac, message.SenderAddress));
    }

    /// <summary>Asks for a neighbor as <see cref="NeighborTable.Resolve"/> wants, for packets of a port. What isn't sent wasn't
    /// asked.</summary>
    private void Ask(Turn turn, Port by, Ipv4Address neighbor)
    {
        // Who sweeps a subnet would make us ask for all of it.
        if (!HasRoom(turn) || !_asks.Take(by, turn.Now))
            Neighbors.TakeBack(neighbor, turn.Now);
        else
            Say(turn, MacAddress.Broadcast, new(ArpMessage.Request, Mac, Address, default, neighbor));
    }

    private void Announce(Turn turn) =>
        Say(turn, MacAddress.Broadcast, new(ArpMessage.Request, Mac, Address, default, Address));

    /// <summary>Somebody says that he has our address: everybody hears from us that he hasn't, once in a while.</summary>
    private void Defend(Turn turn)
    {
        if (!OwnsAddress)
            return;
        Interlocked.Increment(ref _conflicts);
        var last = Volatile.Read(ref _defendedAt);
        if (turn.Now.Milliseconds - last >= BetweenDefences && HasRoom(turn) && Interlocked.CompareExchange(ref _defendedAt, turn.Now.Milliseconds, last) == last)
            Announce(turn);
    }

    /// <summary>Asks who has an address, but only those behind one port.</summary>
    protected void AskBy(Turn turn, Membership port, Ipv4Address neighbor) =>
        Say(turn, MacAddress.Broadcast, new(ArpMessage.Request, Mac, Address, default, neighbor), port);

    /// <summary>The turn can make one more frame; counts one that it can't.</summary>
    private bool HasRoom(Turn turn)
    {
        if (turn.HasRoom)
            return true;
        CountUnsaid(turn.Worker, DropReason.QueueFull);
        return false;
    }

    private void Say(Turn turn, MacAddress destination, ArpMessage message, Membership? by = null)
    {
        if (!turn.TryMake(EthernetHeader.Size + ArpMessage.Size, out var made, out var index))
        {
            CountUnsaid(turn.Worker, DropReason.QueueFull);
            return;
        }
        ref var frame = ref made[index];
        AddressTo(ref frame, destination);
        EthernetHeader.SetType(frame.HeadBytes, EtherType.Arp);
        message.Write(frame.HeadBytes[EthernetHeader.Size..]);
        if (by is null)
            turn.Send(made, index, this);
        else
            turn.SendBy(by, made, index, this);
    }
}
