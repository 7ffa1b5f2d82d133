using BenchmarkDotNet.Attributes;
using SoftSwitch.Packets;

namespace SoftSwitch.Benchmarks;

/// <summary>The Internet checksum over a small frame, a full one, and a super-frame.</summary>
[MemoryDiagnoser]
public class ChecksumBenchmarks
{
    private byte[] _bytes = null!;

    [Params(64, 1500, 65_536)]
    public int Length { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _bytes = new byte[Length];
        new Random(4).NextBytes(_bytes);
        ulong sum = 0;
        for (var i = 0; i < Length; i += 2)
            sum += (ulong)(_bytes[i] << 8 | _bytes[i + 1]);
        while (sum > 0xFFFF)
            sum = (sum & 0xFFFF) + (sum >> 16);
        if (Checksum() != (ushort)~sum)
            throw new InvalidOperationException("the checksum is wrong");
    }

    [Benchmark]
    public ushort Checksum() => InternetChecksum.Of(_bytes);
}
