using SoftSwitch.SystemTests.Nat;
using SoftSwitch.SystemTests.Peers;
using SoftSwitch.SystemTests.Switching;

namespace SoftSwitch.SystemTests.Upgrade;

/// <summary>What was known a moment before kill -9 counts for the switch that is started after it.</summary>
public sealed class KilledTests : IDisposable
{
    private const int Server = 4000;

    private readonly World _world = new();
    private readonly string _state = TemporaryFolder.NewPath(".state");
    private readonly string _config = TemporaryFolder.NewPath(".yaml"), _socket = TemporaryFolder.NewPath(".sock");
    private readonly WhoServer _server;

    public KilledTests() => _server = new(_world.Far, Server);

    [Theory]
    [InlineData("")]
    [InlineData(", outside: { interface: nic, address: 192.0.2.10/24, gateway: 192.0.2.1 }")]
    public void Connections_through_nat_go_on_with_the_port_that_they_had(string outside)
    {
        var config = $$"""
            state: {{_state}}
            networks: { dev: { mode: nat, subnet: {{World.Inside}}{{outside}} } }
            {{_world.Ports}}
            """;
        Need.Tun();
        File.WriteAllText(_config, config);
        using var killed = Start();
        using var tcp = Conversation.Open(_world.One, "tcp", World.FarAddress, Server);
        using var udp = Conversation.Open(_world.Two, "udp", World.FarAddress, Server, from: 4444);
        var (first, second) = (tcp.Ask(), udp.Ask());
        Assert.NotNull(first);
        Assert.NotNull(second);
        var snapshot = Path.Combine(_state, "snapshot-1");
        Eventually.Holds(() => File.Exists(snapshot));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(snapshot));
        // One that is made behind the answers.
        var kept = File.GetLastWriteTimeUtc(snapshot);
        udp.Ask();
        Eventually.Holds(() => File.Exists(snapshot) && File.GetLastWriteTimeUtc(snapshot) > kept);
        killed.Kill();
        Eventually.Holds(() => _world.One.Run("ip link show dev eth0").ExitStatus != 0);
        using var started = Start();
        Assert.Equal(first, tcp.Ask(seconds: 20));
        Assert.Equal(second, Conversation.Seen(_world.Two, "udp", World.FarAddress, Server, from: 4444));
        started.Signal("TERM");
        Assert.Equal(0, started.WaitForExit());
        Assert.False(File.Exists(snapshot));
    }

    public void Dispose()
    {
        _server.Dispose();
        _world.Dispose();
        if (Directory.Exists(_state))
            Directory.Delete(_state, recursive: true);
        File.Delete(_config);
    }

    /// <summary>The same switch: of the same file, with the same socket.</summary>
    private BackgroundProcess Start()
    {
        var started = _world.Host.Start(PublishedExecutable.Path, "run", _config, "--socket", _socket);
        started.WaitForOutputLine("ready");
        _world.TellGuests();
        return started;
    }
}
