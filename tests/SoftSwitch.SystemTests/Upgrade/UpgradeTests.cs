using System.Globalization;
using System.Text.RegularExpressions;
using SoftSwitch.SystemTests.Peers;
using SoftSwitch.SystemTests.Switching;

namespace SoftSwitch.SystemTests.Upgrade;

/// <summary>The executable, followed by itself in the same process over and over: who sends over it notices nothing.
/// <c>SOFTSWITCH_UPGRADES</c> says how often.</summary>
public sealed partial class UpgradeTests : IDisposable
{
    /// <summary>Kilobytes that memory may be more by: what the runtime hasn't given back yet.</summary>
    private const int Slack = 24_000;

    /// <summary>Frames that a tap keeps (TUN_READQ_SIZE, drivers/net/tun.c).</summary>
    private const int KeptByTap = 1000;

    private readonly NetNs _host = new("host"), _a = new("a"), _b = new("b"), _c = new("c");
    private SoftSwitchProcess? _switch;

    [Fact]
    public void Datagrams_go_on_through_taps_and_veths_to_guests_and_the_host_none_lost_doubled_or_out_of_turn()
    {
        Need.Tun();
        _switch = SoftSwitchProcess.Start($$"""
            networks:
              one: { mode: internal }
              lab: { mode: host-only, subnet: 10.6.0.0/24 }
            ports:
              a: { network: one, kind: veth, netns: {{_a.Name}}, interface: eth0, address: 10.5.0.1/24 }
              b: { network: one, kind: tap, netns: {{_b.Name}}, interface: eth0, address: 10.5.0.2/24 }
              c: { network: lab, kind: tap, netns: {{_c.Name}}, interface: eth0, address: 10.6.0.9/24 }
              vm: { network: lab, kind: guest }
            """, _host);
        using var guests = new NumberedStream(_a, "10.5.0.1", _b, "10.5.0.2", 7000);
        using var host = new NumberedStream(_c, "10.6.0.9", _host, "10.6.0.1", 7000);
        var pid = _switch.Pid;
        _switch.Upgrade();
        var before = ProcessUse.Of(pid);
        for (var upgrade = 0; upgrade < Upgrading.Times; upgrade++)
        {
            _switch.Upgrade();
            Assert.Null(guests.Wrong);
            Assert.Null(host.Wrong);
        }
        var after = ProcessUse.Of(pid);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{guests.End()} and {host.End()} datagrams: {before}, then {after}; pauses {string.Join(", ", _switch.Pauses())} ms");
        // Connections of the API come and go; one descriptor more each time would be more.
        Assert.InRange(after.Files, 0, before.Files + Upgrading.Times - 1);
        Assert.Equal(before.Threads, after.Threads);
        Assert.InRange(after.Kilobytes, 0, before.Kilobytes + Slack);
        Assert.True(_switch.IsRunning);
        _switch.Terminate();
        Assert.DoesNotContain(_switch.Errors, line => line.Contains("internal error", StringComparison.Ordinal));
        Assert.NotEqual(0, _host.Run("ip link show dev vm").ExitStatus);
    }

    /// <summary>Nobody sends anything behind the restart: what is known then was not asked for again.</summary>
    [Fact]
    public void Neighbors_are_known_and_nobody_is_asked()
    {
        Need.Tun();
        _switch = SoftSwitchProcess.Start($$"""
            networks: { dev: { mode: nat, subnet: 10.9.0.0/24 } }
            ports: { a: { network: dev, kind: veth, netns: {{_a.Name}}, interface: eth0, address: 10.9.0.5/24 } }
            """, _host);
        Ping.Wait(_a, "10.9.0.1");
        var before = _a.Mac("eth0");
        _switch.Upgrade();
        var neighbors = _switch.Client("show", "neighbors", "--json").Output;
        Assert.Contains($"\"mac\":\"{before}\"", neighbors.Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("reachable", neighbors, StringComparison.Ordinal);
    }

    /// <summary>A tap keeps 1,000 frames, and to open so many ports takes longer than those take to come.</summary>
    [Fact]
    public void A_stream_of_more_frames_than_a_tap_keeps_loses_none()
    {
        Need.Tun();
        // The many would talk among each other.
        _host.Check("sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1");
        _switch = SoftSwitchProcess.Start($$"""
            networks: { one: { mode: internal } }
            ports:
              a: { network: one, kind: tap, netns: {{_a.Name}}, interface: eth0, address: 10.5.0.1/24 }
              b: { network: one, kind: tap, netns: {{_b.Name}}, interface: eth0, address: 10.5.0.2/24 }
            {{string.Join('\n', Enumerable.Range(1, 250).Select(number => $"  vm{number}: {{ network: one, kind: tap }}"))}}
            """, _host);
        using var stream = new NumberedStream(_a, "10.5.0.1", _b, "10.5.0.2", 7000, perSecond: 8_000);
        Eventually.Holds(() => stream.Received > 0);
        // The sender of a busy machine at times doesn't run either: a restart in which few came shows nothing, and isn't counted.
        var shown = 0;
        for (var upgrade = 0; shown < Upgrading.Times && upgrade < 5 * Upgrading.Times; upgrade++)
        {
            _switch.Upgrade();
            Assert.Null(stream.Wrong);
            shown = AllWaited().Count(waited => waited > KeptByTap);
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"{stream.End()} datagrams, {string.Join(", ", AllWaited())} waited; "
            + $"pauses {string.Join(", ", _switch.Pauses())} ms");
        Assert.True(shown > 0, "the queue of a tap would have been enough each time");

        List<int> AllWaited() => [.. _switch.Errors.Select(line => Waited().Match(line)).Where(match => match.Success)
            .Select(match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))];
    }

    [Fact]
    public void A_reload_that_is_asked_for_in_between_is_done_by_whichever_program_is_there()
    {
        const string config = "networks: { one: { mode: internal } }\n";
        _switch = SoftSwitchProcess.Start(config, _host);
        for (var upgrade = 1; upgrade <= Upgrading.Times; upgrade++)
        {
            var signal = new Thread(() => Shell.Signal(_switch.Pid, "USR2"));
            signal.Start();
            Assert.True(SpinWait.SpinUntil(() => Said("a planned restart: the program that is installed goes on") == upgrade,
                TimeSpan.FromSeconds(20)));
            _switch.Reload(config + string.Concat(Enumerable.Range(0, upgrade).Select(number => $"# {number}\n")));
            signal.Join();
            Eventually.Holds(() => Said("reloaded ") >= upgrade);
            Eventually.Holds(() => Said("goes on after a planned restart") == upgrade);
        }
        _switch.Terminate();

        int Said(string text) => _switch.Errors.Count(line => line.Contains(text, StringComparison.Ordinal));
    }

    public void Dispose()
    {
        _switch?.Dispose();
        foreach (var one in (NetNs[])[_host, _a, _b, _c])
            one.Dispose();
    }

    [GeneratedRegex("and ([0-9]+) frames waited in memory")]
    private static partial Regex Waited();
}
