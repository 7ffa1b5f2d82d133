using SoftSwitch.State.Ports;

namespace SoftSwitch.Tests.State;

public sealed class RetryPaceTests
{
    [Fact]
    public void Pauses_double_up_to_ten_seconds_and_begin_anew_after_news()
    {
        var pace = new RetryPace();
        Assert.Equal([1000, 2000, 4000, 8000, 10_000, 10_000], Enumerable.Range(0, 6).Select(_ => Pause(pace)));
        pace.Restart();
        Assert.Equal([1000, 2000], Enumerable.Range(0, 2).Select(_ => Pause(pace)));
    }

    [Fact]
    public void News_brings_a_try_at_once_but_not_right_behind_one()
    {
        var pace = new RetryPace();
        pace.Tried(10_000);
        Assert.True(pace.Heard(11_000));
        pace.Tried(11_001);
        pace.Failed(11_002);
        pace.Failed(11_003);
        pace.Failed(11_004);
        Assert.Equal(15_004, pace.Next);
        Assert.False(pace.Heard(11_005));
        Assert.Equal(12_001, pace.Next);
        // The try that this brought makes news of its own, which counts for nothing.
        pace.Tried(12_001);
        pace.Failed(12_002);
        Assert.False(pace.Heard(12_003));
        Assert.Equal(20_002, pace.Next);
        Assert.True(pace.Heard(13_001));
    }

    private static long Pause(RetryPace pace)
    {
        const long now = 5000;
        pace.Failed(now);
        return pace.Next - now;
    }
}
