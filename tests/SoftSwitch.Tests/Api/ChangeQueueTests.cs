using SoftSwitch.Api;
using SoftSwitch.Api.Lists;
using SoftSwitch.Bounds;

namespace SoftSwitch.Tests.Api;

/// <summary>Changes are done one after the other, by turns of who asks, and nobody's flood is in another's way.</summary>
public sealed class ChangeQueueTests
{
    private const uint Flooder = 1000, Other = 1001;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_is_done_at_a_time_and_users_take_turns()
    {
        var queue = new ChangeQueue();
        using var first = new SemaphoreSlim(0);
        var order = new List<string>();
        var now = 0;
        List<Task> all = [Ask(Flooder, "a", () => first.Wait(Cancel))];
        while (Volatile.Read(ref now) == 0)
            await Task.Delay(1, Cancel);
        all.AddRange(Enumerable.Range(0, 4).Select(i => Ask(Flooder, $"a{i}", static () => { })));
        all.AddRange(Enumerable.Range(0, 2).Select(i => Ask(Other, $"b{i}", static () => { })));
        first.Release();
        await Task.WhenAll(all);
        Assert.Equal(["a", "b0", "a0", "b1", "a1", "a2", "a3"], order);

        Task Ask(uint user, string name, Action meanwhile) => queue.Do(user, () =>
        {
            Assert.Equal(1, Interlocked.Increment(ref now));
            order.Add(name);
            meanwhile();
            Interlocked.Decrement(ref now);
            return 0;
        }, Cancel);
    }

    [Fact]
    public void Who_floods_is_refused_and_others_find_a_place()
    {
        var queue = new ChangeQueue();
        for (var i = 0; i < ProgramLimits.ChangesOfUser.Most; i++)
            queue.Enter(Flooder);
        Assert.Equal(503, Assert.Throws<ProblemException>(() => queue.Enter(Flooder)).Status);
        for (var user = Other; user < Other + 5; user++)
            Assert.All(Enumerable.Range(0, ProgramLimits.ChangesOfUser.Most), _ => queue.Enter(user));
        queue.Enter(0).Dispose();
        queue.Enter(2000).Dispose();
    }

    [Fact]
    public async Task Who_goes_while_he_waits_leaves_no_gap()
    {
        var queue = new ChangeQueue();
        using var first = new SemaphoreSlim(0);
        var running = queue.Do(Flooder, () => first.Wait(TimeSpan.FromSeconds(30), Cancel), Cancel);
        using var gone = new CancellationTokenSource();
        var leaving = queue.Do(Flooder, () => true, gone.Token);
        var staying = queue.Do(Other, () => true, Cancel);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaving);
        first.Release();
        Assert.True(await staying);
        await running;
    }
}
