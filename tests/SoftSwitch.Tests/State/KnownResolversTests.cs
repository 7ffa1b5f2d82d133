using System.Net;
using SoftSwitch.Bounds;
using SoftSwitch.State.Names;

namespace SoftSwitch.Tests.State;

/// <summary>Whom guests don't wait for.</summary>
public sealed class KnownResolversTests
{
    private static readonly IPAddress s_one = IPAddress.Parse("192.0.2.1"), s_two = IPAddress.Parse("192.0.2.2");

    private readonly KnownResolvers _known = new();

    [Fact]
    public void Who_was_silent_is_asked_last_until_it_answers()
    {
        Assert.Equal([s_one, s_two], Order());
        _known.WasSilent(s_one, since: 0, now: 800);
        Assert.Equal([s_two, s_one], Order());
        _known.HasAnswered(s_one, wasPlain: false, now: 900);
        Assert.Equal([s_one, s_two], Order());
    }

    [Fact]
    public void Who_is_silent_is_tried_again_ever_more_rarely()
    {
        _known.WasSilent(s_one, 0, 800);
        var tried = new List<long>();
        for (var now = 0L; now < 100_000; now += 100)
        {
            // Each question finds it silent.
            _known.WasSilent(s_one, now - 50, now);
            if (_known.TakeToTry(Order(), now) is { } server)
            {
                Assert.Equal(s_one, server);
                tried.Add(now);
            }
        }
        Assert.Equal([1_800, 3_800, 7_800, 15_800, 31_800, 61_800, 91_800], tried);
        _known.HasAnswered(s_one, false, 100_000);
        Assert.Null(_known.TakeToTry(Order(), 200_000));
    }

    [Fact]
    public void Where_all_are_silent_they_are_asked_in_their_order()
    {
        _known.WasSilent(s_two, 0, 800);
        _known.WasSilent(s_one, 0, 1600);
        Assert.Equal([s_one, s_two], Order());
        Assert.Null(_known.TakeToTry(Order(), 10_000));
    }

    /// <summary>A name that nobody answers for says nothing about the resolver, which answers others meanwhile.</summary>
    [Fact]
    public void Who_takes_its_time_for_one_name_is_not_silent()
    {
        _known.HasAnswered(s_one, false, 500);
        _known.WasSilent(s_one, since: 400, now: 1_200);
        Assert.Equal([s_one, s_two], Order());
        _known.WasSilent(s_one, since: 501, now: 1_301);
        Assert.Equal([s_two, s_one], Order());
    }

    /// <summary>Nor is one that was once modern asked as an old one is, because an answer was lost; only when it is
    /// silent for long.</summary>
    [Fact]
    public void Who_has_answered_a_modern_question_is_modern()
    {
        _known.HasAnswered(s_one, wasPlain: true, 1);
        Assert.False(_known.IsModern(s_one));
        _known.HasAnswered(s_one, wasPlain: false, 2);
        _known.WasSilent(s_one, 3, 803);
        Assert.True(_known.IsModern(s_one));
        _known.WasSilent(s_one, 39_200, 40_000);
        Assert.False(_known.IsModern(s_one));
    }

    [Fact]
    public void Of_more_than_it_remembers_it_forgets_the_oldest()
    {
        _known.WasSilent(s_one, 0, 1);
        for (var i = 0; i < ProgramLimits.KnownResolvers.Most; i++)
            _known.WasSilent(new([198, 51, 100, (byte)i]), 1, 2 + i);
        Assert.Equal([s_one, s_two], Order());
    }

    private IReadOnlyList<IPAddress> Order() => _known.Order([s_one, s_two]);
}
