using SoftSwitch.Forwarding;
using SoftSwitch.Linux.Workers;

namespace SoftSwitch.Tests.Linux;

public sealed class PassagesTests : IDisposable
{
    private readonly Passages _passages = new(0, static (_, _) => { });
    private readonly List<Passage> _surplus = [];

    [Fact]
    public void What_was_needed_for_a_moment_is_given_back_but_for_what_is_kept_ready()
    {
        _ = _passages.Next;
        var before = _passages.Count;
        Assert.False(_passages.HasMore);
        var resting = Rest(40);
        Assert.True(_passages.HasMore);
        foreach (var work in resting)
            _passages.End(work, work.Passage!);
        // They may be needed again: only when they weren't, they go.
        Trim();
        Assert.Empty(_surplus);
        Trim();
        Assert.Equal((before, 41 - before), (_passages.Count, _surplus.Count));
        Assert.Equal(_surplus.Count, _surplus.Distinct().Count());
        Assert.DoesNotContain(_passages.Next, _surplus);
        Trim();
        Assert.Equal(before, _passages.Count);
        foreach (var work in Rest(40))
            Assert.DoesNotContain(work.Passage, _surplus);
    }

    [Fact]
    public void What_rests_is_kept_and_what_is_needed_again_and_again_too()
    {
        var resting = Rest(20);
        for (var i = 0; i < 5; i++)
        {
            Trim();
            foreach (var work in Rest(20))
                _passages.End(work, work.Passage!);
        }
        Assert.Empty(_surplus);
        Assert.All(resting, work => Assert.NotNull(work.Passage));
    }

    public void Dispose()
    {
        _surplus.ForEach(passage => passage.Dispose());
        _passages.Dispose();
    }

    private void Trim() => _passages.Trim(_surplus.Add);

    private List<Work> Rest(int count)
    {
        List<Work> resting = [.. Enumerable.Range(0, count).Select(_ => new Nothing())];
        _ = _passages.Next;
        Assert.All(resting, work => Assert.True(_passages.TryRest(work)));
        return resting;
    }

    private sealed class Nothing : Work
    {
        public override bool TryBegin(Passage passage, out bool hasMore) => hasMore = false;

        public override void Failed(Exception e) => throw e;
    }
}
