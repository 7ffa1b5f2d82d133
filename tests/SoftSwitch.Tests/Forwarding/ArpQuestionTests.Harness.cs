using SoftSwitch.Packets;
using static SoftSwitch.Tests.Forwarding.Stations;

namespace SoftSwitch.Tests.Forwarding;

/// <summary>Who asks, who answers and who hears it.</summary>
public sealed partial class ArpQuestionTests : IDisposable
{
    private const int Alice = 0, Bob = 1, Carol = 2, Dave = 3;

    /// <summary>Milliseconds after which a question is a new one.</summary>
    private const int Seconds = 6_000;
    private static readonly int[] s_others = [Bob, Carol, Dave];

    private readonly Rig _rig = new(ports: 4, asks: true);

    public void Dispose() => _rig.Dispose();

    private static Ipv4Address Address(int station) => new(0x0A09_0001 + (uint)station);

    private static byte[] Question(int by, int about) =>
        Arp(by, new(ArpMessage.Request, new(Mac((uint)by)), Address(by), default, Address(about)));

    private static byte[] Arp(int by, ArpMessage message)
    {
        var frame = Frame(Broadcast, Mac((uint)by), type: EtherType.Arp, fill: 0);
        message.Write(frame.AsSpan(14));
        return frame;
    }

    private void Ask(int by, int about) => _rig.Carry(by, Question(by, about));

    private void Answer(int by, int to) =>
        _rig.Carry(by, Contest.Arp(Mac((uint)by), Address(by), Mac((uint)to), ArpMessage.Reply));

    private void Announce(int station) => _rig.Carry(station, Contest.Arp(Mac((uint)station), Address(station)));

    private void Wait(int milliseconds) => _rig.Now += TimeSpan.FromMilliseconds(milliseconds);

    /// <summary>The ports that others' frames came out of, each as often as that, in the order of ports; what came is taken.</summary>
    private List<int> HeardBy() => [.. Enumerable.Range(0, 4).SelectMany(port => _rig.Received(port)
        .Where(frame => MacAddress.Read(frame.Bytes.AsSpan(6)) != Rig.AskerMac).Select(_ => port))];
}
