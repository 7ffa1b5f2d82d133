using System.Diagnostics;
using System.Globalization;
using System.Text;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Switching;

/// <summary>What the machine lets the switch have: files, memory, processors; and what is said where that isn't enough.</summary>
public sealed class LimitTests
{
    /// <summary>With exactly what the ports take, as a unit with CapabilityBoundingSet= starts it.</summary>
    private const string AsTheServiceManager = "exec setpriv --bounding-set=-all,+net_admin,+net_raw --inh-caps=-all";

    [Fact]
    public void The_soft_limit_of_open_files_is_raised_and_a_hard_one_that_is_too_low_is_said_with_what_is_needed()
    {
        Need.Tun();
        using var host = new NetNs("host");
        using (var started = Limited(host, "ulimit -Sn 100", Taps(60)))
        {
            started.WaitForOutputLine("ready");
            Assert.Equal(60, host.Check("ip -br link show type tun").Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        }
        Eventually.Equal("", () => host.Check("ip -br link show type tun"));
        foreach (var (config, what, needed) in new[]
        {
            (Taps(200), "200 ports", 664),
            ("networks: { n: { mode: nat, subnet: 10.9.0.0/24, forwards: [{ from: tcp/4000-4999, to: 10.9.0.9 }, { from: udp/10000-14999, "
                + "to: 10.9.0.9 }] } }\nports: { t: { network: n, kind: tap } }\n",
                "1 port and 1000 forwarded ports", 1067),
        })
        {
            using var refused = Limited(host, "ulimit -n 300", config, strict: true);
            Assert.Equal(1, refused.WaitForExit());
            var line = Assert.Single(refused.Errors, line => line.Contains("Z error ended: "));
            Assert.All(new[] { what, $"takes {needed} open files", "may have 300", "ulimit -Hn ", "LimitNOFILE=" },
                part => Assert.Contains(part, line));
            Assert.Empty(host.Check("ip -br link show type tun"));
        }
    }

    [Fact]
    public void Where_open_files_are_few_what_fits_runs_and_the_rest_is_told_in_one_line()
    {
        Need.Tun();
        Need.Native(); // A runtime that loads what it runs needs files of its own.
        using var host = new NetNs("host");
        using var started = Limited(host, "ulimit -n 300", Taps(120));
        started.WaitForOutputLine("ready");
        var line = Assert.Single(started.Errors, line => line.Contains(" error "));
        Assert.All(new[] { "error ports: t", " more failed, will be retried: open files: ", "ulimit -Hn 1024" },
            part => Assert.Contains(part, line));
        Assert.InRange(host.Check("ip -br link show type tun").Split('\n', StringSplitOptions.RemoveEmptyEntries).Length, 50, 100);
    }

    [Fact]
    public void Out_of_descriptors_the_api_refuses_without_burning_a_processor_and_answers_again_afterwards()
    {
        Need.Tun();
        Need.Tool("prlimit");
        Need.Native();
        using var host = new NetNs("host");
        using var started = SoftSwitchProcess.Start(Taps(1), host);
        started.Client("show", "ports").Succeeded();
        Shell.Check($"prlimit --pid {started.Pid} --nofile=5:");
        var before = ProcessorTime(started.Pid);
        var refused = started.Client("show", "ports");
        Assert.NotEqual(0, refused.ExitStatus);
        Assert.DoesNotContain("   at ", refused.Error);
        // One that is left waiting, too.
        using var waiting = new BackgroundProcess("sh", "-c", $"exec {PublishedExecutable.Path} show ports --socket {started.Socket}");
        Thread.Sleep(1500);
        Assert.True(ProcessorTime(started.Pid) - before < TimeSpan.FromSeconds(0.75), "an accept loop that never rests");
        Shell.Check($"prlimit --pid {started.Pid} --nofile=1000:");
        Eventually.Holds(() => started.Client("show", "ports").ExitStatus == 0);
        started.Terminate();
    }

    [Theory]
    [InlineData("exec")]
    [InlineData(AsTheServiceManager)]
    public void A_limited_address_space_is_enough_or_it_is_said_what_is(string exec)
    {
        Need.Tun();
        Need.Tool("setpriv");
        Need.Native();
        using var host = new NetNs("host");
        using var lan = new NetNs("lan");
        host.Veth("nic", lan, "lan0");
        host.Address("nic", "192.0.2.2/24");
        host.Check("ip route add default via 192.0.2.1");
        const string config = "networks: {{ n: {{ mode: nat, subnet: 10.9.0.0/24, flows: {0} }} }}\n"
            + "ports: {{ t: {{ network: n, kind: tap }} }}\n";
        using (var started = Limited(host, "ulimit -v 1048576", string.Format(CultureInfo.InvariantCulture, config, 1048576), exec))
            started.WaitForOutputLine("ready");
        using var refused = Limited(host, "ulimit -v 1048576", string.Format(CultureInfo.InvariantCulture, config, 4000000), exec);
        Assert.Equal(1, refused.WaitForExit());
        Assert.Matches(@"^softswitch: the address space is limited to 1048576 KiB, and this file \(1 worker, 4000000 flows\) takes "
            + "[0-9]{7}: raise that \\(ulimit -v [0-9]{7}, or LimitAS=", Assert.Single(refused.Errors));
    }

    [Theory]
    [InlineData(400, 1)]
    [InlineData(500, 1)]
    [InlineData(600, 1)]
    [InlineData(800, 4)]
    public void With_too_little_address_space_it_doesn_t_begin_and_says_what_it_takes(int mebibytes, int workers)
    {
        Need.Native();
        using var host = new NetNs("host");
        using var refused = Limited(host, $"ulimit -v {mebibytes * 1024}", Taps(1) + $"workers: {workers}\n");
        Assert.Equal(1, refused.WaitForExit());
        Assert.Matches($"^softswitch: the address space is limited to {mebibytes * 1024} KiB, .*ulimit -v [0-9]+, or LimitAS=",
            Assert.Single(refused.Errors));
    }

    [Fact]
    public void The_runtime_binds_no_thread_to_a_processor_and_maps_no_more_than_it_may_use()
    {
        Need.Tun();
        if (Environment.ProcessorCount < 2)
            Need.Missing("a machine with two processors");
        using var host = new NetNs("host");
        using var started = SoftSwitchProcess.Start(Taps(1) + "cpus: [1]\n", host);
        var all = Value($"/proc/{started.Pid}", "Cpus_allowed_list");
        foreach (var thread in Directory.GetDirectories($"/proc/{started.Pid}/task"))
            Assert.Equal(Value(thread, "Name") == "worker 0" ? "1" : all, Value(thread, "Cpus_allowed_list"));
        Assert.InRange(AddressSpace(started.Pid), 0, 16L << 20);
        started.Terminate();
        Need.Tool("setpriv");
        // With no privilege to give up it is the same.
        using var reduced = Limited(host, ":", Taps(1), AsTheServiceManager);
        reduced.WaitForOutputLine("ready");
        Assert.InRange(AddressSpace(reduced.Pid), 0, 16L << 20);
    }

    private static long AddressSpace(int pid) => long.Parse(Value($"/proc/{pid}", "VmSize").Split(' ')[0], CultureInfo.InvariantCulture);

    private static BackgroundProcess Limited(NetNs host, string limit, string config, string exec = "exec", bool strict = false)
    {
        var file = TemporaryFolder.NewPath(".yaml");
        File.WriteAllText(file, config);
        return host.Start("sh", "-c", $"{limit}; {exec} {PublishedExecutable.Path} run {file} "
            + $"--socket {TemporaryFolder.NewPath(".sock")}{(strict ? " --strict" : "")}");
    }

    private static string Taps(int count)
    {
        var text = new StringBuilder("networks: { n: { mode: internal } }\nports:\n");
        for (var number = 0; number < count; number++)
            text.Append(CultureInfo.InvariantCulture, $"  t{number}: {{ network: n, kind: tap }}\n");
        return text.ToString();
    }

    private static TimeSpan ProcessorTime(int pid)
    {
        using var process = Process.GetProcessById(pid);
        return process.TotalProcessorTime;
    }

    private static string Value(string process, string name) =>
        File.ReadAllLines(Path.Combine(process, "status"))
            .Single(line => line.StartsWith($"{name}:", StringComparison.Ordinal))[(name.Length + 1)..].Trim();
}
