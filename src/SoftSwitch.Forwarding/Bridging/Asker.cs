using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Bridging;

/// <summary>
/// Asks a station whether it is still behind its port, when another port brings its address: by an address that the station has said to be
/// its own, to nobody but it, by that port alone. In ARP without a sender address (RFC 5227, 1.1: a probe, which changes nobody's cache and
/// must be answered), in IPv6 by a solicitation from the asker's own link-local address (RFC 4861, 7.3.3: one without would be answered to
/// everybody, and would keep an address from a station that is about to take it). That an answer comes in by that port is all that counts:
/// with it the station was heard there. Nobody reads the answer, and what is flooded isn't heard here.
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

    /// <summary>The ports whose claims are looked at next: of stations, and of addresses.</summary>
    private int _next, _nextOfAddresses;

    public override bool HearsFloods => false;

    /// <summary>What is sent to it has arrived.</summary>
    public override void Handle(Turn turn, FrameSet own, FrameSet heard)
    {
    }

    /// <summary>Asks those again that have not answered: who claims them may speak only once.</summary>
    public override void Tick(Turn turn)
    {
        (_next, _nextOfAddresses) = (0, 0);
        foreach (var (address, owner, _) in Membership?.Bridge.AddressPlaces.Moves.TakeMoved() ?? [])
            Announce(turn, address, owner);
        Resume(turn);
    }

    /// <summary>Goes on with that: one turn asks for the claims of one port.</summary>
    internal override void Resume(Turn turn)
    {
        if (Membership is not { Bridge: var bridge })
            return;
        var view = bridge.View;
        var questions = bridge.Moves.Repeat(view, ref _next, turn.Now);
        if (questions.Count == 0)
            questions = bridge.AddressPlaces.Moves.Repeat(view, ref _nextOfAddresses, turn.Now);
        foreach (var question in questions)
            Ask(turn, question);
        if (_next < view.Ports.Length || _nextOfAddresses < view.Ports.Length)
            turn.Call(this);
    }

    /// <summary>By all addresses that the station has said.</summary>
    internal void Ask(Turn turn, in Question question)
    {
        if (question.At is not { } at)
            return;
        if (!question.Said.IsNone)
        {
            Ask(turn, at, new(question.Known.Known.Owner), question.Said);
            if (question.AlsoAt is { } before)
                Ask(turn, before, MacAddress.Broadcast, question.Said);
            return;
        }
        var (station, known) = (new MacAddress(question.Station), question.Known.Known);
        Ask(turn, at, station, known);
        if (question.AlsoAt is { } home)
            Ask(turn, home, station, known);
    }

    private void Ask(Turn turn, Membership at, MacAddress station, in KnownAddresses known)
    {
        Ask(turn, at, station, known.First);
        Ask(turn, at, station, known.Second);
        Ask(turn, at, station, known.Ipv6);
    }

    private void Ask(Turn turn, Membership at, MacAddress station, Ipv4Address address)
    {
        if (address.Value == 0 || !turn.TryMake(EthernetHeader.Size + ArpMessage.Size, out var made, out var index))
            return;
        AddressTo(ref made[index], station);
        EthernetHeader.SetType(made[index].HeadBytes, EtherType.Arp);
        new ArpMessage(ArpMessage.Request, Mac, default, default, address).Write(made[index].HeadBytes[EthernetHeader.Size..]);
        turn.SendBy(at, made, index, this);
    }

    private void Ask(Turn turn, Membership at, MacAddress owner, SaidAddress about)
    {
        if (about.IsIpv6)
            Ask(turn, at, owner, about.Ipv6);
        else
            Ask(turn, at, owner, about.Ipv4);
    }

    private void Ask(Turn turn, Membership at, MacAddress station, Ipv6Address address)
    {
        if (address.IsUnspecified || !turn.TryMake(NeighborDiscovery.QuestionSize, out var made, out var index))
            return;
        AddressTo(ref made[index], station);
        NeighborDiscovery.WriteQuestion(made[index].HeadBytes, Mac, address);
        turn.SendBy(at, made, index, this);
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
