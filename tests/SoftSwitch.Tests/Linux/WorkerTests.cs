using System.Collections.Concurrent;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Linux.Workers;

namespace SoftSwitch.Tests.Linux;

/// <summary>A worker finds frames by descriptors that come and go, and by memory that it looks into, and never sleeps over one.</summary>
public sealed class WorkerTests : IDisposable
{
    private readonly Bridge _bridge = new("lan", TimeSpan.FromSeconds(300), 100);
    private readonly RingPort _one = new("one", new(0x0200_0000_0001)), _other = new("other", new(0x0200_0000_0002));
    private readonly List<string> _failed = [];
    private readonly ConcurrentQueue<Exception> _broken = [];
    private readonly Worker _worker;

    public WorkerTests()
    {
        _worker = new(new(0), (port, reason) =>
        {
            lock (_failed)
                _failed.Add($"{port.Name}: {reason}");
        }, _broken.Enqueue);
        foreach (var port in (RingPort[])[_one, _other])
        {
            var member = _bridge.Attach(port);
            _bridge.SetUp(member, true);
            _worker.Add(port, member);
        }
    }

    [Fact]
    public void Descriptors_come_and_go_while_the_worker_has_the_port()
    {
        int[] kicks = [_one.Open(), _one.Open(), _one.Open()];
        foreach (var kick in kicks)
        {
            Settle();
            _one.Send(_other.Mac, kick);
            Assert.True(_other.Hear());
        }
        _one.Close(kicks[1]);
        // Its number may be another's now, whom nobody watches.
        var again = _one.Open();
        foreach (var kick in (int[])[kicks[0], again, kicks[2]])
        {
            _one.Send(_other.Mac, kick);
            Assert.True(_other.Hear());
        }
        Array.ForEach([kicks[0], again, kicks[2]], _one.Close);
    }

    /// <summary>It comes after the last look, and before the other end knows that it should tell.</summary>
    [Fact]
    public void A_frame_that_comes_while_the_port_is_armed_is_not_slept_over()
    {
        var kick = _one.Open();
        var armed = 0;
        _one.Arming = () =>
        {
            if (Interlocked.Increment(ref armed) % 3 == 0)
                _one.Put(_other.Mac);
        };
        for (var i = 0; i < 100; i++)
        {
            _worker.Post(() => { });
            if (Volatile.Read(ref armed) >= 3)
                break;
            Thread.Sleep(1);
        }
        Assert.True(_other.Hear());
        _one.Arming = null;
        _one.Close(kick);
    }

    [Fact]
    public void Frames_of_a_port_that_tells_only_when_asked_to_all_arrive()
    {
        const int frames = 20_000;
        var kick = _one.Open();
        for (var i = 0; i < frames; i++)
        {
            _one.Send(_other.Mac, kick);
            // The worker sleeps, looks, and is in the middle of arming.
            if (i % 64 == 0)
                Thread.SpinWait(i % 1000 * 20);
        }
        for (var i = 0; i < frames; i++)
            Assert.True(_other.Hear());
        _one.Close(kick);
    }

    [Fact]
    public void A_port_is_told_when_its_burst_is_over_and_before_the_next()
    {
        var kick = _one.Open();
        for (var i = 0; i < 20; i++)
        {
            _one.Send(_other.Mac, kick);
            Assert.True(_other.Hear());
        }
        Settle();
        var calls = _one.Calls.ToArray();
        Assert.NotEmpty(calls);
        Assert.All(calls.Chunk(2), pair => Assert.Equal(["received", "released"], pair));
        _one.Close(kick);
    }

    [Fact]
    public void A_handler_that_fails_costs_its_port_and_no_other()
    {
        var kick = _one.Open();
        var broken = _other.Open(() => throw new InvalidDataException("no such queue"));
        RingPort.Kick(broken);
        Assert.True(SpinWait.SpinUntil(() => Failures().Length > 0, TimeSpan.FromSeconds(60)));
        Assert.Contains("no such queue", Assert.Single(Failures()));
        Assert.StartsWith("other: ", Failures()[0]);
        _one.Send(_other.Mac, kick);
        Assert.True(_other.Hear());
        _one.Close(kick);
        _other.Close(broken);
    }

    [Fact]
    public void An_action_that_fails_is_told_and_stops_neither_the_worker_nor_who_waits_for_it()
    {
        var kick = _one.Open();
        _worker.Post(() => throw new InvalidDataException("first"));
        _worker.PostAndWait(() => throw new InvalidDataException("second"));
        Settle();
        Assert.Equal(["first", "second"], _broken.Select(e => e.Message));
        _one.Send(_other.Mac, kick);
        Assert.True(_other.Hear());
        Assert.Empty(Failures());
        _one.Close(kick);
    }

    [Fact]
    public void A_descriptor_that_cannot_be_watched_costs_its_port_and_no_other()
    {
        var kick = _one.Open();
        _other.OpenUnwatchable();
        Settle();
        Assert.Contains("epoll_ctl", Assert.Single(Failures()));
        Assert.StartsWith("other: ", Failures()[0]);
        _one.Send(_other.Mac, kick);
        Assert.True(_other.Hear());
        Assert.Empty(_broken);
        _one.Close(kick);
    }

    [Fact]
    public void A_look_into_memory_that_fails_costs_its_port_and_no_other()
    {
        var kick = _one.Open();
        _other.Looking = () => throw new InvalidDataException("the memory has shrunk");
        Settle();
        Assert.True(SpinWait.SpinUntil(() => Failures().Length > 0, TimeSpan.FromSeconds(60)));
        Assert.StartsWith("other: internal error, please report it: System.IO.InvalidDataException: the memory has shrunk",
            Assert.Single(Failures()));
        _one.Send(_other.Mac, kick);
        Assert.True(_other.Hear());
        _one.Close(kick);
    }

    [Fact]
    public void An_output_that_fails_costs_itself_and_not_the_port_whose_frames_it_was_to_take()
    {
        int kick = _one.Open(), back = _other.Open();
        _other.Transmitting = () => throw new InvalidDataException("no such queue");
        for (var i = 0; i < 3; i++)
        {
            _one.Send(_other.Mac, kick);
            Assert.True(SpinWait.SpinUntil(() => Failures().Length > i, TimeSpan.FromSeconds(60)));
        }
        Assert.All(Failures(), failure => Assert.StartsWith("other: internal error", failure, StringComparison.Ordinal));
        Settle();
        var counters = _other.Total();
        Assert.Equal((0, 3), (counters.OutFrames, counters.OutDrops(DropReason.TransmitFailed)));
        // Both are received from as before.
        _other.Send(_one.Mac, back);
        Assert.True(_one.Hear());
        _other.Transmitting = null;
        _one.Send(_other.Mac, kick);
        Assert.True(_other.Hear());
        _one.Close(kick);
        _other.Close(back);
    }

    public void Dispose()
    {
        _worker.Dispose();
        _one.Dispose();
        _other.Dispose();
    }

    private string[] Failures()
    {
        lock (_failed)
            return [.. _failed];
    }

    /// <summary>Until the worker has ended its turn.</summary>
    private void Settle() => _worker.PostAndWait(static () => { });
}
