using System.Diagnostics;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Switching;

/// <summary>The executable, asked for more than anybody means: it goes on, forwards, and has no more than before.</summary>
public sealed class ChangeFloodTests : IDisposable
{
    private const int Signals = 1000, Requests = 2, OfRequest = 500, SecondsToMake = 8;

    /// <summary>Kilobytes that memory may be more by: what the runtime hasn't given back yet.</summary>
    private const int Slack = 48_000;

    private readonly NetNs _host = new("host"), _a = new("a"), _b = new("b");
    private SoftSwitchProcess? _switch;

    /// <summary>Catches a reload for each signal, one thing more that is left of each that ended, and a forwarder that waits for
    /// either.</summary>
    [Fact]
    public void A_thousand_signals_and_a_thousand_ends_in_one_second_cost_no_frame()
    {
        Need.Tun();
        _switch = SoftSwitchProcess.Start($$"""
            networks: { one: { mode: internal } }
            ports:
              a: { network: one, kind: tap, netns: {{_a.Name}}, interface: eth0, address: 10.5.0.1/24 }
              b: { network: one, kind: tap, netns: {{_b.Name}}, interface: eth0, address: 10.5.0.2/24 }
            """, _host);
        using var stream = new NumberedStream(_a, "10.5.0.1", _b, "10.5.0.2", 7000);
        Flood();
        var before = ProcessUse.Of(_switch.Pid);
        Flood();
        var after = ProcessUse.Of(_switch.Pid);
        TestContext.Current.TestOutputHelper?.WriteLine($"{before}, then {after}, beside {stream.End()} datagrams");
        Assert.Equal(before.Files, after.Files);
        Assert.InRange(after.Kilobytes, 0, before.Kilobytes + Slack);
        _switch.Terminate();
        Assert.DoesNotContain(_switch.Errors, line => line.Contains("internal error", StringComparison.Ordinal));
    }

    public void Dispose()
    {
        _switch?.Dispose();
        foreach (var one in (NetNs[])[_host, _a, _b])
            one.Dispose();
    }

    private void Flood()
    {
        Shell.Run("sh", ["-c", $"i=0; while [ $i -lt {Signals} ]; do kill -HUP {_switch!.Pid}; i=$((i+1)); done"]).Succeeded();
        // All of them end in one second, however long it takes to make them.
        var begun = Stopwatch.GetTimestamp();
        for (var request = 0; request < Requests; request++)
        {
            var left = SecondsToMake - (int)Stopwatch.GetElapsedTime(begun).TotalSeconds;
            _switch.Client("network", "add", $"x{request}n[1-{OfRequest}]", "--mode", "internal", "--ttl", $"{left}s").Succeeded();
        }
        Assert.Equal(1 + Requests * OfRequest, _switch.Items("networks").Count);
        Eventually.Holds(() => _switch.Items("networks").Count == 1, seconds: 2 * SecondsToMake);
    }
}
