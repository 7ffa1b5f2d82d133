using System.Collections.Concurrent;
using System.Collections.Frozen;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Budgets;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Stations.Neighbors;

/// <summary>
/// What a station says and hears in ARP (RFC 826): questions, which count for the port whose packets wait, answers, announcements, and the
/// defence of its address (RFC 5227, 2.4).
/// </summary>
public sealed partial class Ipv4Neighbors
{
    /// <summary>RFC 5227, 1.1: ANNOUNCE_NUM, for neighbors that have just come. They are a second apart.</summary>
    private const int Announcements = 2;

    private readonly PortAllowances _asks = new(Limits.Questions);
    private readonly ConcurrentQueue<(Membership Port, Ipv4Address Address)> _questions = new();
    private readonly PortAllowances _defences = new(Limits.Defences);
    private volatile FrozenDictionary<Ipv4Address, AddressBinding> _bindings = FrozenDictionary<Ipv4Address, AddressBinding>.Empty;
    private long _conflicts;
    private int _announcements = 1;

    /// <summary>How often another station claimed our address.</summary>
    public long Conflicts => Volatile.Read(ref _conflicts);

    /// <summary>Addresses that count only behind one port each. Replaced whole by the control plane.</summary>
    public FrozenDictionary<Ipv4Address, AddressBinding> Bindings
    {
        get => _bindings;
        set => _bindings = value;
    }

    /// <summary>Questions that still wait, so that somebody gives them their turns.</summary>
    public int Questions => _questions.Count;

    /// <summary>Says the address again with the next ticks: for neighbors that weren't there before, or know it by another MAC.</summary>
    public void AnnounceAgain() => Volatile.Write(ref _announcements, Announcements);

    /// <summary>Asks behind one port who has an address, with the next tick; what is answered is in the port's <see
    /// cref="Membership.Heard"/>. Any thread may call.</summary>
    /// <returns>False when too many questions wait: this one is not asked.</returns>
    public bool TryAsk(Membership port, Ipv4Address address)
    {
        if (_questions.Count >= Limits.WaitingQuestions.Most)
            return false;
        _questions.Enqueue((port, address));
        return true;
    }

    /// <summary>Takes a frame with an ARP message, which others may get too. Who claims an address that isn't his doesn't get so far, see
    /// <see cref="AddressGuard"/>.</summary>
    internal void Hear(Turn turn, in Frame frame)
    {
        if (!ArpMessage.TryRead(frame.HeadBytes[frame.PacketOffset..], out var message) || message.SenderMac.IsMulticast
            || message.SenderMac.Value == 0 || message.SenderMac == _station.Mac || message.SenderAddress == _address
            || (_areGuests && message.SenderMac.Value != frame.Source))
            return;
        // What another station of ours says here wasn't heard behind the port that pays for it.
        if (turn.Member.Bridge == _station.Membership?.Bridge)
            turn.Member.Heard?.HearArp(message, turn.Now);
        var asksUs = message.TargetAddress == _address && _ownsAddress;
        // Who was asked for is believed wherever he is: a router may lie outside the subnet.
        switch (Table.Learn(message.SenderAddress, message.SenderMac, turn.Input, turn.Now, asksUs && IsHost(message.SenderAddress)))
        {
            case Hearing.Answered:
                Call(turn, message.SenderAddress);
                break;
            case Hearing.Disputed:
                Dispute(turn, message.SenderAddress, message.SenderMac);
                break;
        }
        if (asksUs && message.Operation == ArpMessage.Request)
        {
            Say(turn, message.SenderMac,
                new(ArpMessage.Reply, _station.Mac, _address, message.SenderMac, message.SenderAddress));
        }
    }

    /// <summary>The address is ours alone, and who asks for it is answered.</summary>
    internal bool AnswersFor(Ipv4Address address) => address == _address && _ownsAddress;

    /// <summary>Somebody says that he has an address. If that is ours alone, everybody hears from us at once that he hasn't (RFC 5227,
    /// 2.4), and his own port pays for it.</summary>
    /// <returns>True: it isn't his.</returns>
    internal bool Denies(Turn turn, Ipv4Address claimed)
    {
        if (claimed == _address && _ownsAddress)
        {
            Interlocked.Increment(ref _conflicts);
            if (HasRoom(turn) && _defences.Take(turn.Input, turn.Now))
                Announce(turn);
            return true;
        }
        if (!_bindings.TryGetValue(claimed, out var binding) || binding.Port == turn.Input.Name)
            return false;
        binding.Contest();
        return true;
    }

    /// <summary>An address that a neighbor in the subnet can have.</summary>
    private bool IsHost(Ipv4Address address) => _subnet.Contains(address)
        && (_subnet.PrefixLength >= 31 || (address != _subnet.Address && address != _subnet.Broadcast));

    /// <summary>Asks for a neighbor as <see cref="Ipv4NeighborTable.Resolve"/> wants, for packets of a port: itself where its address is
    /// known, else everybody. What isn't sent wasn't asked.</summary>
    private void Ask(Turn turn, Port by, Ipv4Address neighbor, MacAddress known)
    {
        if (!HasRoom(turn) || !_asks.Take(by, turn.Now))
            Table.TakeBack(neighbor, turn.Now);
        else
            Say(turn, known.Value == 0 ? MacAddress.Broadcast : known, QuestionFor(neighbor));
    }

    /// <summary>Another claims the address of a neighbor that is known: that one is asked, and the claimant's port pays for it. Who can't
    /// pay isn't listened to.</summary>
    private void Dispute(Turn turn, Ipv4Address address, MacAddress rival)
    {
        if (HasRoom(turn) && _asks.Take(turn.Input, turn.Now)
            && Table.TryDispute(address, rival, turn.Input, turn.Now, out var known))
            Say(turn, known, QuestionFor(address));
    }

    /// <returns>How many of so many it could still have looked at.</returns>
    private int TickDisputes(Turn turn, int most)
    {
        for (; most > 0 && turn.HasRoom && _disputesLeft > 0 && Table.TryNextDispute(out var address, out var by); most--)
        {
            _disputesLeft--;
            if (Table.Ask(address, by, turn.Now, out var known) == Resolution.SendAndAsk)
                Ask(turn, by, address, known);
        }
        return most;
    }

    private void Announce(Turn turn) => Say(turn, MacAddress.Broadcast, QuestionFor(_address));

    private ArpMessage QuestionFor(Ipv4Address address) => new(ArpMessage.Request, _station.Mac, _address, default, address);

    /// <summary>The turn can make one more frame; counts one that it can't.</summary>
    private bool HasRoom(Turn turn)
    {
        if (turn.HasRoom)
            return true;
        _station.CountUnsaid(turn.Worker, DropReason.QueueFull);
        return false;
    }

    private void Say(Turn turn, MacAddress destination, ArpMessage message, Membership? by = null)
    {
        if (!turn.TryMake(EthernetHeader.Size + ArpMessage.Size, out var made, out var index))
        {
            _station.CountUnsaid(turn.Worker, DropReason.QueueFull);
            return;
        }
        ref var frame = ref made[index];
        _station.AddressTo(ref frame, destination);
        EthernetHeader.SetType(frame.HeadBytes, EtherType.Arp);
        message.Write(frame.HeadBytes[EthernetHeader.Size..]);
        if (by is null)
            turn.Send(made, index, _station);
        else
            turn.SendBy(by, made, index, _station);
    }
}
