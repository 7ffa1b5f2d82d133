using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Packets;
using static SoftSwitch.Tests.Forwarding.Stations;

namespace SoftSwitch.Tests.Forwarding;

/// <summary>
/// One station and who claims it, over passed-in time: the station is behind <see cref="Home"/>, <see cref="Other"/> brings its address,
/// <see cref="Friend"/> speaks to it. Every second is ticked.
/// </summary>
internal sealed class Contest : IDisposable
{
    public const int Home = 0, Other = 1, Friend = 2;

    public static readonly ulong Station = Mac(0x77);

    private static readonly Ipv4Address s_address = new(0x0A09_004D);
    private static readonly Ipv6Address s_ipv6 = NeighborDiscovery.LinkLocalOf(new(Station));

    private bool _isIpv6;

    private int _milliseconds;

    /// <param name="asks">Stations are asked.</param>
    /// <param name="more">Ports beside the three.</param>
    public Contest(bool asks = true, int more = 0)
    {
        Rig = new(ports: 3 + more, asks: asks);
        Rig.Carry(Friend, Frame(Broadcast, Mac(0xF0)));
    }

    public Rig Rig { get; }

    /// <summary>The station is there and answers ARP.</summary>
    public bool Answers { get; set; }

    /// <summary>Questions that are lost on their way to the station.</summary>
    public int Loses { get; set; }

    /// <summary>Questions that came to the station's place.</summary>
    public int Questions { get; private set; }

    /// <summary>The port behind which the station is found.</summary>
    public int Place
    {
        get
        {
            for (var port = 0; ; port++)
            {
                if (Rig.Member(port).Slot == Rig.Bridge().Fdb.Lookup(Station, Rig.Now))
                    return port;
            }
        }
    }

    /// <summary>An ARP message that says an address.</summary>
    public static byte[] Arp(ulong mac, Ipv4Address address, ulong to = Broadcast, ushort operation = ArpMessage.Request)
    {
        var frame = Frame(to, mac, type: EtherType.Arp, fill: 0);
        new ArpMessage(operation, new(mac), address, default, address).Write(frame.AsSpan(14));
        return frame;
    }

    /// <summary>The station says its address, and falls silent.</summary>
    /// <param name="isIpv6">It has none of IPv4.</param>
    public void Introduce(bool isIpv6 = false)
    {
        _isIpv6 = isIpv6;
        Rig.Carry(Home, isIpv6 ? Solicitation(Broadcast) : Arp(Station, s_address));
    }

    /// <summary>A question of the station, from its link-local address.</summary>
    public static byte[] Solicitation(ulong to)
    {
        var frame = Frame(to, Station, length: NeighborDiscovery.QuestionSize, type: EtherType.Ipv6, fill: 0);
        NeighborDiscovery.WriteQuestion(frame, new(Station), Ipv6Address.Parse("fe80::1"));
        return frame;
    }

    /// <summary>The station speaks.</summary>
    public void Speak(int port, ulong to = Broadcast) => Rig.Carry(port, Frame(to, Station));

    /// <summary>Time passes, and the station's answers come.</summary>
    public void Wait(int milliseconds)
    {
        for (; milliseconds > 0; milliseconds -= 10)
        {
            Rig.Now += TimeSpan.FromMilliseconds(10);
            _milliseconds += 10;
            if (_milliseconds % 1000 == 0)
            {
                Rig.Bridge().Moves.Tick(Rig.Bridge().View, Rig.Now);
                if (Rig.Bridge().Asker is { } asker)
                    Rig.Tick(asker);
            }
            Answer();
        }
    }

    /// <summary>Frames to the station that arrive at a port.</summary>
    public int Arrive(int port)
    {
        Answer();
        Rig.Received(port);
        Rig.Carry(Friend, Frame(Station, Mac(0xF0)));
        return Rig.Received(port).Count(frame => NumberOf(frame) == 0 && MacAddress.Read(frame.Bytes).Value == Station);
    }

    public long Refused(int port) => Rig.InDrops(port, DropReason.SourceElsewhere);

    public void Dispose() => Rig.Dispose();

    private void Answer()
    {
        foreach (var frame in Rig.Received(Home))
        {
            if (MacAddress.Read(frame.Bytes).Value != Station || !IsQuestion(frame.Bytes))
                continue;
            Assert.Equal(Rig.AskerMac, MacAddress.Read(frame.Bytes.AsSpan(6)));
            Questions++;
            if (Answers && Questions > Loses)
                Rig.Carry(Home, _isIpv6 ? Solicitation(Rig.AskerMac.Value) : Arp(Station, s_address, Rig.AskerMac.Value, ArpMessage.Reply));
        }
    }

    private bool IsQuestion(byte[] frame)
    {
        if (_isIpv6)
            return frame[12] == 0x86 && frame[54] == 135 && Ipv6Address.Read(frame.AsSpan(62)) == s_ipv6
                && Ipv6Address.Read(frame.AsSpan(38)) == s_ipv6;
        if (frame[12] != 8 || frame[13] != 6)
            return false;
        Assert.True(ArpMessage.TryRead(frame.AsSpan(14), out var question));
        Assert.Equal(new ArpMessage(ArpMessage.Request, Rig.AskerMac, default, default, s_address), question);
        return true;
    }
}
