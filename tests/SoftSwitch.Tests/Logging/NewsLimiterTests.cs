using SoftSwitch.Forwarding.Budgets;
using SoftSwitch.Logging;

namespace SoftSwitch.Tests.Logging;

public class NewsLimiterTests
{
    private readonly NewsLimiter _limiter = new();
    private readonly List<(long At, string Text, int More)> _told = [];

    [Fact]
    public void A_burst_is_a_few_lines_and_then_the_last_state_with_how_much_was_left_out()
    {
        // A container that flaps its link 250 times, 3,150 lines a second.
        for (var i = 0; i < 3150; i++)
            Say("port v", i % 2 == 0 ? "down" : "up", i / 3);
        PassUntil(60_000);
        Assert.Equal(Limits.News.Most + 1, _told.Count);
        Assert.Equal(("port v: up", 3150 - Limits.News.Most - 1), (_told[^1].Text, _told[^1].More));
        Assert.InRange(_told[^1].At, 1050, 1050 + NewsLimiter.ShortestHold);
    }

    [Fact]
    public void Whoever_flaps_all_the_time_gets_less_and_less_and_its_last_state_is_told_soon_after_it_ends()
    {
        const long hour = 3_600_000;
        for (var now = 0L; now < hour; now += 100)
        {
            Pass(now);
            Say("port v", $"{now}", now);
        }
        PassUntil(hour + 60_000);
        Assert.InRange(_told.Count, 10, hour / NewsLimiter.LongestHold + 20);
        Assert.Equal($"port v: {hour - 100}", _told[^1].Text);
        Assert.InRange(_told[^1].At - hour, 0, NewsLimiter.LongestHold / 4);
        Assert.Equal(hour / 100, _told.Count + _told.Sum(line => (long)line.More));
    }

    [Fact]
    public void Each_subject_has_lines_of_its_own()
    {
        for (var i = 0; i < 1000; i++)
            Say("port v", "up", i);
        _told.Clear();
        Say("port w", "down", 1000);
        Assert.Equal((1000, "port w: down", 0), Assert.Single(_told));
    }

    [Fact]
    public void What_is_rare_is_told_at_once_for_ever()
    {
        for (var i = 0; i < 1000; i++)
            Say("port v", $"{i}", i * 1000L * Limits.News.Seconds);
        Assert.Equal(1000, _told.Count);
        Assert.Null(_limiter.NextDue);
    }

    [Fact]
    public void After_a_quiet_time_it_is_as_at_the_beginning()
    {
        for (var round = 0; round < 3; round++)
        {
            _told.Clear();
            var from = round * 1_000_000L;
            for (var i = 0; i < 100; i++)
                Say("port v", "up", from + i);
            PassUntil(from + 500_000);
            Assert.Equal(Limits.News.Most + 1, _told.Count);
            Assert.InRange(_told[^1].At - from, 0, NewsLimiter.ShortestHold + 100);
        }
    }

    [Fact]
    public void At_the_end_everything_that_is_held_is_told()
    {
        for (var i = 0; i < 20; i++)
        {
            Say("port v", "up", i);
            Say("port w", "down", i);
        }
        Assert.Equal(["port v: up", "port w: down"], _limiter.TakeAll(20).Select(line => line.Text));
        Assert.Empty(_limiter.TakeAll(20));
    }

    [Fact]
    public void Many_subjects_are_forgotten_when_they_are_quiet_and_not_before()
    {
        for (var i = 0; i < Limits.News.Most + 1; i++)
            Say("port v", "up", 0);
        var held = _told.Count;
        for (var i = 0; i < 10_000; i++)
            Say($"port {i}", "up", 1 + i / 100);
        Assert.Equal(held + 10_000, _told.Count);
        Assert.Equal("port v: up", Assert.Single(_limiter.TakeDue(10_000)).Text);
    }

    [Fact]
    public void What_is_put_off_by_more_news_lets_others_go_first_and_is_told_at_its_own_time()
    {
        for (var i = 0; i < Limits.News.Most + 1; i++)
        {
            Say("port v", "up", 0);
            Say("port w", "up", 0);
        }
        PassUntil(10_000);
        _told.Clear();
        // Their second hold: 4 s at most, 2 s of quiet.
        Say("port v", "up", 10_000);
        Say("port w", "down", 10_000);
        Say("port v", "down", 11_500);
        PassUntil(60_000);
        Assert.Equal([(12_000, "port w: down", 0), (13_500, "port v: down", 1)], _told);
    }

    private void Say(string subject, string message, long now)
    {
        var line = new LogLine(default, LogLevel.Info, new(subject), message);
        if (_limiter.Admits(line, now))
            _told.Add((now, line.Text, 0));
    }

    private void Pass(long now) => _told.AddRange(_limiter.TakeDue(now).Select(line => (now, line.Text, line.More)));

    private void PassUntil(long end)
    {
        while (_limiter.NextDue is { } due && due <= end)
            Pass(due);
    }
}
