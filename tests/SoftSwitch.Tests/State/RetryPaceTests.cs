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

    private static long Pause(RetryPace pace)
    {
        const long now = 5000;
        pace.Failed(now);
        return pace.Next - now;
    }
}
