using System.Net.Sockets;
using SoftSwitch.SystemTests.Peers;
using SoftSwitch.SystemTests.Switching;

namespace SoftSwitch.SystemTests.Nat;

/// <summary>Nat networks come, go and change while the switch runs.</summary>
public sealed class ReloadTests : IDisposable
{
    private const int Service = 4000;

    private readonly World _world = new();
    private readonly string _flowLog = TemporaryFolder.NewPath(".log");

    /// <summary>In a folder that other tests' switches use as well, the second start may be of another number, with other MACs.</summary>
    private readonly string _state = Directory.CreateTempSubdirectory("softswitch-nat-reload-").FullName;
    private readonly WhoServer _far, _one;

    public ReloadTests() => (_far, _one) = (new(_world.Far, Service, World.FarAddress), new(_world.One, Service));

    /// <summary>As it stands while others come and go.</summary>
    private static string Dev => Network();

    public void Dispose()
    {
        _far.Dispose();
        _one.Dispose();
        _world.Dispose();
        File.Delete(_flowLog);
        Directory.Delete(_state, recursive: true);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Flows_of_a_network_notice_nothing_of_others_that_come_go_and_change_and_what_runs_then_is_what_a_start_would_make(int seed)
    {
        var random = new Random(seed);
        using var started = _world.Start(Config(Dev));
        using (var chatter = new Chatter(
            Conversation.Open(_world.One, "tcp", World.FarAddress, Service),
            Conversation.Open(_world.One, "udp", World.FarAddress, Service),
            Conversation.Open(_world.Lan, "tcp", World.HostAddress, 2222), Conversation.Open(_world.Lan, "udp", World.HostAddress, 2222),
            Conversation.Open(_world.Host, "tcp", "127.0.0.1", 2222), Conversation.Open(_world.Host, "tcp", World.HostAddress, 2222)))
        {
            Change(started, random, reloads: 10, chatter);
            var before = Held(started);
            Change(started, random, reloads: 60, chatter);
            HoldsNoMore(started, before);
            Assert.True(chatter.Answers > 1000, $"{chatter.Answers} answers");
        }
        var last = ByChance(random);
        started.Become(last).Succeeded();
        // Whether somebody else has an address of its own is asked for a second or two.
        Thread.Sleep(TimeSpan.FromSeconds(4));
        var picture = started.Picture(_world.Host);
        started.Kill();
        Eventually.Equal("", () => _world.Host.Check("nft list ruleset"));
        using var anew = _world.Start(last);
        Eventually.Equal(anew.Picture(_world.Host), () => picture);
    }

    /// <summary>A port below 1024 takes a right that the switch has given up: its keeper takes it.</summary>
    [Theory]
    [InlineData(8001)]
    [InlineData(801)]
    public void A_forward_that_goes_ends_what_came_by_it_at_both_ends_and_frees_its_port(int port)
    {
        using var started = _world.Start(Config(Dev));
        using var stays = Conversation.Open(_world.Lan, "tcp", World.HostAddress, 2222);
        Assert.NotNull(stays.Ask());
        Assert.Equal(SocketError.ConnectionRefused, Conversation.Open(_world.Lan, "tcp", World.HostAddress, port).Error);
        started.Become(Config(Network(Forwards + $", {{ from: tcp/{port}, to: \"one:4000\" }}"))).Succeeded();
        using var outsider = Conversation.Open(_world.Lan, "tcp", World.HostAddress, port);
        using var host = Conversation.Open(_world.Host, "tcp", "127.0.0.1", port);
        Assert.NotNull(outsider.Ask());
        Assert.NotNull(host.Ask());

        started.Become(Config(Dev)).Succeeded();
        foreach (var ended in new[] { outsider, host })
        {
            Assert.Null(ended.Ask());
            Assert.Equal(SocketError.ConnectionReset, ended.Error);
        }
        // At the guest's end, too: nobody speaks there any more.
        Eventually.Holds(() => !_world.One.Check("ss -Htn sport = :4000").Contains($":{outsider.Port}", StringComparison.Ordinal));
        Assert.Equal(SocketError.ConnectionRefused, Conversation.Open(_world.Lan, "tcp", World.HostAddress, port).Error);
        using (new WhoServer(_world.Host, port))
            Assert.NotNull(Conversation.Seen(_world.Lan, "tcp", World.HostAddress, port));
        Assert.NotNull(stays.Ask());
    }

    [Fact]
    public void What_a_program_of_the_host_has_is_refused_and_nothing_is_another()
    {
        using var taken = new WhoServer(_world.Host, 9000);
        using var started = _world.Start(Config(Dev));
        var before = started.Picture(_world.Host);
        var more = Network(Forwards + ", { from: tcp/8001, to: \"one:4000\" }, { from: tcp/9000, to: one }, { from: udp/9000, to: one }");
        var elsewhere = "lab: { mode: nat, subnet: 10.11.0.0/24, outside: { interface: nowhere } }";
        foreach (var options in new[] { new[] { "--dry-run" }, [] })
        {
            var refused = started.Become(Config(more, elsewhere), options);
            Assert.NotEqual(0, refused.ExitStatus);
            foreach (var obstacle in new[] { "tcp/9000", "udp/9000", "there is no interface nowhere" })
                Assert.Contains(obstacle, refused.Error + refused.Output, StringComparison.Ordinal);
            Assert.Equal(before, started.Picture(_world.Host));
            // The port that it could have had is nobody's.
            using var free = new WhoServer(_world.Host, 8001);
        }
        Assert.NotNull(Conversation.Seen(_world.Lan, "tcp", World.HostAddress, 2222));
    }

    [Fact]
    public void The_first_network_comes_and_the_last_one_goes_and_leaves_nothing()
    {
        // Its port comes and goes as well: elsewhere, or the host's interfaces would have other numbers.
        var none = $"state: {_state}\nnetworks: {{ quiet: {{ mode: internal }} }}\n"
            + $"ports: {{ q: {{ network: quiet, kind: tap, netns: \"{_world.Far.Name}\", interface: quiet }} }}\n";
        using var started = SoftSwitchProcess.Start(none, _world.Host);
        var before = MachineState.Of(_world.Host);
        (int, int)? held = null;
        for (var round = 0; round < 3; round++)
        {
            started.Become(Config(Dev)).Succeeded();
            _world.TellGuests();
            using var guest = Conversation.Open(_world.One, "tcp", World.FarAddress, Service);
            Assert.NotNull(guest.Ask());
            started.Become(none).Succeeded();
            Eventually.Equal(before, () => MachineState.Of(_world.Host));
            held ??= Held(started);
        }
        HoldsNoMore(started, held!.Value);
        started.Become(Config(Dev)).Succeeded();
        started.Kill();
        Eventually.Equal("", () => _world.Host.Check("nft list ruleset"));
    }

    [Fact]
    public void Another_pool_another_place_and_another_subnet_end_flows_at_once_and_new_ones_begin()
    {
        using var started = _world.Start(Config(Dev));
        foreach (var (outside, seen) in new[]
        {
            ("{ ports: 20000-20063 }", World.HostAddress),
            ("{ interface: nic, ports: 20000-20063 }", World.HostAddress),
            ($"{{ interface: nic, address: {World.OwnAddress}/24, gateway: {World.LanAddress} }}", World.OwnAddress),
            ("{}", World.HostAddress),
        })
        {
            using var guest = Conversation.Open(_world.One, "tcp", World.FarAddress, Service);
            Assert.NotNull(guest.Ask());
            started.Become(Config(Network(outside: outside))).Succeeded();
            Assert.Null(guest.Ask());
            Assert.Equal(SocketError.ConnectionReset, guest.Error);
            Eventually.Holds(() => _world.Far.Check("ss -Htn sport = :4000").Length == 0);
            Eventually.Holds(() => Conversation.Seen(_world.One, "tcp", World.FarAddress, Service)?.StartsWith($"{seen}:") == true);
            Assert.NotNull(Conversation.Seen(_world.Lan, "tcp", seen, 2222));
        }
    }

    [Fact]
    public void A_port_that_leaves_its_network_ends_what_it_has_begun_at_both_ends()
    {
        var both = Config(Dev, "quiet: { mode: internal }");
        var moved = both.Replace("two: { network: dev", "two: { network: quiet", StringComparison.Ordinal);
        var gone = string.Join('\n', both.Split('\n').Where(line => !line.Contains("two: {", StringComparison.Ordinal)));
        using var started = _world.Start(both);
        using var stays = Conversation.Open(_world.One, "tcp", World.FarAddress, Service);
        Assert.NotNull(stays.Ask());
        foreach (var without in new[] { moved, gone })
        {
            using var leaves = Conversation.Open(_world.Two, "tcp", World.FarAddress, Service);
            Assert.NotNull(leaves.Ask());
            Assert.Equal(2, Connections());
            started.Become(without).Succeeded();
            Eventually.Holds(() => Connections() == 1);
            if (without == moved)
            {
                Assert.Null(leaves.Ask());
                Assert.Equal(SocketError.ConnectionReset, leaves.Error);
            }
            Assert.NotNull(stays.Ask());
            started.Become(both).Succeeded();
            _world.TellGuests();
        }

        int Connections() => _world.Far.Check($"ss -Htn state established sport = :{Service}").Split('\n').Count(line => line.Length > 0);
    }

    private string ByChance(Random random) => $"state: {_state}\n{NatReload.Random(random, Dev, _world.Ports, _flowLog)}";

    private string Config(params string[] networks) => $"state: {_state}\nnetworks:\n  {string.Join("\n  ", networks)}\n{_world.Ports}\n";

    private const string Forwards = "{ from: tcp/2222, to: \"one:4000\" }, { from: udp/2222, to: \"one:4000\" }";

    private static string Network(string forwards = Forwards, string outside = "{}") =>
        $"dev: {{ mode: nat, subnet: {World.Inside}, outside: {outside}, forwards: [{forwards}] }}";

    private void Change(SoftSwitchProcess started, Random random, int reloads, Chatter chatter)
    {
        for (var i = 0; i < reloads && chatter.Lost is null; i++)
        {
            var config = ByChance(random);
            var result = started.Become(config);
            Assert.True(result.ExitStatus == 0, $"{config}\n{result}");
        }
        Assert.Null(chatter.Lost);
        started.Become(Config(Dev)).Succeeded();
        Assert.Null(chatter.Lost);
    }

    /// <summary>What was still on its way out when it was looked at before may have gone since.</summary>
    private static void HoldsNoMore(SoftSwitchProcess started, (int Files, int Threads) before) => Eventually.Holds(() =>
    {
        var (files, threads) = Held(started);
        return files <= before.Files && threads <= before.Threads;
    }, text: $"files and threads are no more than {before}");

    /// <summary>Open files and threads, without those that the runtime has more or less of.</summary>
    private static (int Files, int Threads) Held(SoftSwitchProcess started) => (
        Directory.EnumerateFileSystemEntries($"/proc/{started.Pid}/fd").Count(),
        Directory.EnumerateDirectories($"/proc/{started.Pid}/task").Count(
            task => ProcessUse.NameOf(task)?.StartsWith(".NET", StringComparison.Ordinal) == false));
}
