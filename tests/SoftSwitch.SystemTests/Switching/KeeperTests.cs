using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Switching;

/// <summary>What takes more rights than a running switch keeps is opened for it by a process of its own, its keeper.</summary>
public sealed class KeeperTests
{
    private const ulong NetBindService = 1UL << 10, NetAdmin = 1UL << 12, NetRaw = 1UL << 13, SysPtrace = 1UL << 19, SysAdmin = 1UL << 21;

    private const string Plain = """
        networks: { n: { mode: nat, subnet: 10.9.0.0/24 }, m: { mode: internal } }
        ports:
          first: { network: n, kind: tap }

        """;

    [Fact]
    public void A_switch_that_began_without_namespaces_gets_ports_in_them_and_keeps_no_more_rights_for_it()
    {
        Need.Tun();
        using var host = new NetNs("host");
        using var box = new NetNs("box");
        using var cell = new NetNs("cell");
        using var inCell = cell.Start("sleep", "600");
        using var started = SoftSwitchProcess.Start(Plain, host);
        AssertKeepsLittle(started);
        started.Reload(Plain + $$"""
              t: { network: n, kind: tap, netns: {{box.Name}}, address: auto }
              v: { network: m, kind: veth, netns: {{box.Name}}, address: 10.8.0.1/24, interface: w }
              p: { network: n, kind: tap, netns: "{{inCell.Pid}}", address: auto }
              q: { network: m, kind: veth, netns: /proc/{{inCell.Pid}}/ns/net, address: 10.8.0.2/24 }
            """);
        started.WaitForLine("reloaded ");
        Ping.Wait(box, "10.9.0.1");
        Ping.Wait(cell, "10.9.0.1");
        Ping.Wait(cell, "10.8.0.1");
        AssertKeepsLittle(started);
        // What it has opened there needn't be opened again, and what is said there is the switch's.
        box.Check("ip link set dev t down");
        Eventually.Holds(() => State(started, "t") == "down");
        started.Reload(Plain);
        Eventually.Holds(() => started.Items("ports").Count == 1);
        Eventually.Holds(() => !box.Check("ip -br link").Contains("w@") && !box.Check("ip -br link").StartsWith("t "));
        Eventually.Holds(() => !cell.Check("ip -br link").Contains("q@"));
        started.Terminate();
    }

    /// <summary>The right to look into processes is the keeper's: who has left the namespace that he was found in is refused as before.
    /// </summary>
    [Fact]
    public void A_process_that_has_ended_is_told_and_a_file_that_is_no_namespace_is_refused()
    {
        Need.Tun();
        using var host = new NetNs("host");
        using var started = SoftSwitchProcess.Start(Plain, host);
        using var gone = host.Start("true");
        using var other = host.Start("sleep", "600");
        gone.WaitForExit();
        foreach (var (netns, why) in ((string, string)[])[($"\"{gone.Pid}\"", "no process has this pid now"),
            ($"/proc/{other.Pid}/ns/mnt", "/ns/mnt is not a network namespace"), ("/dev/zero", "/dev/zero is not a network namespace")])
        {
            started.Reload(Plain + $"  p: {{ network: n, kind: tap, netns: {netns} }}\n");
            started.WaitForLine(why);
        }
        started.Terminate();
    }

    [Theory]
    [InlineData("KILL")]
    [InlineData("TERM")]
    public void It_ends_with_its_switch_and_nothing_stays(string signal)
    {
        Need.Tun();
        using var host = new NetNs("host");
        using var box = new NetNs("box");
        using var started = SoftSwitchProcess.Start($$"""
            networks: { n: { mode: internal } }
            ports: { t: { network: n, kind: veth, netns: {{box.Name}}, interface: w } }
            """, host);
        var keeper = KeeperOf(started.Pid)!.Value;
        // These are the switch's business, and in a terminal both get them.
        foreach (var ignored in (string[])["HUP", "INT", "QUIT", "TERM", "PIPE", "USR2"])
            Shell.Signal(keeper, ignored);
        Shell.Signal(started.Pid, signal);
        Eventually.Holds(() => !Lives(started.Pid));
        var clock = Stopwatch.StartNew();
        Eventually.Holds(() => !Lives(keeper), seconds: 1);
        TestContext.Current.TestOutputHelper?.WriteLine($"it ended {clock.ElapsedMilliseconds} ms after its switch");
        Eventually.Holds(() => !box.Check("ip -br link").Contains('w'));
    }

    [Fact]
    public void Without_it_all_goes_on_and_what_takes_it_is_refused_with_the_reason()
    {
        Need.Tun();
        using var host = new NetNs("host");
        using var box = new NetNs("box");
        var file = $"networks: {{ n: {{ mode: nat, subnet: 10.9.0.0/24 }} }}\nports:\n  t: {{ network: n, kind: tap, netns: {box.Name}, "
            + "address: auto }\n";
        using var started = SoftSwitchProcess.Start(file, host);
        Ping.Wait(box, "10.9.0.1");
        Shell.Signal(KeeperOf(started.Pid)!.Value, "KILL");
        started.WaitForLine("has ended by signal 9; what runs goes on, but a change that takes CAP_NET_BIND_SERVICE, CAP_SYS_PTRACE, "
            + "CAP_SYS_ADMIN is refused until softswitch is started anew");
        Assert.True(Ping.Reaches(box, "10.9.0.1"));
        started.Reload(file + $"  u: {{ network: n, kind: tap, netns: {box.Name} }}\n");
        Assert.Contains("has ended: start softswitch anew", started.WaitForLine("port u: it takes CAP_SYS_ADMIN, and the keeper of its "));
        // What takes none is possible, and what was there still is.
        started.Reload(file + "  u: { network: n, kind: tap }\n");
        Eventually.Holds(() => State(started, "u") == "up");
        Assert.True(Ping.Reaches(box, "10.9.0.1"));
        started.Terminate();
    }

