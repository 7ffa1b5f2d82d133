using SoftSwitch.Forwarding;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;
using SoftSwitch.Tests.Nat;
using static SoftSwitch.Tests.Routing.GatewayRig;

namespace SoftSwitch.Tests.Routing;

/// <summary>
/// Two workers, step by step: one carries a flow's packets, the other is who sends those that have waited for their neighbor. Whatever the
/// first does before the second has transmitted, the flow keeps its order. The same holds when both are one worker's, the second of which
/// rests.
/// </summary>
public sealed class HeldOrderTests : IDisposable
{
    private static readonly Ipv4Address s_neighbor = Ipv4Address.Parse("10.10.0.77"), s_other = Ipv4Address.Parse("10.10.0.78");

    private readonly Bridge _bridge = new("net", TimeSpan.FromSeconds(300), 100);
    private readonly MemoryPort[] _ports = [.. Enumerable.Range(0, 3).Select(i => new MemoryPort($"port{i}", workers: 2))];
    private readonly Dictionary<Port, Membership> _members = [];
    private readonly Gateway _gateway = new("gateway", new(GatewayMac), Ipv4Address.Parse("10.10.0.1"), Subnet("10.10.0.0/24"), 1500, 2, 0);
    private readonly Dataplane[] _dataplanes = [new(0), new(1)];
    private readonly Egress[] _egresses = [new(0), new(1)];
    private readonly Burst[] _bursts = [new(), new()];
    private readonly Delivery[][] _pending = [[], []];
    private Instant _now = new(5_000);
    private int _sent;

    public HeldOrderTests()
    {
        foreach (var port in _ports.Append<Port>(_gateway))
        {
            _members.Add(port, _bridge.Attach(port));
            _bridge.SetUp(_members[port], true);
        }
        Decide(0, _gateway);
        Transmit(0);
    }

    /// <summary>Who makes the second worker send what waits.</summary>
    public enum Cause
    {
        Answer,
        Packet,
        Tick,
    }

    [Theory]
    [InlineData(Cause.Answer, 1)]
    [InlineData(Cause.Packet, 1)]
    [InlineData(Cause.Tick, 1)]
    [InlineData(Cause.Answer, 0)]
    [InlineData(Cause.Packet, 0)]
    [InlineData(Cause.Tick, 0)]
    public void What_comes_while_another_turn_sends_what_has_waited_does_not_overtake_it(Cause cause, int worker)
    {
        _dataplanes[1].Dispose();
        _dataplanes[1] = new(worker);
        Begin(cause);
        Say();
        Say();
        Assert.Empty(Heard());
        Transmit(1);
        Assert.Equal([0, 1, 2, 3], Heard());
        Say();
        Assert.Equal([4], Heard());
    }

    [Fact]
    public void What_has_waited_goes_first_also_when_the_same_burst_has_more_for_the_port()
    {
        Say();
        Say();
        _gateway.Ipv4Neighbors.Table.Learn(s_neighbor, new(GuestMac(1)), _gateway, _now, create: false);
        _gateway.Ipv4Neighbors.Table.Learn(s_other, new(GuestMac(1)), _gateway, _now, create: true);
        Queue(s_other);
        Queue(s_neighbor);
        Decide(0, _ports[0]);
        Transmit(0);
        Assert.Equal([2, 0, 1, 3], Heard());
    }

    [Fact]
    public void A_worker_whose_turn_breaks_holds_nobody_up()
    {
        Begin(Cause.Answer);
        Say();
        _dataplanes[1].Abandon();
        Assert.True(Resume(1));
        Transmit(1);
        Say();
        Assert.Equal([2, 3], Heard());
    }

    [Fact]
    public void What_comes_without_end_while_a_worker_sends_is_soon_sent_by_who_brings_it()
    {
        Begin(Cause.Answer);
        var turns = 0;
        for (var isMore = true; isMore; isMore = Resume(1))
        {
            TransmitOne(1);
            Say();
            Assert.True(++turns < 10, "one worker is kept busy by another");
        }
        Say();
        Assert.Equal(Enumerable.Range(0, _sent), Heard());
    }

    public void Dispose()
    {
        for (var worker = 0; worker < 2; worker++)
        {
            _dataplanes[worker].Dispose();
            _egresses[worker].Dispose();
            _bursts[worker].Dispose();
        }
        foreach (var port in _ports)
            port.Dispose();
    }

    /// <summary>Two packets have waited, and the second worker has taken them, but transmitted nothing.</summary>
    private void Begin(Cause cause)
    {
        Say();
        Say();
        if (cause != Cause.Answer)
            _gateway.Ipv4Neighbors.Table.Learn(s_neighbor, new(GuestMac(1)), _gateway, _now, create: false);
        switch (cause)
        {
            case Cause.Answer:
                Assert.True(_ports[1].Send(default, Arp(ArpMessage.Reply, GuestMac(1), "10.10.0.77", "10.10.0.1", GatewayMac)));
                Decide(1, _ports[1]);
                break;
            case Cause.Packet:
                Assert.True(_ports[2].Send(default, (From(2, "10.10.0.77") with { Source = GuestMac(2), From = "10.10.0.7" }).Build()));
                Decide(1, _ports[2]);
                break;
            default:
                Decide(1, _gateway);
                break;
        }
        TransmitOne(1);
        Assert.True(Resume(1));
        Assert.NotEmpty(_pending[1]);
        Assert.Empty(Heard());
    }

    /// <summary>The first worker carries the flow's next packet.</summary>
    private void Say()
    {
        Queue(s_neighbor);
        Decide(0, _ports[0]);
        Transmit(0);
    }

    private void Queue(Ipv4Address neighbor)
    {
        var packet = NatPacket.Parse($"udp 10.10.0.5:4000 > {neighbor}:53 ip={_sent++}");
        Assert.True(_ports[0].Send(default, WorldRig.FrameOf(WorldRig.Guest0, packet.Build())));
    }

    private void Decide(int worker, Port port)
    {
        if (port is InnerPort inner)
        {
            _pending[worker] = _dataplanes[worker].Tick(inner, _bursts[worker], _now).ToArray();
            return;
        }
        _bursts[worker].Clear();
        port.Receive(_bursts[worker]);
        _pending[worker] = _dataplanes[worker].Process(_bursts[worker], _bursts[worker].All, _members[port], _now).ToArray();
    }

    private void Transmit(int worker)
    {
        do
            TransmitOne(worker);
        while (Resume(worker));
    }

    private void TransmitOne(int worker)
    {
        foreach (var delivery in _pending[worker])
        {
            var sends = int.MaxValue;
            _egresses[worker].Transmit(delivery.Source, delivery.Output.Port, delivery.Frames, ref sends);
        }
        _dataplanes[worker].Settle();
    }

    /// <summary>The worker gives a turn to who has called for one.</summary>
    private bool Resume(int worker)
    {
        var isCalled = _dataplanes[worker].TryTakeCalled(out var inner);
        _pending[worker] = isCalled ? _dataplanes[worker].Resume(inner!, _bursts[worker], _now).ToArray() : [];
        return isCalled;
    }

    /// <summary>The flow's packets that have arrived, by their identification.</summary>
    private List<int> Heard()
    {
        var heard = new List<int>();
        while (_ports[1].TryTake(out var frame))
        {
            if (frame.Bytes[13] == 0 && frame.Bytes[29] == 5)
                heard.Add(NatPacket.Read(frame.Bytes.ToArray()).Identification);
            MemoryPort.Return(frame);
        }
        return heard;
    }
}
