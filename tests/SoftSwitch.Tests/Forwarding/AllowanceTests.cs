using SoftSwitch.Forwarding.Budgets;
using SoftSwitch.Forwarding.Time;

namespace SoftSwitch.Tests.Forwarding;

public sealed class AllowanceTests
{
    private static readonly Limit s_limit = new("of a test", Holder.Port, 1_000, AtLimit.IsRefused) { More = 50 };

    [Fact]
    public void A_burst_is_there_at_once_and_then_so_many_a_second()
    {
        var allowance = new Allowance(s_limit);
        Assert.Equal(1_000, Taken(allowance, 100_000));
        Assert.Equal(50, Taken(allowance, 101_000));
        Assert.Equal(0, Taken(allowance, 101_000));
        Assert.Equal(3 * 50, Taken(allowance, 104_000));
        Assert.Equal(1, Taken(allowance, 104_020));
        Assert.Equal(1_000, Taken(allowance, 100_000_000));
    }

    [Fact]
    public void Nothing_of_it_comes_twice_however_it_is_taken()
    {
        var allowance = new Allowance(s_limit);
        Assert.True(allowance.Take(new(5_000), 900));
        Assert.False(allowance.Take(new(5_000), 101));
        Assert.Equal(100, allowance.TakeUpTo(new(5_000), 500));
        Assert.Equal(0, allowance.TakeUpTo(new(5_000), 500));
        Assert.Equal(25, allowance.TakeUpTo(new(5_500), 500));
        // Another worker's turn began earlier.
        Assert.Equal(0, allowance.TakeUpTo(new(5_499), 500));
        Assert.Equal(30, allowance.TakeUpTo(new(10_000), 30));
        Assert.Equal(9 * 25 - 30, allowance.TakeUpTo(new(10_000), 500));
    }

    [Fact]
    public void It_is_full_when_nothing_is_used_up()
    {
        var allowance = new Allowance(s_limit with { More = 1, Seconds = 10 });
        Assert.True(allowance.IsFull(new(0)));
        Assert.True(allowance.Take(new(0)));
        Assert.False(allowance.IsFull(new(9_999)));
        Assert.True(allowance.IsFull(new(10_000)));
        allowance.TakeAll(new(10_000));
        Assert.False(allowance.Take(new(19_999)));
        Assert.True(allowance.Take(new(20_000)));
    }

    [Fact]
    public void Workers_that_take_at_the_same_time_get_no_more_together()
    {
        var allowance = new Allowance(s_limit);
        var taken = 0;
        Parallel.For(0, 4, _ => Interlocked.Add(ref taken, Taken(allowance, 1_000)));
        Assert.Equal(1_000, taken);
    }

    private static int Taken(Allowance allowance, long milliseconds)
    {
        var taken = 0;
        while (taken <= 2 * s_limit.Most && allowance.Take(new Instant(milliseconds)))
            taken++;
        return taken;
    }
}
