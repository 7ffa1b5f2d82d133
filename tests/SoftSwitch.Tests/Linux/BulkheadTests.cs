using SoftSwitch.Linux;

namespace SoftSwitch.Tests.Linux;

/// <summary>One party's failure is its own.</summary>
public sealed class BulkheadTests
{
    [Fact]
    public void Each_has_its_turn_and_what_one_throws_is_told()
    {
        var turns = new List<int>();
        var told = new List<(int, string)>();
        Bulkhead.Each([1, 2, 3], party =>
        {
            turns.Add(party);
            if (party == 2)
                throw new InvalidDataException("planted");
        }, (party, e) => told.Add((party, e.Message)));
        Assert.Equal([1, 2, 3], turns);
        Assert.Equal([(2, "planted")], told);
    }

    [Fact]
    public void Who_cannot_be_told_stops_nobody()
    {
        var turns = 0;
        Bulkhead.Each([1, 2], _ =>
        {
            turns++;
            throw new InvalidDataException();
        }, (_, _) => throw new InvalidOperationException());
        Assert.Equal(2, turns);
        Assert.False(Bulkhead.Run(() => throw new InvalidDataException(), _ => throw new InvalidOperationException()));
        Assert.True(Bulkhead.Run(() => { }, _ => { }));
    }
}
