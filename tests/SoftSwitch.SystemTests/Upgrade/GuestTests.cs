using System.Diagnostics;
using System.Globalization;
using SoftSwitch.SystemTests.Guests;
using SoftSwitch.SystemTests.Nat;
using SoftSwitch.SystemTests.Peers;
using SoftSwitch.SystemTests.Switching;

namespace SoftSwitch.SystemTests.Upgrade;

/// <summary>Real QEMU guests, whose connections among each other and out go on over planned restarts, and over kill -9 and a new
/// start.</summary>
[Collection(typeof(AloneOnTheMachine))]
public sealed class GuestTests : IDisposable
{
    private static readonly string[] s_ways = ["inside", "outside"];

    private readonly World _world = new();
    private readonly string _state = TemporaryFolder.NewPath(".state");

    /// <summary>By an address of its own: where it is the host's, the host's stack resets what comes while no switch is there.</summary>
    [Fact]
    public void Connections_of_virtual_machines_go_on_over_planned_restarts_and_over_a_kill()
    {
        Need.Tun();
        using var running = SoftSwitchProcess.Start($$"""
            state: {{_state}}
            networks:
              dev: { mode: nat, subnet: {{World.Inside}}, outside: { interface: nic, address: {{World.OwnAddress}}/24,
                     gateway: {{World.LanAddress}} } }
            ports: { virtio: { network: dev, kind: guest }, plain: { network: dev, kind: guest } }
            """, _world.Host);
        using var virtio = new QemuGuest(GuestImage.Virtio, _world.Host, QemuGuest.Tap("virtio", "52:54:00:00:08:01"));
        using var plain = new QemuGuest(GuestImage.Virtio, _world.Host,
            QemuGuest.Tap("plain", "52:54:00:00:08:02", options: QemuGuest.NoSuperFrames));
        foreach (var (guest, address) in new[] { (virtio, World.OneAddress), (plain, World.TwoAddress) })
        {
            guest.Address("eth0", $"{address}/24");
            guest.Check($"ip route add default via {World.Gateway}");
        }
        var taps = Taps();
        plain.Check("iperf3 -s -D");
        _world.Far.Check("iperf3 -s -D");
        foreach (var (way, address) in s_ways.Zip([World.TwoAddress, World.FarAddress]))
        {
            Ping.Wait(virtio, address);
            // What it receives: what a sender's kernel takes from it may be on no wire yet.
            virtio.Check($"iperf3 -c {address} -R -b 5M -t 600 -i 0.1 --forceflush > /tmp/tcp-{way} 2>&1 &");
            virtio.Check($"ping -i 0.02 {address} > /tmp/ping-{way} 2>&1 &");
        }
        GoOn(virtio);
        for (var upgrade = 0; upgrade < Upgrading.Times; upgrade++)
        {
            running.Upgrade();
            GoOn(virtio);
            foreach (var way in s_ways)
                Assert.Equal("", Gaps(virtio, way));
        }
        Holds(virtio, plain, taps);

        var paused = string.Join(", ", running.Pauses());
        var clock = Stopwatch.StartNew();
        running.Kill();
        running.StartAgain();
        var ready = clock.Elapsed;
        GoOn(virtio);
        TestContext.Current.TestOutputHelper?.WriteLine($"pauses {paused} ms; ready {ready.TotalMilliseconds:0} ms after the kill, "
            + $"all goes on {clock.ElapsedMilliseconds} ms after it");
        foreach (var way in s_ways)
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"{way}: without TCP at most {Silence(virtio, way)} tenths of a second; "
                + $"of pings{Gaps(virtio, way).ReplaceLineEndings(",")} and no others are missing");
        }
        Holds(virtio, plain, taps);
        running.Terminate();
        Assert.DoesNotContain(running.Errors, line => line.Contains("internal error", StringComparison.Ordinal));
    }

    public void Dispose()
    {
        _world.Dispose();
        if (Directory.Exists(_state))
            Directory.Delete(_state, recursive: true);
    }

    /// <summary>From now on, on each way: more bytes arrive by the connection, and pings are answered.</summary>
    private static void GoOn(QemuGuest guest)
    {
        string[] counts =
        [
            .. s_ways.Select(way => $"grep bits/sec /tmp/tcp-{way} | grep -vc ' 0.00 Bytes'"),
            .. s_ways.Select(way => $"grep -c 'seq=.* ms' /tmp/ping-{way}"),
        ];
        int[] before = [.. counts.Select(Count)];
        foreach (var (count, had) in counts.Zip(before))
            Eventually.Holds(() => Count(count) > had + 1, seconds: 30, text: $"{count} > {had + 1}");

        int Count(string words) => int.Parse(guest.Run(words).Output, CultureInfo.InvariantCulture);
    }

    /// <summary>Pings without an answer, with two answers, or with one that came out of its turn.</summary>
    private static string Gaps(QemuGuest guest, string way) => guest.Check(
        "awk '/seq=.* ms/ { sub(/.*seq=/, \"\"); if ($1 + 0 != n) print \" \" n \" to \" $1; n = $1 + 1 }' /tmp/ping-" + way);

    /// <summary>The longest time in which nothing arrived by the connection, in intervals of iperf3.</summary>
    private static string Silence(QemuGuest guest, string way) => guest.Check(
        "awk '/bits\\/sec/ { n = / 0.00 Bytes/ ? n + 1 : 0; if (n > most) most = n } END { print most + 0 }' /tmp/tcp-" + way).Trim();

    /// <summary>Each guest's QEMU has its tap, which is the one that it has had.</summary>
    private void Holds(QemuGuest virtio, QemuGuest plain, string taps)
    {
        Assert.Equal(taps, Taps());
        foreach (var (guest, tap) in new[] { (virtio, "virtio"), (plain, "plain") })
            Assert.Contains(Directory.GetFiles($"/proc/{guest.Pid}/fdinfo").SelectMany(File.ReadAllLines), line => line == $"iff:\t{tap}");
    }

    /// <summary>Their numbers: a tap that was made anew has another.</summary>
    private string Taps() => _world.Host.Check("cat /sys/class/net/virtio/ifindex /sys/class/net/plain/ifindex");
}
