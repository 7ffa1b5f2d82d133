using System.Buffers.Binary;
using BenchmarkDotNet.Attributes;
using SoftSwitch.Forwarding;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Packets;

namespace SoftSwitch.Benchmarks;

/// <summary>A TCP super-frame of 64,000 bytes on its way out by a port that takes it whole, takes segments without checksums, or takes
/// nothing unfinished.</summary>
[MemoryDiagnoser]
public unsafe class SegmentationBenchmarks : IDisposable
{
    private const int Payload = 64_000, SegmentSize = 1460, Headers = 54;

    private readonly Burst _burst = new();
    private readonly Egress _egress = new(0);
    private SinkPort _output = null!;

    [Params(PortOffloads.All, PortOffloads.Checksum, PortOffloads.None)]
    public PortOffloads Output { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _output = new("output", Output);
        var head = new Span<byte>(_burst.HeadOf(0), Burst.HeadCapacity);
        var body = _burst.BodyOf(0);
        new Random(5).NextBytes(head);
        new Random(6).NextBytes(new Span<byte>(body, Burst.BodyCapacity));
        head[..Headers].Clear();
        head[6] = 2;
        head[12] = 8;
        head[14] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(head[16..], Headers - 14 + Payload);
        head[23] = IpProtocol.Tcp;
        head[46] = 0x50;
        ref var frame = ref _burst.Add(Headers + Payload, body);
        frame.Offload = new()
        {
            Flags = VirtioNetFlags.NeedsChecksum, GsoType = GsoType.TcpV4, GsoSize = SegmentSize, ChecksumStart = 34, ChecksumOffset = 16,
            BufferCount = 1,
        };
        Admission.Admit(ref frame);
        Transmit();
        var expected = Output == PortOffloads.All ? 1 : (Payload + SegmentSize - 1) / SegmentSize;
        if (frame.Drop != Forwarding.Drops.DropReason.None || _output.Swallowed != expected)
            throw new InvalidOperationException($"{_output.Swallowed} frames came out instead of {expected}");
    }

    [Benchmark]
    public void Transmit()
    {
        var sends = int.MaxValue;
        _egress.Transmit(_burst, _output, _burst.All, ref sends);
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _burst.Dispose();
        _egress.Dispose();
        _output.Dispose();
    }
}
