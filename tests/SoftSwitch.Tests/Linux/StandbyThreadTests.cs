using SoftSwitch.Linux;

namespace SoftSwitch.Tests.Linux;

/// <summary>A thread that stays for the next thing: one after the other, all of them, and what goes wrong in one is that one's.</summary>
public sealed class StandbyThreadTests
{
    /// <summary>Catches one that starts a thread for each, that does two at once, or that loses what comes while it ends.</summary>
    [Fact]
    public async Task Things_are_done_in_turn_on_one_thread_that_is_none_of_the_pool()
    {
        var thread = new StandbyThread("tried");
        var order = new List<int>();
        var threads = new HashSet<int>();
        await Task.WhenAll(Enumerable.Range(0, 1000).Select(i => thread.Do(() =>
        {
            Assert.False(Thread.CurrentThread.IsThreadPoolThread);
            threads.Add(Environment.CurrentManagedThreadId);
            order.Add(i);
            return i;
        })));
        Assert.Equal(Enumerable.Range(0, 1000), order);
        Assert.Single(threads);
    }

    /// <summary>Catches one that ends by what one thing throws: the next would wait for ever.</summary>
    [Fact]
    public async Task What_one_thing_throws_is_thrown_to_who_asked_for_it()
    {
        var thread = new StandbyThread("tried");
        var failing = thread.Do<int>(() => throw new InvalidOperationException("as tried"));
        var next = thread.Do(() => 7);
        Assert.Equal("as tried", (await Assert.ThrowsAsync<InvalidOperationException>(() => failing)).Message);
        Assert.Equal(7, await next.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
    }
}
