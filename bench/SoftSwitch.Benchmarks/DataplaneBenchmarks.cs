using BenchmarkDotNet.Attributes;
using SoftSwitch.Forwarding;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Packets;

namespace SoftSwitch.Benchmarks;

/// <summary>
/// What steps 3 to 7 cost a frame: bursts of 64 small frames, each from one station to another, drawn from all there are, so that with a million
/// stations every frame touches memory that no cache holds. The bursts are filled beforehand; nothing is received or transmitted.
/// </summary>
[MemoryDiagnoser]
public unsafe class DataplaneBenchmarks : IDisposable
{
    private const int Ports = 64;

    /// <summary>256 bursts hold 16,384 frames: with a million stations their entries alone are 2 MB of cache lines, drawn anew in each round.</summary>
    private const int Bursts = 256;

    private readonly Instant _now = new(1000);
    private readonly Burst[] _bursts = new Burst[Bursts];
    private readonly SinkPort[] _ports = new SinkPort[Ports];
    private readonly SinkPort[] _inputs = new SinkPort[Bursts];
    private Dataplane _dataplane = null!;
    private int _next;

    [Params(1_000, 100_000, 1_000_000)]
    public int Stations { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _dataplane = new(0);
        var bridge = new Bridge("lan", TimeSpan.FromSeconds(300), int.Max(2 * Stations, 65_536));
        for (var i = 0; i < Ports; i++)
        {
            _ports[i] = new($"port{i}");
            bridge.Attach(_ports[i]);
            bridge.SetUp(_ports[i], true);
        }
        var stations = Addresses.Random(Stations);
        for (var i = 0; i < Stations; i++)
            bridge.Fdb.Learn(stations[i], _ports[i % Ports].Slot, _now);
        if (bridge.Fdb.Count != Stations)
            throw new InvalidOperationException($"{bridge.Fdb.Count} of {Stations} stations were learnt");

        var random = new Random(2);
        for (var b = 0; b < Bursts; b++)
        {
            var input = b % Ports;
            _inputs[b] = _ports[input];
            _bursts[b] = new();
            for (var i = 0; i < Burst.Capacity; i++)
            {
                var source = stations[random.Next(Stations / Ports) * Ports + input];
                var destination = stations[random.Next(Stations / Ports) * Ports + (input + 1 + random.Next(Ports - 1)) % Ports];
                var head = new Span<byte>(_bursts[b].HeadOf(0), 64);
                new MacAddress(destination).Write(head);
                new MacAddress(source).Write(head[6..]);
                head[12] = 8;
                _bursts[b].Add(64, null).Offload = default;
            }
        }
        Verify(bridge);
    }

    [Benchmark(OperationsPerInvoke = Burst.Capacity)]
    public int Process()
    {
        _next = (_next + 1) % Bursts;
        return _dataplane.Process(_bursts[_next], _inputs[_next], _now).Length;
    }

    [GlobalCleanup]
    public void Dispose()
    {
        foreach (var burst in _bursts)
            burst?.Dispose();
        foreach (var port in _ports)
            port?.Dispose();
    }

    /// <summary>Every frame goes to the port of its destination's station, alone.</summary>
    private void Verify(Bridge bridge)
    {
        for (var b = 0; b < Bursts; b++)
        {
            ulong all = 0;
            foreach (var (output, frames) in _dataplane.Process(_bursts[b], _inputs[b], _now))
            {
                if ((all & frames) != 0)
                    throw new InvalidOperationException("a frame was delivered twice");
                all |= frames;
                for (var i = 0; i < Burst.Capacity; i++)
                {
                    if ((frames >> i & 1) != 0 && bridge.Fdb.Lookup(_bursts[b][i].Destination, _now) != output.Slot)
                        throw new InvalidOperationException("a frame was delivered to another port");
                }
            }
            if (all != ulong.MaxValue)
                throw new InvalidOperationException("a frame was not delivered");
        }
    }
}
