using System.Text.RegularExpressions;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Switching;

/// <summary>The forwarding threads as the kernel sees them.</summary>
[Collection(typeof(AloneOnTheMachine))]
public sealed partial class WorkerTests
{
    [Theory]
    [InlineData("workers: 2")]
    [InlineData("workers: 2\ncpus: [0, 1]")]
    [InlineData("poll: always\ncpus: [0]")]
    public void Frames_cross_however_many_workers_there_are_and_however_they_wait(string options)
    {
        Need.Tun();
        if (Environment.ProcessorCount < 2)
            Need.Missing("a machine with two processors");
        using var one = new NetNs("one");
        using var two = new NetNs("two");
        using var started = SoftSwitchProcess.Start(Config(one, two) + options);
        Ping.Wait(one, "10.3.0.2");
        Iperf.Delivers(one, two, "10.3.0.2");
        Iperf.Delivers(one, two, "10.3.0.2", reverse: true);
        started.Terminate();
    }

    [Fact]
    public void A_processor_that_does_not_exist_is_said_at_start()
    {
        Need.Tun();
        using var one = new NetNs("one");
        using var two = new NetNs("two");
        using var started = SoftSwitchProcess.StartWithoutWaiting(Config(one, two) + "cpus: [900]");
        Assert.Equal(1, started.WaitForExit());
        Assert.Contains(" error ended: cpus: cpu 900", started.Errors[^1]);
    }

    [Fact]
    public void A_worker_makes_no_system_call_but_waiting_reading_and_writing()
    {
        Need.Tun();
        Need.Tool("strace");
        using var one = new NetNs("one");
        using var two = new NetNs("two");
        using var started = SoftSwitchProcess.Start(Config(one, two));
        Ping.Wait(one, "10.3.0.2");
        var worker = Directory.GetDirectories($"/proc/{started.Pid}/task")
            .Single(thread => File.ReadAllText(Path.Combine(thread, "comm")).Trim() == "worker 0");
        using var strace = new BackgroundProcess("strace", "-p", Path.GetFileName(worker));
        strace.WaitForLine(line => line.Contains("attached"));
        Iperf.Delivers(one, two, "10.3.0.2");
        strace.Signal("INT");
        strace.WaitForExit();
        var calls = strace.Errors.Select(line => Call().Match(line)).Where(match => match.Success)
            .CountBy(match => match.Groups[1].Value).ToDictionary();
        Assert.True(calls.GetValueOrDefault("readv") > 100 && calls.GetValueOrDefault("writev") > 100, string.Join(", ", calls));
        Assert.Empty(calls.Keys.Except(["readv", "writev", "epoll_wait", "epoll_pwait", "restart_syscall"]));
    }

    private static string Config(NetNs one, NetNs two) => $$"""
        networks: { lab: { mode: internal } }
        ports:
          one: { network: lab, kind: tap, netns: "{{one.Name}}", address: 10.3.0.1/24 }
          two: { network: lab, kind: tap, netns: "{{two.Name}}", address: 10.3.0.2/24 }

        """;

    [GeneratedRegex(@"^(?:<\.\.\. )?([a-z_0-9]+)[ (]")]
    private static partial Regex Call();
}
