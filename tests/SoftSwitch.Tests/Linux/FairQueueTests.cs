using SoftSwitch.Forwarding;
using SoftSwitch.Linux.Workers;

namespace SoftSwitch.Tests.Linux;

public sealed class FairQueueTests
{
    private readonly FairQueue _queue = new(forgiven: 10);

    [Fact]
    public void Who_takes_long_is_served_as_long_as_the_others_and_not_as_often()
    {
        Something greedy = new(200), modest = new(10);
        _queue.Add(greedy);
        _queue.Add(modest);
        for (var i = 0; i < 2100; i++)
            Serve();
        Assert.InRange(greedy.Turns, 95, 105);
        Assert.InRange(modest.Turns, 1995, 2005);
    }

    [Fact]
    public void Who_comes_back_is_next_however_many_are_always_there()
    {
        for (var i = 0; i < 8; i++)
            _queue.Add(new Something(200));
        var rare = new Something(5);
        for (var i = 0; i < 1000; i++)
        {
            for (var turn = 0; turn < 5; turn++)
                Serve();
            _queue.Wake(rare);
            Assert.Same(rare, Serve(comesBack: false));
        }
    }

    [Fact]
    public void Nobody_saves_up_time_by_sleeping()
    {
        Something busy = new(10), sleeper = new(10);
        _queue.Add(busy);
        for (var i = 0; i < 1000; i++)
            Serve();
        _queue.Add(sleeper);
        for (var i = 0; i < 100; i++)
            Serve();
        Assert.InRange(sleeper.Turns, 49, 51);
    }

    [Fact]
    public void One_is_there_once_and_can_leave()
    {
        var all = Enumerable.Range(0, 100).Select(_ => new Something(1)).ToList();
        all.ForEach(_queue.Add);
        all.ForEach(_queue.Add);
        all.GetRange(0, 50).ForEach(_queue.Remove);
        all.GetRange(0, 50).ForEach(_queue.Remove);
        var left = new HashSet<Work>();
        while (_queue.TryTake(out var next))
            Assert.True(left.Add(next));
        Assert.Equal(all.GetRange(50, 50).ToHashSet<Work>(), left);
        Assert.True(_queue.IsEmpty);
    }

    private Work Serve(bool comesBack = true)
    {
        Assert.True(_queue.TryTake(out var next));
        var served = (Something)next;
        served.Turns++;
        served.Used += served.Cost;
        if (comesBack)
            _queue.Add(served);
        return served;
    }

    private sealed class Something(int cost) : Work
    {
        public int Cost => cost;

        public int Turns { get; set; }

        public override void Failed(Exception e) => throw e;

        public override bool TryBegin(Passage passage, out bool hasMore) => hasMore = false;
    }
}
