using System.Buffers.Binary;
using BenchmarkDotNet.Attributes;
using SoftSwitch.Forwarding;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.Benchmarks;

/// <summary>
/// What steps 3 to 7 cost a frame: bursts of 64 small frames, each from one station to another, drawn from all there are, so that with a
/// million stations every frame asks for memory that no cache holds. One burst is filled again and again with the next addresses, as a port
/// that receives would leave it in the cache; <see cref="Fill"/> says what that costs. Nothing is received or transmitted.
/// </summary>
[MemoryDiagnoser]
public unsafe class DataplaneBenchmarks : IDisposable
{
    private const int Ports = 64;

    /// <summary>Bursts until the same addresses come again: 262,144 frames.</summary>
    private const int Bursts = 4096;

    private readonly Instant _now = new(1000);
    private readonly Burst _burst = new();
    private readonly Membership[] _members = new Membership[Ports];
    private readonly (ulong Destination, ulong Source)[] _pairs = new (ulong, ulong)[Bursts * Burst.Capacity];
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
            _members[i] = bridge.Attach(new SinkPort($"port{i}"));
            bridge.SetUp(_members[i], true);
        }
        var stations = Addresses.Random(Stations);
        for (var i = 0; i < Stations; i++)
            bridge.Fdb.Learn(stations[i], _members[i % Ports].Slot, _now);
        if (bridge.Fdb.Count != Stations)
            throw new InvalidOperationException($"{bridge.Fdb.Count} of {Stations} stations were learnt");

        var random = new Random(2);
        for (var i = 0; i < _pairs.Length; i++)
        {
            var input = i / Burst.Capacity % Ports;
            var output = (input + 1 + random.Next(Ports - 1)) % Ports;
            _pairs[i] = (stations[random.Next(Stations / Ports) * Ports + output], stations[random.Next(Stations / Ports) * Ports + input]);
        }
        Verify(bridge);
    }

    [Benchmark(OperationsPerInvoke = Burst.Capacity)]
    public int Process()
    {
        Fill();
        return _dataplane.Process(_burst, _burst.All, _members[_next % Ports], _now).Length;
    }

    [Benchmark(OperationsPerInvoke = Burst.Capacity, Baseline = true)]
    public void Fill()
    {
        _next = (_next + 1) % Bursts;
        _burst.Clear();
        foreach (var (destination, source) in _pairs.AsSpan(_next * Burst.Capacity, Burst.Capacity))
        {
            var head = _burst.HeadOf(0);
            BinaryPrimitives.WriteUInt64BigEndian(new(head, 8), destination << 16);
            BinaryPrimitives.WriteUInt64BigEndian(new(head + 6, 8), source << 16 | EtherType.Ipv4);
            _burst.Add(64, null).Offload = default;
        }
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _dataplane.Dispose();
        _burst.Dispose();
        foreach (var member in _members)
            member?.Port.Dispose();
    }

    /// <summary>Every frame goes to the port of its destination's station, once.</summary>
    private void Verify(Bridge bridge)
    {
        for (var burst = 0; burst < Bursts; burst++)
        {
            Fill();
            FrameSet all = default;
            foreach (var (output, frames, _) in _dataplane.Process(_burst, _burst.All, _members[_next % Ports], _now))
            {
                if ((all - frames) != all)
                    throw new InvalidOperationException("a frame was delivered twice");
                all |= frames;
                foreach (var i in frames)
                {
                    if (bridge.Fdb.Lookup(_pairs[_next * Burst.Capacity + i].Destination, _now) != output.Slot)
                        throw new InvalidOperationException("a frame was delivered to another port");
                }
            }
            if (all != _burst.All)
                throw new InvalidOperationException("a frame was not delivered");
        }
    }
}
