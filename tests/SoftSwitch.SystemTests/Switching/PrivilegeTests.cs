using System.Globalization;
using SoftSwitch.SystemTests.Lab;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Switching;

/// <summary>What the running switch may still do, read from the kernel thread by thread: the runtime's own threads are threads
/// too.</summary>
public sealed class PrivilegeTests
{
    private const ulong NetAdmin = 1UL << 12, NetRaw = 1UL << 13, Kept = NetAdmin | NetRaw;

    private static readonly string[] s_sets = ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"];

    [Theory]
    [InlineData("internal", "{ network: n, kind: tap }")]
    [InlineData("internal", "{ network: n, kind: tap, netns: BOX }")]
    [InlineData("internal", "{ network: n, kind: veth, netns: BOX }")]
    [InlineData("host-only, subnet: 10.9.0.0/24", "{ network: n, kind: guest }")]
    [InlineData("nat, subnet: 10.9.0.0/24, forwards: [{ from: tcp/2222, to: 10.9.0.9 }]", "{ network: n, kind: tap }")]
    [InlineData("nat, subnet: 10.9.0.0/24, forwards: [{ from: tcp/22, to: 10.9.0.9 }]", "{ network: n, kind: tap }")]
    public void No_thread_keeps_more_privilege_than_live_changes_need_and_a_worker_has_none(string network, string port)
    {
        Need.Tun();
        using var host = new NetNs("host");
        using var box = new NetNs("box");
        using var lan = new NetNs("lan");
        host.Veth("nic", lan, "lan0");
        host.Address("nic", "192.0.2.2/24");
        host.Check("ip route add default via 192.0.2.1");
        using var started = SoftSwitchProcess.Start($$"""
            networks: { n: { mode: {{network}} } }
            ports: { t: {{port.Replace("BOX", $"\"{box.Name}\"")}} }
            workers: 2
            """, host);
        AssertKeeps(started.Pid);
        // It is one process all the time, and it still does what it is for.
        Assert.Contains("t", started.Items("ports").Select(item => item.GetProperty("name").GetString()));
        started.Terminate();
    }

    [Fact]
    public void A_user_whom_a_service_manager_gave_some_privileges_keeps_of_these_what_the_ports_need()
    {
        Need.RealRoot("another user of the machine");
        using var host = new NetNs("host");
        using var peer = new NetNs("peer");
        host.Veth("nic", peer, "far");
        using var copy = new ReadableCopy();
        var file = copy.Write("nic.yaml", "networks: { n: { mode: internal } }\nports: { p: { network: n, kind: nic, interface: nic } }\n");
        const string some = "-all,+net_admin,+net_raw,+sys_chroot,+chown";
        using var started = host.Start("setpriv",
            ["--reuid", "65534", "--regid", "65534", "--clear-groups", $"--bounding-set={some}", $"--inh-caps={some}",
                "--ambient-caps=+net_admin,+net_raw,+sys_chroot,+chown", copy.Executable, "run", file, "--socket",
                $"/tmp/{Path.GetFileName(TemporaryFolder.NewPath(".sock"))}"]);
        started.WaitForOutputLine("ready");
        // Nobody keeps for it what it never had.
        Assert.Null(KeeperTests.KeeperOf(started.Pid));
        foreach (var thread in Threads(started.Pid))
        {
            Assert.Equal(0UL, (Set(thread, "CapPrm") | Set(thread, "CapEff") | Set(thread, "CapInh") | Set(thread, "CapAmb"))
                & ~(NetAdmin | NetRaw));
            Assert.Equal(Name(thread).StartsWith("worker", StringComparison.Ordinal) ? 0 : NetAdmin | NetRaw, Set(thread, "CapEff"));
        }
    }

    /// <summary>It was started with every right, and could write there then.</summary>
    [Fact]
    public void A_state_folder_of_somebody_else_is_said_at_the_start_and_a_number_in_it_stays_one_switch_s()
    {
        Need.Tun();
        Need.RealRoot("a folder of another user");
        using var host = new NetNs("host");
        var state = TemporaryFolder.NewPath(".state");
        Directory.CreateDirectory(state);
        try
        {
            Shell.Check($"chown 65534 {state}");
            using var first = Start("a");
            Assert.Contains($"warning the state folder {state} belongs to ",
                first.WaitForLine("is not kept for the next start; chown root "));
            using var second = Start("b");
            second.WaitForLine("this switch is number 2 of those that run from");
            first.Terminate();
            second.Terminate();
            Shell.Check($"chown 0 {state}");
            using var third = Start("a");
            Assert.DoesNotContain("state folder", string.Join('\n', third.Errors));
            third.Terminate();
        }
        finally
        {
            Directory.Delete(state, recursive: true);
        }

        SoftSwitchProcess Start(string port) =>
            SoftSwitchProcess.Start($"state: {state}\nnetworks: {{ n: {{ mode: internal }} }}\n"
                + $"ports: {{ {port}: {{ network: n, kind: tap }} }}\n", host);
    }

    private static void AssertKeeps(int pid)
    {
        var threads = Threads(pid);
        Assert.Contains(threads, thread => Name(thread).StartsWith("worker", StringComparison.Ordinal));
        foreach (var thread in threads)
        {
            var all = string.Join(' ', s_sets.Select(set => $"{set} {Set(thread, set):x}"));
            var has = Set(thread, "CapEff");
            Assert.True(has == (NeedsNone(thread) ? 0 : Kept) && Set(thread, "CapPrm") == has && (Set(thread, "CapBnd") & ~Kept) == 0
                && (Set(thread, "CapInh") | Set(thread, "CapAmb")) == 0 && Set(thread, "NoNewPrivs") == 1,
                $"{Name(thread)}: {all}, not {Kept:x}");
        }
    }

    /// <summary>Forwarding uses what others have opened; the kernel's routing answers anybody, and so do resolvers.</summary>
    private static bool NeedsNone(string[] thread) =>
        Name(thread) is var name && (name is "routing" or "names" || name.StartsWith("worker", StringComparison.Ordinal));

    private static List<string[]> Threads(int pid) =>
        [.. Directory.GetDirectories($"/proc/{pid}/task").Select(thread => File.ReadAllLines(Path.Combine(thread, "status")))];

    private static string Name(string[] thread) => Value(thread, "Name");

    private static ulong Set(string[] thread, string name) =>
        ulong.Parse(Value(thread, name), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static string Value(string[] thread, string name) =>
        thread.Single(line => line.StartsWith($"{name}:", StringComparison.Ordinal))[(name.Length + 1)..].Trim();
}
