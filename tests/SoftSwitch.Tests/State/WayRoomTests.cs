using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Linux.Succession;
using SoftSwitch.Packets;
using SoftSwitch.State.Nat;
using SoftSwitch.Tests.Linux;
using SoftSwitch.Tests.Nat;

namespace SoftSwitch.Tests.State;

/// <summary>Which way out is given up when all are taken.</summary>
public sealed class WayRoomTests : IDisposable
{
    private const int Busy = 1, Quiet = 2;

    private readonly MemorySwitch _running = new();
    private readonly SharedPorts _ports = new([], Inheritance.Nothing);
    private readonly Port[] _askers = [.. Enumerable.Range(0, 3).Select(i => new RingPort($"vm{i}", new MacAddress(0x0200_0000_0001)))];
    private readonly List<(OutsideWay Way, NatRig Rig)> _ways = [];

    public void Dispose()
    {
        foreach (var (way, rig) in _ways)
        {
            way.Dispose();
            rig.Dispose();
        }
        Array.ForEach(_askers, port => port.Dispose());
        _ports.Dispose();
        _running.Dispose();
    }

    [Fact]
    public void Who_has_most_gives_up_the_oldest_that_nobody_else_uses_or_else_who_has_the_next_most()
    {
        Add(null);
        var oldest = Add(Quiet);
        NatRig[] busy = [Add(Busy), Add(Busy)];
        Add(Quiet);
        Add(Busy);
        Assert.Equal((2, Busy, 3), Found());
        Converse(busy[0], Quiet);
        Assert.Equal((3, Busy, 3), Found());
        foreach (var (_, rig) in _ways.Where(one => one.Way.AskedBy == _askers[Busy]))
            Converse(rig, Quiet);
        Assert.Equal((1, Quiet, 2), Found());
        // One's own flows keep none.
        Converse(oldest, Quiet);
        Assert.Equal((1, Quiet, 2), Found());
        foreach (var (_, rig) in _ways)
        {
            Converse(rig, Busy);
            Converse(rig, Quiet);
        }
        Assert.Null(Found());
    }

    [Fact]
    public void An_outsider_who_asks_a_forward_keeps_no_way()
    {
        var rig = Add(Busy);
        rig.Napt.SetForwards(0, [new(new(IpProtocol.Udp, 53, 53), Ipv4Address.Parse("10.0.0.9"), 53)], rig.Now);
        rig.In("udp 192.0.2.7:1000 > 203.0.113.1:53");
        Assert.Single(rig.Flows);
        Assert.Equal((0, Busy, 1), Found());
    }

    private NatRig Add(int? asker)
    {
        var rig = new NatRig();
        _ways.Add((new(_running, new(), "dev", _ways.Count + 1, _ports, new(_running), rig.Napt, null)
        {
            AskedBy = asker is { } port ? _askers[port] : null,
        }, rig));
        return rig;
    }

    private static void Converse(NatRig rig, int port) => rig.Out($"udp 10.0.0.{port}:4000 > 192.0.2.7:53", port: port);

    private (int Place, int By, int Count)? Found() => WayRoom.Find(_ways.Select(one => one.Way), owner => _askers[owner.Port])
        is { } found ? (_ways.FindIndex(one => one.Way == found.Way), Array.IndexOf(_askers, found.By), found.Count) : null;
}
