using SoftSwitch.Api;

namespace SoftSwitch.Tests.Api;

/// <summary>Who gets in, and for whom.</summary>
public sealed class UserPlacesTests
{
    private readonly UserPlaces _places = new(8, 3);
    private readonly List<string> _gone = [];

    [Fact]
    public void Who_has_all_of_his_gives_up_his_own_oldest()
    {
        var first = Take(1000, "a1");
        Fill(1000, "a2", "a3");
        Assert.NotNull(Take(1001, "b1"));
        Assert.NotNull(Take(1000, "a4"));
        Assert.Equal(["a1"], _gone);
        // It is over, which frees nothing: its place is another's.
        first!.Dispose();
        Assert.NotNull(Take(1000, "a5"));
        Assert.Equal(["a1", "a2"], _gone);
    }

    [Fact]
    public void When_all_are_taken_the_one_with_the_most_gives_up_his_oldest_and_nobody_for_an_equal()
    {
        Fill(1000, "a1", "a2", "a3");
        Fill(1001, "b1", "b2", "b3");
        Fill(1002, "c1", "c2");
        Assert.NotNull(Take(1003, "d1"));
        Assert.Equal(["a1"], _gone);
        Assert.NotNull(Take(1004, "e1"));
        Assert.Equal(["a1", "b1"], _gone);
        // One more of his, and he would have as many as whom he took it from.
        Assert.Null(Take(1003, "d2"));
        Assert.NotNull(Take(1005, "f1"));
        Assert.Equal(3, _gone.Count);
    }

    [Fact]
    public void Root_is_counted_by_itself()
    {
        for (uint user = 1; user <= 8; user++)
            Assert.NotNull(Take(user, $"{user}"));
        Assert.Null(Take(9, "9"));
        for (var i = 0; i < 9; i++)
            Assert.NotNull(Take(0, $"root{i}"));
        Assert.Equal(["root0"], _gone);
    }

    [Fact]
    public void A_place_that_is_held_gives_way_when_its_time_is_over()
    {
        var first = _places.Take(1000, () => _gone.Add("first"), 0);
        Assert.NotNull(_places.Take(1000, () => { }, 400));
        Assert.NotNull(_places.Take(1000, () => { }, 400));
        Assert.Null(_places.Take(1000, () => { }, 499, hold: 500));
        Assert.NotNull(_places.Take(1000, () => { }, 500, hold: 500));
        Assert.Equal(["first"], _gone);
        first!.Dispose();
    }

    [Fact]
    public void It_is_crowded_while_as_many_as_there_are_places_have_yet_to_end()
    {
        var all = Enumerable.Range(0, 11).Select(i => Take(1000, $"{i}")!).ToArray();
        Assert.Equal(8, _gone.Count);
        Assert.True(_places.IsCrowded);
        all[0].Dispose();
        Assert.False(_places.IsCrowded);
    }

    private UserPlace? Take(uint user, string name) => _places.Take(user, () => _gone.Add(name), 0);

    private void Fill(uint user, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
            Assert.NotNull(Take(user, name));
    }
}
