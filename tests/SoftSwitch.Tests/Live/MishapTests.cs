using System.Diagnostics;
using System.Runtime.InteropServices;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Live;

namespace SoftSwitch.Tests.Live;

/// <summary>What should not have happened in a change costs that change, never the switch.</summary>
public class MishapTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task A_time_that_ends_in_a_mishap_ends_nothing_else()
    {
        await using var live = await LiveFixture.Start();
        live.Time.Now = DateTimeOffset.UtcNow.AddHours(-1);
        Assert.Equal(201, (await live.Ask("POST", "v1/ports?ttl=1m", """{"name":"vm9","network":"dev","kind":"guest"}""")).Status);
        live.Time.Now = DateTimeOffset.UtcNow;
        live.Switch.Obstacles = static _ => throw new InvalidOperationException("a mishap");
        var told = new TaskCompletionSource<Exception>();
        Expiry.Begin(live.Config, e => told.TrySetResult(e));
        Assert.Equal("a mishap", (await told.Task.WaitAsync(s_patience, TestContext.Current.CancellationToken)).Message);
        live.Switch.Obstacles = static _ => [];
        live.Config.LayerHasChanged.Set();
        var begun = Stopwatch.GetTimestamp();
        while (live.Ports.Contains("vm9") && Stopwatch.GetElapsedTime(begun) < s_patience)
            await Task.Delay(10, TestContext.Current.CancellationToken);
        Assert.DoesNotContain("vm9", live.Ports);
    }

    [Fact]
    public async Task A_signal_that_ends_in_a_mishap_leaves_the_next_one_heard()
    {
        using var signal = new AskingSignal(PosixSignal.SIGHUP, "reload");
        var (mishap, done) = (new TaskCompletionSource<Exception>(), new TaskCompletionSource());
        signal.Do(() =>
        {
            if (!mishap.Task.IsCompleted)
                throw new InvalidOperationException("a mishap");
            done.TrySetResult();
        }, e => mishap.TrySetResult(e));
        HangUp();
        Assert.Equal("a mishap", (await mishap.Task.WaitAsync(s_patience, TestContext.Current.CancellationToken)).Message);
        HangUp();
        await done.Task.WaitAsync(s_patience, TestContext.Current.CancellationToken);
    }

    /// <summary>Another program may go on in its place any moment: then it is that one's to do.</summary>
    [Fact]
    public void A_signal_is_open_until_all_that_it_asks_for_is_done()
    {
        using var signal = new AskingSignal(PosixSignal.SIGHUP, "reload");
        using var may = new SemaphoreSlim(0);
        var done = 0;
        Assert.False(signal.IsOpen);
        HangUp();
        Assert.True(SpinWait.SpinUntil(() => signal.IsOpen, s_patience));
        signal.Do(() =>
        {
            may.Wait();
            done++;
        }, static _ => { });
        Thread.Sleep(20);
        Assert.True(signal.IsOpen);
        // As the next program does that was told so.
        signal.Ask();
        may.Release(2);
        Assert.True(SpinWait.SpinUntil(() => !signal.IsOpen, s_patience));
        Assert.InRange(done, 1, 2);
    }

    /// <summary>Another program may go on in its place any moment: while the signal is kept for that one, nothing is done here.</summary>
    [Fact]
    public void A_signal_that_is_kept_is_heard_when_the_next_program_does_not_come()
    {
        using var signal = new AskingSignal(PosixSignal.SIGHUP, "reload");
        var done = 0;
        signal.Do(() => Interlocked.Increment(ref done), static _ => { });
        for (var round = 1; round <= 3; round++)
        {
            signal.KeepForNext();
            HangUp();
            HangUp();
            Thread.Sleep(20);
            Assert.Equal(round - 1, done);
            signal.HearAgain();
            Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref done) == round, s_patience));
            Assert.False(SoftSwitch.Linux.Privileges.KeptSignal.Take());
        }
        signal.KeepForNext();
        signal.HearAgain();
        Thread.Sleep(20);
        Assert.Equal(3, done);
    }

    private static void HangUp() => Assert.Equal(0, Libc.kill(Environment.ProcessId, SysProcess.SIGHUP));
}
