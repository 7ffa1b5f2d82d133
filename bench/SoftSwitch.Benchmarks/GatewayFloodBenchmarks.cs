using BenchmarkDotNet.Attributes;
using SoftSwitch.Forwarding;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.Benchmarks;

/// <summary>
/// What a turn costs in which a gateway says something to everybody: here a packet to a neighbor whose address is known and whose station
/// has been forgotten. It has to grow with the ports, not with their square.
/// </summary>
[MemoryDiagnoser]
public unsafe class GatewayFloodBenchmarks : IDisposable
{
    private readonly Instant _now = new(1000);
    private readonly Burst _burst = new();
    private readonly byte[] _frame = new byte[60];
    private readonly Dataplane _dataplane = new(0);
    private Membership _guest = null!;

    [Params(20, 200, 2_000)]
    public int Ports { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var bridge = new Bridge("lan", TimeSpan.FromSeconds(300));
        var subnet = Ipv4Subnet.Containing(Ipv4Address.Parse("10.10.0.0"), 16);
        var gateway = new Gateway("gateway", new(0x0253_0000_0001), Ipv4Address.Parse("10.10.0.1"), subnet, 1500, 1, 0);
        bridge.SetUp(bridge.Attach(gateway), true);
        for (var i = 0; i < Ports; i++)
        {
            _guest = bridge.Attach(new SinkPort($"port{i}"));
            bridge.SetUp(_guest, true);
        }
        gateway.Ipv4Neighbors.Table.Learn(Ipv4Address.Parse("10.10.0.9"), new(0x0600_0000_0009), _guest.Port, _now, create: true);
        gateway.Mac.Write(_frame);
        new MacAddress(0x0600_0000_0005).Write(_frame.AsSpan(6));
        EthernetHeader.SetType(_frame, EtherType.Ipv4);
        Ipv4Header.Write(_frame.AsSpan(14), 46, 1, 64, IpProtocol.Udp, Ipv4Address.Parse("10.10.0.5"), Ipv4Address.Parse("10.10.0.9"));
        if (Flood() != Ports)
            throw new InvalidOperationException("not a flood to all ports");
    }

    [Benchmark]
    public int Flood()
    {
        _burst.Clear();
        _frame.CopyTo(new Span<byte>(_burst.HeadOf(0), Burst.HeadCapacity));
        _burst.Add(_frame.Length, null).Offload = default;
        return _dataplane.Process(_burst, _burst.All, _guest, _now).Length;
    }

    public void Dispose()
    {
        _burst.Dispose();
        _dataplane.Dispose();
        GC.SuppressFinalize(this);
    }
}
