using System.Diagnostics;
using SoftSwitch.Linux.Interop;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Linux;

/// <summary>SoftSwitch.LaunchProbe starts itself again; these tests start the probe, as an ordinary user.</summary>
public class NamespaceLauncherTests
{
    private static readonly string Probe = Path.Combine(AppContext.BaseDirectory, "SoftSwitch.LaunchProbe");

    /// <summary>Another user where we may become one: not in a user namespace with one user, which will do as it is.</summary>
    private static readonly Lazy<string[]> s_asOrdinary = new(() =>
    {
        string[] nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"];
        return Libc.geteuid() == 0 && Shell.RunAsCaller(nobody[0], [.. nobody[1..], "true"]).ExitStatus == 0 ? [.. nobody, "env"] : ["env"];
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_ordinary_user_becomes_root_of_an_empty_network(bool byDotnet)
    {
        NeedsNamespaces();
        var result = Run(byDotnet, "status", "7");
        Assert.True(result.ExitStatus == 7, result.ToString());
        Assert.Contains("word: a word with = and ä\narguments: status|7\nuser: root True\nuid_map: 0 ", result.Output);
        Assert.Contains("interfaces: lo\n", result.Output);
        Assert.Contains("SigBlk: 0000000000000000\n", result.Output);
    }

    [Fact]
    public void Twenty_runs_end_as_they_should()
    {
        NeedsNamespaces();
        for (var status = 0; status < 20; status++)
            Assert.Equal(status, Run(false, "status", $"{status}").ExitStatus);
    }

    [Theory]
    [InlineData("TERM", 42)]
    [InlineData("INT", 43)]
    public void A_signal_reaches_the_program(string signal, int status)
    {
        NeedsNamespaces();
        using var process = StartWaiting(out _);
        Assert.True(Shell.Signal(process.Id, signal));
        Assert.True(process.WaitForExit(20_000), "still running 20 s after the signal");
        Assert.Equal(status, process.ExitCode);
    }

    [Fact]
    public async Task A_program_whose_starter_is_killed_is_asked_to_end()
    {
        NeedsNamespaces();
        using var process = StartWaiting(out var child);
        process.Kill();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        // Its standard output ends when it does.
        var rest = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await Task.WhenAny(rest, Task.Delay(20_000, TestContext.Current.CancellationToken));
        Assert.True(rest.IsCompleted, $"process {child} outlived its starter");
    }

    [Fact]
    public void A_machine_that_allows_no_user_namespaces_is_named_with_the_cure()
    {
        NeedsNamespaces();
        // The limit is set inside a namespace made for it: the machine's own stays.
        var result = Unshare("--map-root-user", "echo 0 > /proc/sys/user/max_user_namespaces && exec \"$0\" status 7");
        Assert.StartsWith("refused 28: no more user or network namespaces are allowed here (ENOSPC): raise sysctl", result.Output);
        Assert.Equal((99, 1), (result.ExitStatus, result.Output.Count(c => c == '\n')));
    }

    [Fact]
    public void A_program_that_can_not_be_executed_is_told_with_the_reason()
    {
        NeedsNamespaces();
        var result = Run(false, "huge");
        Assert.Equal((97, $"{Probe}: argument list too long (execve: E2BIG)\n"), (result.ExitStatus, result.Output));
    }

    [Fact]
    public void A_user_who_may_make_none_is_told_so()
    {
        NeedsNamespaces();
        // A user without a number in this namespace may make no other.
        var result = Unshare("--user", "exec \"$0\" status 7");
        Assert.StartsWith("refused 1: ordinary users may not make namespaces here (EPERM): ", result.Output);
        Assert.Equal(99, result.ExitStatus);
    }

    private static ShellResult Unshare(string option, string script) =>
        Shell.RunAsCaller(AsOrdinary[0], [.. AsOrdinary[1..], "unshare", "--user", option, "sh", "-c", script, Probe]);

    private static ShellResult Run(bool byDotnet, params string[] arguments)
    {
        string[] program = byDotnet ? ["dotnet", Probe + ".dll"] : [Probe];
        return Shell.RunAsCaller(AsOrdinary[0], [.. AsOrdinary[1..], .. program, .. arguments]);
    }

    private static Process StartWaiting(out int child)
    {
        var start = Shell.Prepare(AsOrdinary[0], [.. AsOrdinary[1..], Probe, "wait"], []);
        var process = Shell.Start(start);
        while (process.StandardOutput.ReadLine() is { } line)
        {
            if (line != "waiting")
                continue;
            child = int.Parse(File.ReadAllText($"/proc/{process.Id}/task/{process.Id}/children").Split(' ')[0]);
            return process;
        }
        Assert.Fail(process.StandardError.ReadToEnd());
        throw new UnreachableException();
    }

    private static string[] AsOrdinary => s_asOrdinary.Value;

    private static void NeedsNamespaces()
    {
        Need.Tool("setpriv");
        Need.Tool("unshare");
        var result = Shell.RunAsCaller(AsOrdinary[0], [.. AsOrdinary[1..], "unshare", "--user", "--net", "true"]);
        if (result.ExitStatus != 0)
            Need.Missing("needs user namespaces for ordinary users: " + result.Error.Trim());
        if (Shell.RunAsCaller(AsOrdinary[0], [.. AsOrdinary[1..], "test", "-x", Probe]).ExitStatus != 0)
            Need.Missing($"needs {Probe} readable by user 65534: chmod a+rx its folders, or run the tests as an ordinary user");
    }
}
