using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Switching;

/// <summary>Stops that come while the switch starts, each aimed at a moment: on a machine that does much else they'd all hit the same
/// one.</summary>
[Collection(typeof(AloneOnTheMachine))]
public sealed class StopTests
{
    [Fact]
    public void A_stop_at_any_moment_of_the_start_leaves_nothing()
    {
        Need.Tun();
        using var host = new NetNs("host");
        foreach (var milliseconds in (int[])[30, 80, 150, 300, 600])
        {
            using var started = SoftSwitchProcess.StartWithoutWaiting(
                "networks: { n: { mode: internal } }\nports: { t: { network: n, kind: tap } }\n", host);
            Thread.Sleep(milliseconds);
            Shell.Signal(started.Pid, "TERM");
            // Before its first line of code nobody listens to signals yet.
            Assert.Contains(started.WaitForExit(), new[] { 0, 128 + 15 });
            Assert.DoesNotContain("internal error", string.Join('\n', started.Errors));
            Assert.Empty(host.Check("ip -br link show type tun"));
        }
    }

    [Fact]
    public void A_stop_while_nobody_reads_the_log_leaves_nothing()
    {
        Need.Tun();
        using var host = new NetNs("host");
        // Before it starts itself anew it waits for the log; a stop may come just then.
        foreach (var milliseconds in (int[])[300, 600, 1000, 1400])
        {
            var (file, socket, pipe) = (TemporaryFolder.NewPath(".yaml"), TemporaryFolder.NewPath(".sock"),
                TemporaryFolder.NewPath(".pipe"));
            File.WriteAllText(file, "networks: { n: { mode: internal } }\nports: { t: { network: n, kind: tap } }\n");
            using var started = host.Start("sh", "-c",
                $"mkfifo {pipe}; exec 3<>{pipe}; dd if=/dev/zero of={pipe} bs=4096 oflag=nonblock 2>/dev/null; "
                    + $"exec {PublishedExecutable.Path} run {file} --socket {socket} 2>&3");
            Thread.Sleep(milliseconds);
            started.Signal("TERM");
            Assert.Contains(started.WaitForExit(TimeSpan.FromSeconds(10)), new[] { 0, 128 + 15 });
            Assert.Empty(host.Check("ip -br link show type tun"));
            Assert.False(Path.Exists(socket));
        }
    }
}
