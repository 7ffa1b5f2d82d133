using System.Buffers.Binary;
using SoftSwitch.Packets;

namespace SoftSwitch.Tests.Forwarding.Fuzzing;

/// <summary>
/// Stations that ask and answer in ARP, move, claim what is others' and write what is no message: each frame is heard by everybody else,
/// or by the one whose port the address that it asks for was said behind last, or it is dropped and counted; never by nobody. What is
/// asked again within seconds, and what isn't a plain question, is never heard by one alone.
/// </summary>
internal sealed class ArpFuzzRun(int seed) : IDisposable
{
    private const int Ports = 5, Stations = 10, MessageAt = EthernetHeader.Size;

    private readonly Random _random = new(seed);
    private readonly Rig _rig = new(Ports, asks: true);

    /// <summary>The ports that an address may be behind: of what was dropped, it isn't known whether it was believed before.</summary>
    private readonly Dictionary<uint, HashSet<int>> _holders = [];
    private readonly Dictionary<uint, (ulong Asker, long Time)> _latest = [];

    /// <summary>Questions that one alone has heard.</summary>
    public long Alone { get; private set; }

    /// <summary>Frames that everybody else has heard.</summary>
    public long ForAll { get; private set; }

    /// <summary>Carries frames and judges who hears them.</summary>
    /// <exception cref="InvalidDataException">The wrong ones do.</exception>
    public void Run(long frames)
    {
        for (; frames > 0; frames--)
        {
            _rig.Now += TimeSpan.FromMilliseconds(_random.Next(4) == 0 ? _random.Next(6_000) : _random.Next(50));
            if (_random.Next(500) == 0)
                Replug(_random.Next(Ports));
            var by = _random.Next(Ports);
            Carry(by, Frame(by));
        }
    }

    public void Dispose() => _rig.Dispose();

    private static Ipv4Address Address(int station) => new(0x0A09_0001 + (uint)station);

    /// <summary>Behind each port are two stations, and now and then another's.</summary>
    private byte[] Frame(int by)
    {
        var sender = _random.Next(12) == 0 ? _random.Next(Stations) : by + Ports * _random.Next(2);
        var mac = Forwarding.Stations.Mac((uint)sender);
        var (address, target) = (Address(_random.Next(8) == 0 ? _random.Next(Stations) : sender), Address(_random.Next(Stations)));
        var message = new ArpMessage((ushort)(_random.Next(3) == 0 ? ArpMessage.Reply : ArpMessage.Request), new(mac),
            _random.Next(10) == 0 ? default : address, default, _random.Next(10) == 0 ? address : target);
        var to = message.Operation == ArpMessage.Reply && _random.Next(4) != 0
            ? Forwarding.Stations.Mac((uint)_random.Next(Stations)) : Forwarding.Stations.Broadcast;
        var frame = Forwarding.Stations.Frame(to, mac, type: EtherType.Arp, fill: 0);
        message.Write(frame.AsSpan(MessageAt));
        if (_random.Next(4) != 0)
            return frame;
        for (var changes = _random.Next(4); changes > 0; changes--)
            frame[12 + _random.Next(30)] = (byte)_random.Next(256);
        return _random.Next(4) == 0 ? frame[..(MessageAt + _random.Next(frame.Length - MessageAt))] : frame;
    }

    private void Carry(int by, byte[] frame)
    {
        var drops = _rig.Counters(by).InDropsTotal;
        _rig.Carry(by, frame);
        var (heard, isDropped) = (HeardBy(), _rig.Counters(by).InDropsTotal != drops);
        // What is cut short is padded with zeros on the way, and is then read by receivers as it is by the switch.
        Array.Resize(ref frame, int.Max(frame.Length, EthernetHeader.MinimumFrame));
        var isMessage = ArpMessage.TryRead(frame.AsSpan(MessageAt), out var message)
            && BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(MessageAt - sizeof(ushort))) == EtherType.Arp;
        var isForAll = MacAddress.Read(frame) == MacAddress.Broadcast;
        Check(heard.Count == (isDropped ? 0 : heard.Count == 1 ? 1 : Ports - 1), "heard by some, or by nobody");
        if (isForAll && !isDropped && heard.Count != Ports - 1)
            JudgeAlone(by, heard[0], isMessage, message, MacAddress.Read(frame.AsSpan(MacAddress.Size)));
        ForAll += heard.Count == Ports - 1 ? 1 : 0;
        if (!isMessage)
            return;
        if (!isDropped || !_holders.TryGetValue(message.SenderAddress.Value, out var holders))
            _holders[message.SenderAddress.Value] = holders = [];
        holders.Add(by);
        if (heard.Count == 1 && isForAll)
            _latest[message.TargetAddress.Value] = (message.SenderMac.Value, _rig.Now.Milliseconds);
        else if (isForAll)
            _latest.Remove(message.TargetAddress.Value);
    }

    private void JudgeAlone(int by, int heard, bool isMessage, in ArpMessage message, MacAddress source)
    {
        Check(isMessage && message.Operation == ArpMessage.Request && message.SenderMac == source, "no question");
        Check(message.SenderAddress.Value != 0 && message.SenderAddress != message.TargetAddress, "a probe, or an announcement");
        Check(by != heard && _holders[message.TargetAddress.Value].Contains(heard), "heard by one who hasn't said the address");
        Check(!_latest.TryGetValue(message.TargetAddress.Value, out var latest) || latest.Asker != source.Value
            || _rig.Now.Milliseconds - latest.Time >= 4_700, "asked again within seconds");
        Alone++;
    }

    private static void Check(bool isRight, string wrong)
    {
        if (!isRight)
            throw new InvalidDataException(wrong);
    }

    /// <summary>Who is behind it is forgotten.</summary>
    private void Replug(int port)
    {
        _rig.Bridge().SetUp(_rig.Member(port), false);
        _rig.Bridge().SetUp(_rig.Member(port), true);
        foreach (var holders in _holders.Values)
            holders.Remove(port);
    }

    /// <summary>What the asker says is its own.</summary>
    private List<int> HeardBy() => [.. Enumerable.Range(0, Ports).SelectMany(port => _rig.Received(port)
        .Where(frame => MacAddress.Read(frame.Bytes.AsSpan(MacAddress.Size)) != Rig.AskerMac).Select(_ => port))];
}
