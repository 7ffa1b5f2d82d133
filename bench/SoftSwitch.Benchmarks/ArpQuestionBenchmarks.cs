using BenchmarkDotNet.Attributes;
using SoftSwitch.Forwarding;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.Benchmarks;

/// <summary>What a question in ARP and its answer cost, where one station of as many as there are ports hears it, and where all do. What
/// those do who are woken up comes on top: here they swallow it.</summary>
[MemoryDiagnoser]
public unsafe class ArpQuestionBenchmarks : IDisposable
{
    private const uint Asking = 3, Asked = 150;
    private static readonly MacAddress s_askerMac = new(0x0253_0000_0001);

    private readonly Burst _burst = new();
    private readonly Dataplane _dataplane = new(0);
    private readonly Membership[] _stations = new Membership[200];
    private readonly byte[] _question = Frame(MacAddress.Broadcast, Asking, ArpMessage.Request, Asked);
    private readonly byte[] _answer = Frame(Mac(Asking), Asked, ArpMessage.Reply, Asking);
    private Instant _now = new(1000);

    /// <summary>As <c>arp: flood</c>.</summary>
    [Params(false, true)]
    public bool Floods { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var bridge = new Bridge("lan", TimeSpan.FromDays(10_000), asker: new("lan", s_askerMac, 1)) { FloodsArp = Floods };
        for (var i = 0u; i < _stations.Length; i++)
        {
            _stations[i] = bridge.Attach(new SinkPort($"port{i}"));
            bridge.SetUp(_stations[i], true);
        }
        for (var i = 0u; i < _stations.Length; i++)
            Carry(Frame(MacAddress.Broadcast, i, ArpMessage.Request, i), i);
        if (Ask() != (Floods ? 199 : 1))
            throw new InvalidOperationException("the wrong ones are woken up");
    }

    /// <returns>How many are woken up by the question.</returns>
    [Benchmark]
    public int Ask()
    {
        // What is asked again within seconds goes to everybody.
        _now += TimeSpan.FromSeconds(6);
        var woken = Carry(_question, Asking);
        Carry(_answer, Asked);
        return woken;
    }

    public void Dispose()
    {
        _burst.Dispose();
        _dataplane.Dispose();
        GC.SuppressFinalize(this);
    }

    private static MacAddress Mac(uint station) => new(0x0600_0000_0000UL | station);

    private static Ipv4Address Address(uint station) => new(0x0A0A_0001 + station);

    private static byte[] Frame(MacAddress to, uint by, ushort operation, uint target)
    {
        var frame = new byte[EthernetHeader.MinimumFrame];
        to.Write(frame);
        Mac(by).Write(frame.AsSpan(MacAddress.Size));
        EthernetHeader.SetType(frame, EtherType.Arp);
        new ArpMessage(operation, Mac(by), Address(by), default, Address(target)).Write(frame.AsSpan(EthernetHeader.Size));
        return frame;
    }

    private int Carry(byte[] frame, uint by)
    {
        _burst.Clear();
        frame.CopyTo(new Span<byte>(_burst.HeadOf(0), Burst.HeadCapacity));
        _burst.Add(frame.Length, null).Offload = default;
        return _dataplane.Process(_burst, _burst.All, _stations[by], _now).Length;
    }
}
