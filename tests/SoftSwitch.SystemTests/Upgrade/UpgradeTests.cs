using SoftSwitch.SystemTests.Peers;
using SoftSwitch.SystemTests.Switching;

namespace SoftSwitch.SystemTests.Upgrade;

/// <summary>The executable, followed by itself in the same process over and over: who sends over it notices nothing.
/// <c>SOFTSWITCH_UPGRADES</c> says how often.</summary>
public sealed class UpgradeTests : IDisposable
{
    /// <summary>Kilobytes that memory may be more by: what the runtime hasn't given back yet.</summary>
    private const int Slack = 24_000;

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

    public void Dispose()
    {
        _switch?.Dispose();
        foreach (var one in (NetNs[])[_host, _a, _b, _c])
            one.Dispose();
    }
}
