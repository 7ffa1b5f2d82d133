using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Bridging;

/// <summary>
/// Asks a station whether it is still behind its port, when another port brings its address: an ARP question for an address that the
/// station has said to be its own, to nobody but it, by that port alone, and without a sender address (RFC 5227, 1.1: a probe, which
/// changes nobody's cache and must be answered). That an answer comes in by that port is all that counts: with it the station was heard
/// there. Nobody reads the answer, and what is flooded isn't heard here. Who has an address of IPv6 is asked in the same manner, and
/// answers to all.
/// </summary>
/// <param name="name">As it is shown.</param>
/// <param name="mac">Its MAC address, which the answers go to.</param>
/// <param name="workers">Workers there will be.</param>
public sealed class Asker(string name, MacAddress mac, int workers) : InnerPort(name, mac, ShortestMtu, workers)
{
    /// <summary>An answer is much shorter.</summary>
    private const int ShortestMtu = 576;

    /// <summary>Of ff02::1 (RFC 2464, 7).</summary>
    private static readonly MacAddress s_allNodes = new(0x3333_0000_0001);

    public override bool HearsFloods => false;

    /// <summary>What is sent to it has arrived.</summary>
    public override void Handle(Turn turn, FrameSet own, FrameSet heard)
    {
    }

    /// <summary>Asks those again that have not answered: who claims them may speak only once.</summary>
    public override void Tick(Turn turn)
    {
        if (Membership is not { Bridge: var bridge })
            return;
        foreach (var question in bridge.Moves.Repeat(bridge.View, turn.Now))
            Ask(turn, question);
        foreach (var (address, owner) in bridge.AddressPlaces.Moves.TakeMoved())
            Announce(turn, address, owner);
        foreach (var question in bridge.AddressPlaces.Moves.Repeat(bridge.View, turn.Now))
            Ask(turn, question);
    }

    /// <summary>By both addresses that the station has said.</summary>
    internal void Ask(Turn turn, in Question question)
    {
        if (question.At is not { } at)
            return;
        if (!question.Said.IsNone)
        {
            Ask(turn, at, new(question.Known.Addresses), question.Said);
            if (question.AlsoAt is { } before)
                Ask(turn, before, MacAddress.Broadcast, question.Said);
            return;
        }
        var station = new MacAddress(question.Station);
        Ask(turn, at, station, question.Known.First);
        if (question.AlsoAt is { } home)
            Ask(turn, home, station, question.Known.First);
        if (question.Known.Second.Value == 0)
            return;
        Ask(turn, at, station, question.Known.Second);
        if (question.AlsoAt is { } other)
            Ask(turn, other, station, question.Known.Second);
    }

    private void Ask(Turn turn, Membership at, MacAddress station, Ipv4Address address)
    {
        if (!turn.TryMake(EthernetHeader.Size + ArpMessage.Size, out var made, out var index))
            return;
        ref var frame = ref made[index];
        AddressTo(ref frame, station);
        EthernetHeader.SetType(frame.HeadBytes, EtherType.Arp);
        new ArpMessage(ArpMessage.Request, Mac, default, default, address).Write(frame.HeadBytes[EthernetHeader.Size..]);
        turn.SendBy(at, made, index, this);
    }

    private void Ask(Turn turn, Membership at, MacAddress owner, SaidAddress about)
    {
        if (!about.IsIpv6)
        {
            Ask(turn, at, owner, about.Ipv4);
        }
        else if (turn.TryMake(NeighborDiscovery.ProbeSize, out var made, out var index))
        {
            AddressTo(ref made[index], owner);
            NeighborDiscovery.WriteProbe(made[index].HeadBytes, about.Ipv6);
            turn.SendBy(at, made, index, this);
        }
    }

    /// <summary>Says for somebody that he has an address (RFC 5227, 2.3; RFC 4861, 7.2.6).</summary>
    private void Announce(Turn turn, SaidAddress said, MacAddress owner)
    {
        var length = said.IsIpv6 ? NeighborDiscovery.AnnouncementSize : EthernetHeader.Size + ArpMessage.Size;
        if (!turn.TryMake(length, out var made, out var index))
            return;
        ref var frame = ref made[index];
        AddressTo(ref frame, said.IsIpv6 ? s_allNodes : MacAddress.Broadcast);
        owner.Write(frame.HeadBytes[MacAddress.Size..]);
        if (said.IsIpv6)
        {
            NeighborDiscovery.WriteAnnouncement(frame.HeadBytes, said.Ipv6, owner);
        }
        else
        {
            EthernetHeader.SetType(frame.HeadBytes, EtherType.Arp);
            new ArpMessage(ArpMessage.Request, owner, said.Ipv4, default, said.Ipv4).Write(frame.HeadBytes[EthernetHeader.Size..]);
        }
        turn.Send(made, index, this);
    }
}
