using SoftSwitch.SystemTests.Nat;
using SoftSwitch.SystemTests.Peers;
using SoftSwitch.SystemTests.Switching;

namespace SoftSwitch.SystemTests.Upgrade;

/// <summary>A planned restart where something is scarce or has gone: nothing that was open goes for that.</summary>
public sealed class ScarceTests : IDisposable
{
    private const int OpenFiles = 160;

    private readonly World _world = new();
    private readonly string _state = TemporaryFolder.NewPath(".state");
    private readonly string _config = TemporaryFolder.NewPath(".yaml"), _socket = TemporaryFolder.NewPath(".sock");
    private readonly BackgroundProcess _switch;

    public ScarceTests()
    {
        Need.Tun();
        File.WriteAllText(_config, $$"""
            state: {{_state}}
            networks: { dev: { mode: nat, subnet: {{World.Inside}} } }
            {{_world.Ports}}
            """);
        _switch = _world.Host.Start(
            "sh", "-c", $"ulimit -n {OpenFiles}; exec {PublishedExecutable.Path} run {_config} --socket {_socket}");
        _switch.WaitForOutputLine("ready");
        _world.TellGuests();
    }

    [Fact]
    public void With_no_open_file_left_for_another_port_those_that_are_there_and_the_way_out_stay()
    {
        using var stream = new NumberedStream(_world.One, World.OneAddress, _world.Far, World.FarAddress, 7000);
        Eventually.Holds(() => stream.Received > 0);
        var added = 0;
        ShellResult last;
        while ((last = Client("port", "add", $"more{added}", "--network", "dev", "--kind", "tap")).ExitStatus == 0 && added < OpenFiles)
            added++;
        Assert.Contains("open files", last.Output + last.Error, StringComparison.Ordinal);
        for (var upgrade = 0; upgrade < Upgrading.Times; upgrade++)
        {
            Client("upgrade").Succeeded();
            Assert.Null(stream.Wrong);
        }
        stream.End();
        Assert.DoesNotContain(_switch.Errors, line => line.Contains("too many open files", StringComparison.Ordinal));
    }

    [Fact]
    public void Without_its_keeper_it_is_refused_and_what_runs_goes_on()
    {
        Ping.Wait(_world.One, World.FarAddress);
        Shell.Signal(KeeperTests.KeeperOf(_switch.Pid)!.Value, "KILL");
        _switch.WaitForLine(line => line.Contains("has ended by signal 9", StringComparison.Ordinal));
        foreach (var words in (string[][])[["upgrade", "--dry-run"], ["upgrade"]])
        {
            var refused = Client(words);
            Assert.Equal(1, refused.ExitStatus);
            Assert.Contains("the keeper of its rights", refused.Output + refused.Error, StringComparison.Ordinal);
        }
        _switch.Signal("USR2");
        _switch.WaitForLine(line => line.Contains("not restarted, this program goes on: no other program could open the ports",
            StringComparison.Ordinal));
        Assert.True(Ping.Reaches(_world.One, World.FarAddress));
    }

    public void Dispose()
    {
        _switch.Dispose();
        _world.Dispose();
        if (Directory.Exists(_state))
            Directory.Delete(_state, recursive: true);
        File.Delete(_config);
    }

    private ShellResult Client(params string[] words) => Shell.Run(PublishedExecutable.Path, [.. words, "--socket", _socket]);
}
