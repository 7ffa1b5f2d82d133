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
    public void A_worker_whose_processor_is_not_there_runs_on_any_and_on_that_one_when_it_is()
    {
        Need.Tun();
        if (Environment.ProcessorCount < 2)
            Need.Missing("a machine with two processors");
        using var one = new NetNs("one");
        using var two = new NetNs("two");
        using var started = SoftSwitchProcess.Start(Config(one, two) + "workers: 2\ncpus: [0, 900]");
        started.WaitForLine("warning cpus: cpu 900: ");
        Ping.Wait(one, "10.3.0.2");
        string[] processors = [.. Directory.GetDirectories($"/proc/{started.Pid}/task")
            .Where(thread => File.ReadAllText(Path.Combine(thread, "comm")).StartsWith("worker ", StringComparison.Ordinal))
            .Select(thread => File.ReadLines(Path.Combine(thread, "status")).First(line => line.StartsWith("Cpus_allowed_list")))];
        Assert.Equal(2, processors.Length);
        Assert.Single(processors, list => list.EndsWith("\t0", StringComparison.Ordinal));
        started.Terminate();
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
