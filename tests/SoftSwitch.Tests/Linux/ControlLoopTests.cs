using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Workers;

namespace SoftSwitch.Tests.Linux;

/// <summary>The loop calls each descriptor's own handler, and nobody's who has left.</summary>
public sealed class ControlLoopTests : IDisposable
{
    private readonly List<Exception> _failed = [];
    private readonly List<int> _called = [];
    private readonly int[] _descriptors = [Kicked(), Kicked(), Kicked()];
    private readonly ControlLoop _loop;

    public ControlLoopTests() => _loop = new(_ => { }, _failed.Add);

    [Fact]
    public void Every_descriptor_has_its_own_handler()
    {
        _loop.Invoke(() => Array.ForEach(_descriptors, fd => _loop.Watch(fd, () => Call(fd))));
        TwoRounds();
        Assert.Equal(_descriptors.Order(), _called.Order());
    }

    /// <summary>All three are readable when the loop looks, so all are in one batch.</summary>
    [Fact]
    public void Who_is_unwatched_by_another_handler_in_the_same_batch_is_not_called()
    {
        _loop.Invoke(() => Array.ForEach(_descriptors, fd => _loop.Watch(fd, () =>
        {
            _called.Add(fd);
            Array.ForEach(_descriptors, _loop.Unwatch);
        })));
        TwoRounds();
        Assert.Single(_called);
    }

    [Fact]
    public void A_tick_comes_sooner_for_who_says_so()
    {
        using var ticked = new ManualResetEventSlim();
        using var loop = new ControlLoop(_ => ticked.Set(), _failed.Add);
        loop.Invoke(() => loop.TickBy(Environment.TickCount64 + 50));
        Assert.True(ticked.Wait(700, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Who_asks_a_loop_that_has_ended_learns_it_and_does_not_wait()
    {
        var loop = new ControlLoop(_ => { }, _failed.Add);
        loop.Dispose();
        Assert.Throws<ObjectDisposedException>(() => loop.Invoke(() => _called.Add(0)));
        loop.Post(() => _called.Add(0));
        Assert.Empty(_called);
    }

    [Fact]
    public void A_handler_that_fails_is_told_and_stops_nobody()
    {
        _loop.Invoke(() => Array.ForEach(_descriptors, fd => _loop.Watch(fd, () =>
        {
            Call(fd);
            throw new InvalidDataException();
        })));
        TwoRounds();
        Assert.Equal(_descriptors.Order(), _called.Order());
        Assert.Equal(3, _failed.Count);
    }

    [Fact]
    public void An_action_that_fails_is_told_and_stops_nobody()
    {
        _loop.Post(() => throw new InvalidDataException());
        _loop.Invoke(() => Array.ForEach(_descriptors, fd => _loop.Watch(fd, () => Call(fd))));
        TwoRounds();
        Assert.Equal(_descriptors.Order(), _called.Order());
        Assert.IsType<InvalidDataException>(Assert.Single(_failed));
    }

    [Fact]
    public void Who_is_watched_already_stays_so_when_it_is_tried_again()
    {
        var fd = _descriptors[0];
        _loop.Invoke(() =>
        {
            _loop.Watch(fd, () => Call(fd));
            Assert.Throws<InvalidOperationException>(() => _loop.Watch(fd, () => Call(-1)));
        });
        TwoRounds();
        Assert.Equal([fd], _called);
    }

    /// <summary>Somebody closed his descriptor before he said so, and its number is another's now.</summary>
    [Fact]
    public void A_watch_that_is_refused_leaves_nothing_behind()
    {
        var second = Reused();
        _called.Clear();
        _loop.Invoke(() => Assert.Throws<InvalidOperationException>(() => _loop.Watch(second, () => _called.Add(-1))));
        TwoRounds();
        Assert.DoesNotContain(-1, _called);
        _loop.Unwatch(second);
        _loop.Watch(second, () =>
        {
            _called.Add(-2);
            _loop.Unwatch(second);
        });
        TwoRounds();
        Assert.Contains(-2, _called);
        _loop.Unwatch(second);
        Assert.Equal(0, Libc.close(second));
    }

    public void Dispose()
    {
        _loop.Dispose();
        Array.ForEach(_descriptors, fd => Assert.Equal(0, Libc.close(fd)));
    }

    private void Call(int fd)
    {
        _called.Add(fd);
        _loop.Unwatch(fd);
    }

    /// <summary>Actions run behind a round's handlers: what was readable before the first has been told when the second runs.</summary>
    private void TwoRounds()
    {
        _loop.Invoke(() => { });
        _loop.Invoke(() => { });
    }

    /// <summary>The same under a number that nobody else is given.</summary>
    /// <summary>A descriptor with the number of one that is watched and was closed. Another test may be quicker to have that.</summary>
    private int Reused()
    {
        for (var attempt = 0; attempt < 20; attempt++)
        {
            var first = High(Kicked(), 200);
            _loop.Watch(first, () => { });
            Assert.Equal(0, Libc.close(first));
            var second = High(Kicked(), first);
            if (second == first)
                return second;
            _loop.Unwatch(first);
            Assert.Equal(0, Libc.close(second));
        }
        throw new InvalidOperationException("the number is always another's");
    }

    private static int High(int fd, int atLeast)
    {
        const int F_DUPFD_CLOEXEC = 1030;
        var high = Libc.fcntl(fd, F_DUPFD_CLOEXEC, atLeast);
        Assert.True(high >= atLeast);
        Assert.Equal(0, Libc.close(fd));
        return high;
    }

    private static int Kicked()
    {
        var fd = Libc.eventfd(1, Libc.EFD_CLOEXEC | Libc.EFD_NONBLOCK);
        Assert.True(fd >= 0);
        return fd;
    }
}
