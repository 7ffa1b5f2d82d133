using SoftSwitch.Forwarding;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Packets;
using SoftSwitch.Tests.Forwarding;
using static SoftSwitch.Tests.Routing.GatewayRig;

namespace SoftSwitch.Tests.Routing;

/// <summary>What packets use up that are routed, at once or when they have waited, is that of the port which has brought them; and nobody's
/// turn has to send those of others.</summary>
public sealed class HeldPayerTests : IDisposable
{
    private const string Neighbor = "10.10.0.77";
    private const ulong Silent = 0x0600_0000_0099;

    private readonly Rig _rig = new(ports: 4);
    private readonly Gateway _gateway;

    public HeldPayerTests()
    {
        _gateway = _rig.Add(new Gateway("gateway", new(GatewayMac), Ipv4Address.Parse("10.10.0.1"), Subnet("10.10.0.0/16"), 1500, 1, 0), 0);
        _rig.Tick(_gateway);
        _rig.Received(3);
    }

    /// <summary>The neighbor's address is known and its place isn't: what is said to it goes to everybody.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_is_routed_to_everybody_takes_the_allowance_of_the_port_that_has_brought_it(bool waits)
    {
        for (var port = 0; port < 3; port++)
            _rig.Member(port).FloodLimit = 10;
        if (!waits)
            Learn();
        for (var i = 0; i < 50; i++)
        {
            _rig.Carry(0, Packet(0));
            _rig.Carry(1, Packet(1));
        }
        Learn();
        _rig.Received(3);
        if (waits)
        {
            // Whoever comes when they go pays for his own alone.
            _rig.Carry(2, Packet(2));
            Assert.Equal([10, 10, 1], Arrived());
        }
        Assert.Equal(80, _gateway.Total().InDrops(DropReason.FloodLimit));
        for (var i = 0; i < 9; i++)
            _rig.Carry(2, Packet(2));
        Assert.Equal(80, _gateway.Total().InDrops(DropReason.FloodLimit));
        Assert.Equal([0, 0, 9], Arrived());
    }

    [Fact]
    public void Who_floods_does_not_become_the_sender_of_what_others_have_waiting()
    {
        using Dataplane flooder = new(0), other = new(0);
        using Burst flood = new(), burst = new();
        _rig.Carry(0, Packet(0));
        Learn();
        _rig.Bridge().Fdb.Learn(Silent, _rig.Member(3).Slot, _rig.Now);
        for (var i = 0; i < 60; i++)
            _rig.Port(1).Send(default, Stations.Frame(Stations.Broadcast, GuestMac(1)));
        _rig.Port(1).Send(default, Packet(1));
        _rig.Port(1).Receive(flood);

        // It rests with its flood. What has waited goes meanwhile, and what comes then hasn't to wait.
        Assert.NotEqual(0, flooder.Process(flood, flood.All, _rig.Member(1), _rig.Now).Length);
        Assert.True(flooder.TryTakeCalled(out var called));
        var sent = other.Resume(called, burst, _rig.Now).ToArray();
        Assert.All(sent, delivery => Assert.Equal(_rig.Member(3), delivery.Output));
        Assert.Equal(2, sent.Sum(delivery => delivery.Frames.Count));
        other.Settle();
        _rig.Port(0).Send(default, Packet(0));
        _rig.Port(0).Receive(burst);
        Assert.Equal(_rig.Member(3), Assert.Single(other.Process(burst, burst.All, _rig.Member(0), _rig.Now).ToArray()).Output);
        Assert.False(other.TryTakeCalled(out _));
    }

    /// <summary>However much is due, a turn does a part of it, and the next goes on.</summary>
    [Fact]
    public void A_tick_takes_as_many_turns_as_it_needs_and_asks_for_all()
    {
        const int neighbors = 250;
        for (var port = 0; port < 3; port++)
        {
            for (var i = 0; i < neighbors; i++)
                _rig.Carry(port, Packet(port, $"10.10.{1 + port}.{1 + i}"));
        }
        _rig.Received(3);
        _rig.Now += TimeSpan.FromSeconds(1);
        using var dataplane = new Dataplane(0);
        using var burst = new Burst();
        var (turns, asked, waits) = (0, 0, new Queue<InnerPort>());
        for (var deliveries = dataplane.Tick(_gateway, burst, _rig.Now); ; deliveries = dataplane.Resume(waits.Dequeue(), burst, _rig.Now))
        {
            var frames = deliveries.ToArray().Where(delivery => delivery.Output == _rig.Member(3)).Sum(delivery => delivery.Frames.Count);
            Assert.InRange(frames, 0, 128);
            (turns, asked) = (turns + 1, asked + frames);
            dataplane.Settle();
            while (dataplane.TryTakeCalled(out var called))
                waits.Enqueue(called);
            if (waits.Count == 0)
                break;
        }
        Assert.InRange(turns, asked / 128, 20);
        Assert.Equal(3 * neighbors, asked);
    }

    public void Dispose() => _rig.Dispose();

    private static byte[] Packet(int port, string to = Neighbor) => From(port, to).Build();

    private void Learn() => _gateway.Ipv4Neighbors.Table.Learn(Ipv4Address.Parse(Neighbor), new(Silent), _gateway, _rig.Now, create: true);

    /// <summary>Packets of each guest that came out of the last port.</summary>
    private int[] Arrived()
    {
        var arrived = _rig.Received(3).Where(frame => MacAddress.Read(frame.Bytes).Value == Silent).ToList();
        return [.. Enumerable.Range(0, 3).Select(port => arrived.Count(frame => frame.Bytes[29] == 5 + port))];
    }
}
