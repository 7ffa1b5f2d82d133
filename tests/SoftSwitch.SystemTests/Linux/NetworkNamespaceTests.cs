using SoftSwitch.Linux;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Linux;

public class NetworkNamespaceTests
{
    [Fact]
    public void A_new_namespace_holds_only_a_loopback()
    {
        using var sandbox = Sandbox.Make();
        var link = Assert.Single(sandbox.Links.List());
        Assert.Equal("lo", link.Name);
        Assert.True(link.IsLoopback);
        Assert.False(link.IsUp);
    }

    [Fact]
    public void Work_runs_inside_and_the_caller_stays_where_it_was()
    {
        using var sandbox = Sandbox.Make();
        using var before = NetworkNamespace.Current();
        var inside = sandbox.Namespace.Run(static () =>
        {
            using var current = NetworkNamespace.Current();
            return current.Identity;
        });
        using var after = NetworkNamespace.Current();
        Assert.Equal(sandbox.Namespace.Identity, inside);
        Assert.NotEqual(before.Identity, inside);
        Assert.Equal(before.Identity, after.Identity);
    }

    [Fact]
    public void The_own_namespace_is_entered_on_the_own_thread()
    {
        using var current = NetworkNamespace.Current();
        Assert.Equal(Environment.CurrentManagedThreadId, current.Run(static () => Environment.CurrentManagedThreadId));
    }

    [Fact]
    public void What_is_thrown_inside_reaches_the_caller()
    {
        using var sandbox = Sandbox.Make();
        var thrown = Assert.Throws<FormatException>(() => sandbox.Namespace.Run(static int () => throw new FormatException("inside")));
        Assert.Equal("inside", thrown.Message);
    }

    [Fact]
    public void A_pid_opens_the_namespace_of_that_process()
    {
        using var own = NetworkNamespace.Open(Environment.ProcessId.ToString());
        using var current = NetworkNamespace.Current();
        Assert.Equal(current.Identity, own.Identity);
    }

    [Fact]
    public void A_path_opens_a_namespace()
    {
        using var own = NetworkNamespace.Open("/proc/self/ns/net");
        using var current = NetworkNamespace.Current();
        Assert.Equal(current.Identity, own.Identity);
    }

    [Theory]
    [InlineData("no-such-netns", "network namespace no-such-netns: no such file or directory (make it with: ip netns add no-such-netns)")]
    [InlineData("/no/such", "/no/such: no such file or directory (check the path)")]
    [InlineData("4194305", "network namespace of process 4194305: no such file or directory (no process has this pid now)")]
    public void A_missing_namespace_is_named_with_the_cure(string name, string message) =>
        Assert.Equal(message, Assert.Throws<SystemCallException>(() => NetworkNamespace.Open(name)).Message);

    [Theory]
    [InlineData("/proc/self/ns/mnt")]
    [InlineData("/etc/passwd")]
    [InlineData("/proc")]
    [InlineData("..")]
    [InlineData("a\0b")]
    public void What_is_no_network_namespace_is_refused(string name) =>
        Assert.Throws<ArgumentException>(() => NetworkNamespace.Open(name));

    [Fact]
    public async Task What_is_no_network_namespace_is_not_even_opened()
    {
        var pipe = Path.Combine(Path.GetTempPath(), $"ss-pipe-{Environment.ProcessId}");
        Shell.Run("mkfifo", [pipe]).Succeeded();
        try
        {
            // It waits until somebody opens the pipe to read.
            var writer = Task.Factory.StartNew(() => Open(FileAccess.Write), TaskCreationOptions.LongRunning);
            await Task.Delay(100, TestContext.Current.CancellationToken);
            Assert.Throws<ArgumentException>(() => NetworkNamespace.Open(pipe));
            await Task.Delay(100, TestContext.Current.CancellationToken);
            Assert.False(writer.IsCompleted);
            Open(FileAccess.Read);
            await writer.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        }
        finally
        {
            File.Delete(pipe);
        }

        void Open(FileAccess access) => new FileStream(pipe, FileMode.Open, access, FileShare.ReadWrite).Dispose();
    }
}
