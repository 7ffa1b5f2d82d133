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

    private static void HangUp() => Assert.Equal(0, Libc.kill(Environment.ProcessId, SysProcess.SIGHUP));
}
