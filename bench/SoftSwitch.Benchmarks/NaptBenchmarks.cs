using System.Buffers.Binary;
using BenchmarkDotNet.Attributes;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.Benchmarks;

/// <summary>
/// Bursts of packets, each of a flow drawn from all, translated out, or in. <see cref="Prepare"/> is what the benchmark itself does to each
/// packet: it writes the flow's ends into a frame and reads the header; the others are that and the translation. A million flows take 98
/// MB, index and slots.
/// </summary>
[MemoryDiagnoser]
public unsafe class NaptBenchmarks
{
    private const int Batch = 4096;
    private const int FlowsPerHost = 250;

    private static readonly Ipv4Address s_outside = new(0xCB00_7101);

    private readonly Instant _now = new(1000);
    private readonly Burst _burst = new();
    private readonly ReleasedFragments _released = new();
    private Napt _napt = null!;
    private (uint Inside, ushort InsidePort, uint Remote, ushort RemotePort, ushort OutsidePort)[] _drawn = null!;
    private int _at;

    [Params(1_000, 1_000_000)]
    public int Flows { get; set; }

    /// <summary>TCP segments that carry no data, or UDP.</summary>
    [Params(IpProtocol.Udp, IpProtocol.Tcp)]
    public byte Protocol { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _napt = new(new() { OutsideAddress = s_outside, Capacity = 1 << 20, Seed = 1 });
        _napt.SetPolicy(0, new() { FirstPort = 1024, LastPort = 65_535, FlowsPerOwner = 1 << 20 }, _now);
        for (var i = 0; i < Burst.Capacity; i++)
            AddFrame();
        ref var frame = ref _burst[0];
        var flows = new (uint, ushort, uint, ushort, ushort)[Flows];
        for (var i = 0; i < Flows; i++)
        {
            uint inside = 0x0A00_0000 + (uint)(i / FlowsPerHost), remote = 0xC000_0000 + (uint)(i % FlowsPerHost * 7919);
            Write(frame.Head, inside, 4000, remote, 443);
            Ipv4Layout.TryRead(frame.HeadBytes, 14, frame.Length, out var packet);
            if (_napt.Outbound(ref frame, packet, 0, 1, _now, _released) != NaptVerdict.Translated)
                throw new InvalidOperationException("a flow found no place");
            flows[i] = (inside, 4000, remote, 443, BinaryPrimitives.ReadUInt16BigEndian(frame.HeadBytes[34..]));
        }
        var random = new Random(3);
        _drawn = [.. Enumerable.Range(0, 64 * Batch).Select(_ => flows[random.Next(Flows)])];
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _napt.Dispose();
        _burst.Dispose();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Batch)]
    public int Prepare()
    {
        var sum = 0;
        for (var drawn = Next(); drawn.Length > 0; drawn = drawn[Burst.Capacity..])
        {
            WriteAll(drawn, isOutbound: true);
            for (var i = 0; i < _burst.Count; i++)
                sum += Ipv4Layout.TryRead(_burst[i].HeadBytes, 14, _burst[i].Length, out var packet) ? packet.TransportOffset : 0;
        }
        return sum;
    }

    [Benchmark(OperationsPerInvoke = Batch)]
    public int Outbound()
    {
        var translated = 0;
        Span<ulong> hints = stackalloc ulong[Burst.Capacity];
        for (var drawn = Next(); drawn.Length > 0; drawn = drawn[Burst.Capacity..])
        {
            WriteAll(drawn, isOutbound: true);
            for (var i = 0; i < _burst.Count; i++)
                hints[i] = _napt.PrefetchOutbound(_burst[i], 0);
            foreach (var hint in hints)
                _napt.Prefetch(hint);
            for (var i = 0; i < _burst.Count; i++)
            {
                ref var frame = ref _burst[i];
                if (Ipv4Layout.TryRead(frame.HeadBytes, 14, frame.Length, out var packet)
                    && _napt.Outbound(ref frame, packet, 0, 1, _now, _released) == NaptVerdict.Translated)
                    translated++;
            }
        }
        return translated == Batch ? translated : throw new InvalidOperationException("a flow was not found");
    }

    [Benchmark(OperationsPerInvoke = Batch)]
    public int Inbound()
    {
        var translated = 0;
        Span<ulong> hints = stackalloc ulong[Burst.Capacity];
        for (var drawn = Next(); drawn.Length > 0; drawn = drawn[Burst.Capacity..])
        {
            WriteAll(drawn, isOutbound: false);
            for (var i = 0; i < _burst.Count; i++)
                hints[i] = _napt.PrefetchInbound(_burst[i]);
            foreach (var hint in hints)
                _napt.Prefetch(hint);
            for (var i = 0; i < _burst.Count; i++)
            {
                ref var frame = ref _burst[i];
                if (Ipv4Layout.TryRead(frame.HeadBytes, 14, frame.Length, out var packet)
                    && _napt.Inbound(ref frame, packet, _now, _released, out _) == NaptVerdict.Translated)
                    translated++;
            }
        }
        return translated == Batch ? translated : throw new InvalidOperationException("a flow was not found");
    }

    private void WriteAll(ReadOnlySpan<(uint Inside, ushort InsidePort, uint Remote, ushort RemotePort, ushort OutsidePort)> drawn,
        bool isOutbound)
    {
        for (var i = 0; i < Burst.Capacity; i++)
        {
            var (inside, insidePort, remote, remotePort, outsidePort) = drawn[i];
            if (isOutbound)
                Write(_burst[i].Head, inside, insidePort, remote, remotePort);
            else
                Write(_burst[i].Head, remote, remotePort, s_outside.Value, outsidePort);
        }
    }

    private ref Frame AddFrame()
    {
        var bytes = new Span<byte>(_burst.HeadOf(0), 60);
        bytes.Clear();
        bytes[12] = 8;
        Ipv4Header.Write(bytes[14..], 46, 1, 64, Protocol, default, default);
        if (Protocol == IpProtocol.Tcp)
            (bytes[46], bytes[47]) = (0x50, (byte)TcpFlags.Ack);
        else
            bytes[39] = 26;
        ref var frame = ref _burst.Add(60, null);
        frame.Offload = new() { BufferCount = 1 };
        frame.PacketOffset = 14;
        return ref frame;
    }

    private static void Write(byte* head, uint source, ushort sourcePort, uint destination, ushort destinationPort)
    {
        var packet = new Span<byte>(head + 14, 46);
        BinaryPrimitives.WriteUInt32BigEndian(packet[12..], source);
        BinaryPrimitives.WriteUInt32BigEndian(packet[16..], destination);
        BinaryPrimitives.WriteUInt16BigEndian(packet[20..], sourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(packet[22..], destinationPort);
        Ipv4Header.WriteChecksum(packet[..20]);
    }

    private ReadOnlySpan<(uint Inside, ushort InsidePort, uint Remote, ushort RemotePort, ushort OutsidePort)> Next()
    {
        _at = (_at + Batch) % _drawn.Length;
        return _drawn.AsSpan(_at, Batch);
    }
}
