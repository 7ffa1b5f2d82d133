using SoftSwitch.SystemTests.Guests;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Switching;

/// <summary>Start, stop and kill: what the machine looks like before, during and after.</summary>
public sealed class LifeTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_host_is_as_it_was_after_the_end_and_a_second_start_just_works(bool killed)
    {
        Need.Tun();
        using var host = new NetNs("host");
        using var box = new NetNs("box");
        host.Veth("nic", box, "far");
        var (before, inside) = (Machine(host), Machine(box));
        var config = $$"""
            networks: { lab: { mode: internal }, lan: { mode: bridged, uplink: nic } }
            ports:
              t: { network: lab, kind: tap }
              t2: { network: lab, kind: tap, netns: "{{box.Name}}", address: 10.5.0.1/24 }
              v: { network: lab, kind: veth, netns: "{{box.Name}}", address: 10.5.1.1/24 }
              g: { network: lab, kind: guest }
            """;
        for (var round = 0; round < 2; round++)
        {
            using var started = SoftSwitchProcess.Start(config, host);
            Assert.Equal(["g", "nic", "sh-nic", "t", "t2", "v"],
                started.Items("ports").Select(port => port.GetProperty("name").GetString()));
            if (!killed)
            {
                started.Terminate();
                Assert.Equal(before, Machine(host));
            }
            else
            {
                started.Kill();
                // The guest's tap alone outlives a kill, sealed, and is adopted by the next start.
                Eventually.Equal(before, () => Machine(host).Replace("g\n", ""));
            }
            Eventually.Equal(inside, () => Machine(box));
        }
        if (killed)
        {
            using var last = SoftSwitchProcess.Start(config, host);
            last.Terminate();
            Assert.Equal(before, Machine(host));
        }
    }

    [Fact]
    public void Of_two_starts_on_one_socket_at_nearly_the_same_time_one_runs_and_the_other_says_who_does()
    {
        Need.Tun();
        using var host = new NetNs("host");
        var socket = TemporaryFolder.NewPath(".sock");
        foreach (var milliseconds in (int[])[0, 30, 60])
        {
            BackgroundProcess Begin(string port)
            {
                var file = TemporaryFolder.NewPath(".yaml");
                File.WriteAllText(file, $"networks: {{ n: {{ mode: internal }} }}\nports: {{ {port}: {{ network: n, kind: tap }} }}\n");
                return host.Start(PublishedExecutable.Path, "run", file, "--socket", socket);
            }
            using var first = Begin("one");
            Thread.Sleep(milliseconds);
            using var second = Begin("two");
            Eventually.Holds(() => first.IsRunning != second.IsRunning);
            var (runs, refused) = first.IsRunning ? (first, second) : (second, first);
            Assert.Equal(1, refused.WaitForExit());
            Assert.Contains($"another softswitch answers on {socket} (process {runs.Pid}", refused.All());
            Assert.DoesNotContain("ready", refused.Output);
            runs.WaitForOutputLine("ready");
            runs.Signal("TERM");
            Assert.Equal(0, runs.WaitForExit());
        }
    }

    [Fact]
    public void A_guest_that_started_before_the_switch_and_one_that_outlives_it_find_their_port_again()
    {
        Need.Tun();
        using var host = new NetNs("host");
        const string config = """
            networks: { lab: { mode: internal } }
            ports:
              g1: { network: lab, kind: guest }
              g2: { network: lab, kind: guest }
            """;
        var first = SoftSwitchProcess.Start(config, host);
        Assert.All(first.Items("ports"), port => Assert.Equal("waiting", port.GetProperty("state").GetString()));
        using var one = new QemuGuest(GuestImage.Virtio, host, QemuGuest.Tap("g1", "52:54:00:00:05:01"));
        using var two = new QemuGuest(GuestImage.Virtio, host, QemuGuest.Tap("g2", "52:54:00:00:05:02"));
        one.Address("eth0", "10.5.0.1/24");
        two.Address("eth0", "10.5.0.2/24");
        Ping.Wait(one, "10.5.0.2");

        first.Terminate();
        first.Dispose();
        Assert.Contains("g1", host.Check("ip -br link"));
        Assert.False(Ping.Reaches(one, "10.5.0.2", 1));

        using var second = SoftSwitchProcess.Start(config, host);
        Ping.Wait(one, "10.5.0.2");
        second.Kill();
        using var third = SoftSwitchProcess.Start(config, host);
        Ping.Wait(two, "10.5.0.1");
    }

    [Fact]
    public void What_the_machine_refuses_of_a_strict_start_is_one_line_with_the_cure_and_exit_1()
    {
        Need.Tun();
        using var host = new NetNs("host");
        host.Check("ip link add name taken type veth peer name other");
        (string Ports, string Says)[] obstacles =
        [
            ("t: { network: lab, kind: tap, interface: taken }", "another name"),
            ("g: { network: lab, kind: guest, interface: taken }", "another name"),
            ("v: { network: lab, kind: veth, netns: no-such-namespace }", "ip netns add no-such-namespace"),
            ("g: { network: lab, kind: guest, owner: no-such-user }", "getent passwd"),
        ];
        foreach (var (ports, says) in obstacles)
        {
            var before = Machine(host);
            using var started = SoftSwitchProcess.StartWithoutWaiting($$"""
                networks: { lab: { mode: internal } }
                ports:
                  first: { network: lab, kind: guest }
                  {{ports}}
                """, host, "--strict");
            Assert.Equal(1, started.WaitForExit());
            var line = Assert.Single(started.Errors, line => line.Contains(" error "));
            Assert.Contains(says, line);
            Assert.Equal(before, Machine(host));
        }
    }

    [Fact]
    public void A_bad_file_starts_nothing_and_says_every_mistake()
    {
        using var host = new NetNs("host");
        var before = Machine(host);
        using var started = SoftSwitchProcess.StartWithoutWaiting("""
            networks: { lab: { mode: internel } }
            ports:
              first: { network: lab, kind: guest }
              second: { network: nowhere, kind: tap }
            """, host);
        Assert.Equal(2, started.WaitForExit());
        Assert.Equal(2, started.Errors.Count);
        Assert.Contains(":1:26: ", started.Errors[0]);
        Assert.Contains(":4:22: ", started.Errors[1]);
        Assert.Equal(before, Machine(host));
    }

    [Fact]
    public void A_second_switch_on_the_same_socket_is_refused_and_the_first_goes_on()
    {
        using var host = new NetNs("host");
        using var first = SoftSwitchProcess.Start("networks: { lab: { mode: internal } }", host);
        var second = SoftSwitchProcess.Command(host, "run", first.ConfigFile, "--socket", first.Socket);
        Assert.Equal(1, second.ExitStatus);
        Assert.Single(second.Error.Trim().Split('\n'));
        Assert.Single(first.Items("networks"));
    }

    [Fact]
    public void A_thousand_ports_start_and_end_and_leave_nothing()
    {
        Need.Tun();
        using var host = new NetNs("host");
        var before = Machine(host);
        var ports = Enumerable.Range(0, 1000).Select(i => $"  p{i}: {{ network: lab, kind: {(i % 2 == 0 ? "tap" : "guest")} }}");
        using var started = SoftSwitchProcess.StartWithoutWaiting("networks: { lab: { mode: internal } }\nports:\n"
            + string.Join('\n', ports), host);
        // Ten seconds of the processor's time, which others want as well.
        started.WaitForReady(TimeSpan.FromMinutes(2));
        Assert.Equal(1000, started.Items("networks")[0].GetProperty("ports").GetInt32());
        Assert.Equal(1001, host.Check("ip -o link").Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        started.Terminate();
        Assert.Equal(before, Machine(host));
    }

    /// <summary>Interfaces, addresses, routes, rules and filters, as far as they can be left behind.</summary>
    private static string Machine(NetNs ns)
    {
        var links = ns.Check("ip -o link").Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(':')[1].Trim().Split('@')[0]).Order();
        return string.Join('\n', links) + "\n" + ns.Check("ip -o addr show scope global")
            + ns.Check("ip -4 route show table all type unicast") + ns.Check("ip rule");
    }
}
