using System.Diagnostics;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Linux.Workers;
using static SoftSwitch.Tests.Forwarding.Stations;

namespace SoftSwitch.Tests.Linux;

/// <summary>One port floods to many that take their time.</summary>
public sealed class WorkerTimeTests : IDisposable
{
    private const int Receivers = 60;

    private readonly Bridge _bridge = new("lan", TimeSpan.FromSeconds(300), 1000);
    private readonly List<CablePort> _ports = [];
    private readonly Dictionary<CablePort, Membership> _members = [];
    private readonly Worker _worker = new(new(0), static (_, _) => { }, static _ => { });

    [Fact]
    public void Who_has_a_frame_is_served_while_a_flood_is_on_its_way()
    {
        var (flooder, one, other) = (Add("flooder"), Add("one"), Add("other"));
        _bridge.Fdb.Learn(Mac(3), _members[other].Slot, new(Environment.TickCount64));
        var (sent, seen) = (0, 0);
        for (var i = 0; i < Receivers; i++)
        {
            Add($"slow{i}").Transmitting = () =>
            {
                if (++sent == 1)
                    one.Send(Frame(Mac(3), Mac(2)));
                for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < TimeSpan.FromMicroseconds(50);)
                {
                }
            };
        }
        // The flood comes by here too: first of all, and once more where the worker has begun with a part of it.
        other.Transmitting = () => seen = seen == 0 ? sent : seen;
        Flood(flooder);
        Assert.True(SpinWait.SpinUntil(() => other.Heard == 65 && Slow().All(port => port.Heard == 64), TimeSpan.FromSeconds(60)));
        Assert.InRange(seen, 1, Receivers / 2);
    }

    /// <summary>It is gone in the middle of what it was to be sent, and the rest is not.</summary>
    [Fact]
    public void A_port_can_leave_while_a_flood_is_on_its_way()
    {
        var flooder = Add("flooder");
        using var begun = new ManualResetEventSlim();
        for (var i = 0; i < Receivers; i++)
            Add($"slow{i}").Transmitting = () =>
            {
                begun.Set();
                Thread.Sleep(1);
            };
        Flood(flooder);
        begun.Wait(TestContext.Current.CancellationToken);
        var last = _ports[^1];
        _bridge.Detach(_members[last]);
        _worker.Remove(last);
        _worker.PostAndWait(static () => { });
        var heard = last.Heard;
        Assert.True(SpinWait.SpinUntil(() => Slow().SkipLast(1).All(port => port.Heard == 64), TimeSpan.FromSeconds(60)));
        Assert.Equal((0L, 0L), (heard, last.Heard));
        // What the worker had read of the flood by then was for it, too.
        Assert.InRange(last.Total().OutDrops(DropReason.PortDown), 1, 64);
        _bridge.Detach(_members[flooder]);
        _worker.Remove(flooder);
    }

    public void Dispose()
    {
        _worker.Dispose();
        _ports.ForEach(port => port.Dispose());
    }

    private IEnumerable<CablePort> Slow() => _ports.Where(port => port.Name.StartsWith("slow", StringComparison.Ordinal));

    private CablePort Add(string name)
    {
        var port = new CablePort(name);
        _ports.Add(port);
        _members.Add(port, _bridge.Attach(port));
        _bridge.SetUp(_members[port], true);
        _worker.Add(port, _members[port]);
        return port;
    }

    /// <summary>A burst of them.</summary>
    private void Flood(CablePort port)
    {
        var wait = new ManualResetEventSlim();
        _worker.Post(() => wait.Wait());
        for (var i = 0; i < 64; i++)
            port.Send(Frame(Broadcast, Mac(1)));
        wait.Set();
    }
}
