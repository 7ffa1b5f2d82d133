using BenchmarkDotNet.Attributes;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Time;

namespace SoftSwitch.Benchmarks;

/// <summary>One station of the forwarding database at a time, drawn from all: found, heard again, and new ones that push out the oldest of
/// their port.</summary>
[MemoryDiagnoser]
public class FdbBenchmarks
{
    private const int Batch = 4096;

    private readonly Instant _now = new(1000);
    private readonly SinkPort[] _ports = [new("a"), new("b"), new("c")];
    private ulong[] _drawn = null!;
    private Bridge _bridge = null!;
    private Fdb _fdb = null!;
    private ulong _forged = 0x0600_0000_0000;

    [Params(1_000, 100_000, 1_000_000)]
    public int Stations { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _bridge = new("lan", TimeSpan.FromSeconds(300), 2 * Stations);
        foreach (var port in _ports)
            _bridge.Attach(port);
        _fdb = _bridge.Fdb;
        var stations = Addresses.Random(Stations);
        foreach (var station in stations)
            _fdb.Learn(station, SlotOf(station), _now);
        var random = new Random(3);
        _drawn = [.. Enumerable.Range(0, 64 * Batch).Select(_ => stations[random.Next(Stations)])];
        if (_fdb.Count != Stations || _drawn.Any(station => _fdb.Lookup(station, _now) != SlotOf(station)))
            throw new InvalidOperationException("a station was not found at its port");
        for (var i = 0; i < Stations; i++)
            _fdb.Learn(_forged++, 3, _now); // The third port is at its limit.
    }

    private int _at;

    [Benchmark(OperationsPerInvoke = Batch)]
    public int Lookup()
    {
        var sum = 0;
        foreach (var station in Next())
            sum += _fdb.Lookup(station, _now);
        return sum;
    }

    [Benchmark(OperationsPerInvoke = Batch)]
    public void LearnAgain()
    {
        foreach (var station in Next())
            _fdb.Learn(station, SlotOf(station), _now);
    }

    [Benchmark(OperationsPerInvoke = Batch)]
    public void LearnForged()
    {
        for (var i = 0; i < Batch; i++)
            _fdb.Learn(_forged++, 3, _now);
    }

    private static ushort SlotOf(ulong station) => (ushort)(1 + (station & 1));

    private ReadOnlySpan<ulong> Next()
    {
        _at = (_at + Batch) % _drawn.Length;
        return _drawn.AsSpan(_at, Batch);
    }
}
