using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Bridging;

/// <summary>
/// Asks a station whether it is still behind its port, when another port brings its address: an ARP question for an address that the
/// station has said to be its own, to nobody but it, by that port alone, and without a sender address (RFC 5227, 1.1: a probe, which
/// changes nobody's cache and must be answered). That an answer comes in by that port is all that counts: with it the station was heard
/// there. Nobody reads the answer, and what is flooded isn't heard here.
/// </summary>
/// <param name="name">As it is shown.</param>
/// <param name="mac">Its MAC address, which the answers go to.</param>
/// <param name="workers">Workers there will be.</param>
public sealed class Asker(string name, MacAddress mac, int workers) : InnerPort(name, mac, ShortestMtu, workers)
{
    /// <summary>An answer is much shorter.</summary>
    private const int ShortestMtu = 576;

    public override bool HearsFloods => false;

    /// <summary>What is sent to it has arrived.</summary>
    public override void Handle(Turn turn, FrameSet own, FrameSet heard)
    {
    }

    internal void Ask(Turn turn, Membership at, MacAddress station, Ipv4Address address)
    {
        if (!turn.TryMake(EthernetHeader.Size + ArpMessage.Size, out var made, out var index))
            return;
        ref var frame = ref made[index];
        AddressTo(ref frame, station);
        EthernetHeader.SetType(frame.HeadBytes, EtherType.Arp);
        new ArpMessage(ArpMessage.Request, Mac, default, default, address).Write(frame.HeadBytes[EthernetHeader.Size..]);
        turn.SendBy(at, made, index, this);
    }
}
