using SoftSwitch.Linux;
using SoftSwitch.Linux.Workers;
using SoftSwitch.Logging;
using SoftSwitch.State.Ports;

namespace SoftSwitch.Tests.State;

public class AwaitedProcessorTests
{
    [Fact]
    public void A_processor_that_comes_is_used_and_one_that_does_not_is_asked_for_less_and_less_often()
    {
        var log = new RememberedLog();
        using var worker = new Worker(new(0), static (_, _) => { }, e => Assert.Fail($"{e}"));
        var absent = new AwaitedProcessor(worker, 0, 1023, log);
        for (var second = 0; second < 100; second++)
            absent.Try(second * 1000);
        worker.PostAndWait(static () => { });
        Assert.False(absent.IsThere);
        Assert.Empty(log.Lines);
        absent.Tell(Assert.Throws<SystemCallException>(() => Affinity.Pin(1023)));
        Assert.Contains("worker 0 runs on any processor", log.Lines[0].Text, StringComparison.Ordinal);

        var there = new AwaitedProcessor(worker, 0, Allowed(), log);
        there.Try(0);
        there.Try(1);
        worker.PostAndWait(static () => { });
        Assert.True(there.IsThere);
        Assert.Equal(2, log.Lines.Count);
    }

    /// <summary>One that this process may use.</summary>
    private static int Allowed() => int.Parse(File.ReadLines("/proc/self/status").First(line => line.StartsWith("Cpus_allowed_list"))
        .Split('\t')[1].Split('-', ',')[0], System.Globalization.CultureInfo.InvariantCulture);
}