    [Fact]
    public void It_gets_a_low_port_for_a_forward()
    {
        Need.Tun();
        using var host = new NetNs("host");
        using var lan = new NetNs("lan");
        using var box = new NetNs("box");
        host.Veth("nic", lan, "lan0");
        host.Address("nic", "192.0.2.2/24");
        lan.Address("lan0", "192.0.2.1/24");
        host.Check("ip route add default via 192.0.2.1");
        using var started = SoftSwitchProcess.Start($$"""
            networks: { n: { mode: nat, subnet: 10.9.0.0/24, forwards: [{ from: tcp/22, to: 10.9.0.9 }, { from: udp/53, to: 10.9.0.9 }] } }
            ports: { t: { network: n, kind: tap, netns: {{box.Name}}, address: 10.9.0.9/24 } }
            """, host);
        AssertKeepsLittle(started);
        box.Check("ip route add default via 10.9.0.1");
        using var server = new WhoServer(box, 22);
        Assert.StartsWith("192.0.2.1:", Conversation.Seen(lan, "tcp", "192.0.2.2", 22));
        // Nobody else of the host can have them.
        using var space = NetworkNamespace.Open(host.Path);
        foreach (var (type, port) in ((SocketType, int)[])[(SocketType.Stream, 22), (SocketType.Dgram, 53)])
        {
            using var socket = space.Run(() => new Socket(AddressFamily.InterNetwork, type, ProtocolType.Unspecified));
            Assert.Equal(SocketError.AddressAlreadyInUse,
                Assert.Throws<SocketException>(() => socket.Bind(new IPEndPoint(IPAddress.Any, port))).SocketErrorCode);
        }
        started.Terminate();
    }

    /// <summary>Each thread of the switch has the two, or none; the keeper what it is for, and nothing open but the way to its switch.
    /// </summary>
    private static void AssertKeepsLittle(SoftSwitchProcess started)
    {
        const ulong kept = NetAdmin | NetRaw;
        foreach (var thread in Directory.GetDirectories($"/proc/{started.Pid}/task"))
        {
            var status = File.ReadAllLines(Path.Combine(thread, "status"));
            Assert.Equal(0UL, (Set(status, "CapEff") | Set(status, "CapPrm") | Set(status, "CapInh") | Set(status, "CapAmb")
                | Set(status, "CapBnd")) & ~kept);
            var name = status[0]["Name:\t".Length..];
            Assert.Equal(name.StartsWith("worker", StringComparison.Ordinal) || name is "routing" or "names" ? 0 : kept,
                Set(status, "CapEff"));
        }
        var keeper = KeeperOf(started.Pid);
        Assert.NotNull(keeper);
        foreach (var thread in Directory.GetDirectories($"/proc/{keeper}/task"))
        {
            var status = File.ReadAllLines(Path.Combine(thread, "status"));
            Assert.Equal(kept | NetBindService | SysPtrace | SysAdmin, Set(status, "CapEff"));
            Assert.Equal((Set(status, "CapEff"), Set(status, "CapEff"), 0UL, 0UL, 1UL), (Set(status, "CapPrm"), Set(status, "CapBnd"),
                Set(status, "CapInh"), Set(status, "CapAmb"), Set(status, "NoNewPrivs")));
        }
        Assert.Equal("/", new DirectoryInfo($"/proc/{keeper}/cwd").LinkTarget);
        Assert.Equal(["/dev/null", "/dev/null", "/dev/null"], Open(keeper.Value).Take(3));
        // The runtime may want a random number.
        Assert.Equal(["anon_inode", "net", "socket"],
            Open(keeper.Value).Skip(3).Select(link => link.Split(':')[0]).Where(link => link != "/dev/urandom").Order());
        var variables = File.ReadAllText($"/proc/{keeper}/environ").Split('\0', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(variables, variable => Assert.StartsWith("DOTNET_", variable, StringComparison.Ordinal));
        Assert.EndsWith($"\0keeper\0{started.Pid}\0", File.ReadAllText($"/proc/{keeper}/cmdline"), StringComparison.Ordinal);
    }

    private static IEnumerable<string> Open(int pid) =>
        Directory.GetFiles($"/proc/{pid}/fd").OrderBy(file => int.Parse(Path.GetFileName(file), CultureInfo.InvariantCulture))
            .Select(file => new FileInfo(file).LinkTarget!);

    /// <summary>The only process that a switch has started.</summary>
    internal static int? KeeperOf(int pid)
    {
        var children = string.Join(' ', Directory.GetDirectories($"/proc/{pid}/task")
            .Select(task => File.ReadAllText(Path.Combine(task, "children")))).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return children.Length == 0 ? null : int.Parse(Assert.Single(children), CultureInfo.InvariantCulture);
    }

    /// <summary>It is there, and not only to be reaped by whoever has it now.</summary>
    private static bool Lives(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static string? State(SoftSwitchProcess started, string port) =>
        started.Items("ports").Single(item => item.GetProperty("name").GetString() == port).GetProperty("state").GetString();

    private static ulong Set(string[] status, string name) =>
        ulong.Parse(status.Single(line => line.StartsWith($"{name}:", StringComparison.Ordinal))[(name.Length + 1)..].Trim(),
            NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
