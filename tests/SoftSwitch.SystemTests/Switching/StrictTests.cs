using System.Text.Json;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Switching;

/// <summary>What the machine can't give at the start: it waits and comes by itself, or, where the start is strict or nothing else is
/// there, refuses it.</summary>
public sealed class StrictTests
{
    /// <summary>Beside one that is there.</summary>
    private const string Rest = """
        networks: { lab: { mode: internal } }
        ports:
          first: { network: lab, kind: tap }

        """;

    [Fact]
    public void A_port_that_the_machine_cannot_give_is_told_and_comes_by_itself()
    {
        Need.Tun();
        using var host = new NetNs("host");
        host.Check("ip link add name taken type veth peer name other");
        using var started = SoftSwitchProcess.Start(Rest + """
              late: { network: lab, kind: nic, interface: late }
              t: { network: lab, kind: tap, interface: taken }
              g: { network: lab, kind: guest, owner: no-such-user }
            """, host);
        Assert.Equal("up", State(started, "first"));
        foreach (var (port, words) in new[] { ("late", "ip -br link"), ("t", "another name"), ("g", "getent passwd") })
        {
            Assert.Equal("failed", State(started, port));
            Assert.Contains(words, started.WaitForLine($"error port {port}: failed, will be retried: "));
        }
        host.Check("ip link add name late type veth peer name end");
        Array.ForEach(["late", "end"], host.Up);
        Eventually.Holds(() => State(started, "late") == "up");
        host.Check("ip link del dev taken");
        Eventually.Holds(() => State(started, "t") == "up");
        Assert.Equal("failed", State(started, "g"));
        started.Terminate();
        Assert.Empty(host.Check("ip -br link show type tun"));
    }

    [Fact]
    public void Of_many_ports_that_cannot_be_given_a_few_are_told_and_the_rest_counted()
    {
        Need.Tun();
        using var host = new NetNs("host");
        var absent = Enumerable.Range(0, 30).Select(i => $"  p{i}: {{ network: lab, kind: nic, interface: absent{i} }}\n");
        using var started = SoftSwitchProcess.Start(Rest + string.Concat(absent), host);
        started.WaitForLine("error ports: 10 more failed, will be retried: see softswitch show ports");
        Assert.Equal(20, started.Errors.Count(line => line.Contains(" error port p")));
        Assert.Equal(30, started.Items("ports").Count(port => port.GetProperty("state").GetString() == "failed"));
    }

    [Fact]
    public void A_namespace_that_comes_later_gets_its_port()
    {
        Need.Tun();
        using var host = new NetNs("host");
        using var box = new NetNs("box");
        var path = TemporaryFolder.NewPath(".netns");
        using var started = SoftSwitchProcess.Start(Rest + $"  v: {{ network: lab, kind: veth, netns: \"{path}\" }}\n", host);
        Assert.Equal("failed", State(started, "v"));
        File.CreateSymbolicLink(path, box.Path);
        try
        {
            Eventually.Holds(() => State(started, "v") == "up");
            Assert.Contains("v@", box.Check("ip -br link"));
        }
        finally
        {
            File.Delete(path);
        }
        started.Terminate();
    }

    [Fact]
    public void On_a_NIC_that_an_uplink_is_refused_the_host_gets_no_port_either()
    {
        Need.Tun();
        using var host = new NetNs("host");
        host.Check("ip link add name nic type veth peer name far");
        host.Bridge("br", "nic");
        Array.ForEach(["nic", "far"], host.Up);
        using var started = SoftSwitchProcess.Start("""
            networks: { lab: { mode: internal }, lan: { mode: bridged, uplink: nic } }
            ports:
              first: { network: lab, kind: tap }
              vm: { network: lan, kind: guest }
            """, host);
        AssertRefused();
        host.Check("ip link set dev nic nomaster");
        Eventually.Holds(() => State(started, "nic") == "up" && State(started, "sh-nic") == "up");
        Assert.Contains("softswitch-nic", host.Check("nft list ruleset"));

        // It goes, and another that belongs to the bridge gets its name.
        host.Check("ip link delete dev nic");
        Eventually.Holds(() => State(started, "nic") == "failed");
        Assert.Equal("failed", State(started, "sh-nic"));
        host.Check("ip link add name other type veth peer name end");
        host.Check("ip link set dev other master br");
        host.Check("ip link set dev other name nic");
        Array.ForEach(["nic", "end"], host.Up);
        Eventually.Holds(() => Reason(started, "nic")?.Contains("belongs to a bridge") == true);
        AssertRefused();
        host.Check("ip link set dev nic nomaster");
        Eventually.Holds(() => State(started, "nic") == "up" && State(started, "sh-nic") == "up");
        started.Terminate();

        void AssertRefused()
        {
            Assert.Contains("belongs to a bridge", Reason(started, "nic"));
            Assert.Equal("it comes with port nic, which isn't open", Reason(started, "sh-nic"));
            Assert.DoesNotContain("softswitch", host.Check("nft list ruleset"));
            Assert.DoesNotContain("sh-nic", host.Check("ip -br link"));
        }
    }

    [Theory]
    [InlineData("", ", address: 192.0.2.10/24", "there is no interface nic", "192.0.2.10")]
    [InlineData("nic", "", "interface nic has no IPv4 address to share", "192.0.2.2")]
    public void What_an_outside_lacks_is_waited_for_unless_the_start_is_strict(string there, string address, string says, string outside)
    {
        Need.Tun();
        using var host = new NetNs("host");
        using var lan = new NetNs("lan");
        if (there.Length > 0)
            host.Veth(there, lan, "far");
        var config = $$"""
            networks: { dev: { mode: nat, subnet: 10.9.0.0/24, outside: { interface: nic{{address}} } } }
            ports: { t: { network: dev, kind: tap } }
            """;
        using (var refused = SoftSwitchProcess.StartWithoutWaiting(config, host, "--strict"))
        {
            Assert.Equal(1, refused.WaitForExit());
            Assert.Contains(says, Assert.Single(refused.Errors, line => line.Contains(" error ")));
        }
        using var started = SoftSwitchProcess.Start(config, host);
        started.WaitForLine($"warning network dev: outside: {says}");
        if (there.Length == 0)
            host.Veth("nic", lan, "far");
        else
            host.Address(there, "192.0.2.2/24");
        Eventually.Holds(() => started.Items("networks")[0].GetProperty("nat").GetProperty("address").GetString() == outside);
        started.Terminate();
    }

    [Theory]
    [InlineData("nowhere", "elsewhere")]
    [InlineData("nowhere")]
    public void Where_no_port_could_be_opened_nothing_is_started(params string[] interfaces)
    {
        using var host = new NetNs("host");
        using var started = SoftSwitchProcess.StartWithoutWaiting(
            "networks: { lab: { mode: internal } }\nports:\n"
                + string.Concat(interfaces.Select(name => $"  p-{name}: {{ network: lab, kind: nic, interface: {name} }}\n")), host);
        Assert.Equal(1, started.WaitForExit());
        var line = Assert.Single(started.Errors, line => line.Contains(" error "));
        Assert.All(interfaces, name => Assert.Contains($"port p-{name}: ", line));
    }

    [Fact]
    public void Missing_rights_are_not_waited_for()
    {
        Need.Tun();
        Need.Tool("setpriv");
        using var host = new NetNs("host");
        host.Check("ip link add name there type veth peer name other");
        var file = TemporaryFolder.NewPath(".yaml");
        // The first can be had with what is left, the second can't.
        File.WriteAllText(file, """
            networks: { lab: { mode: internal } }
            ports:
              n: { network: lab, kind: nic, interface: there }
              t: { network: lab, kind: tap }
            """);
        using var started = host.Start("setpriv",
            ["--bounding-set", "-all,+net_raw", PublishedExecutable.Path, "run", file, "--socket", TemporaryFolder.NewPath(".sock")]);
        Assert.Equal(1, started.WaitForExit());
        Assert.Contains("CAP_NET_ADMIN", Assert.Single(started.Errors, line => line.Contains(" error ")));
    }

    [Theory]
    [InlineData("1000")]
    [InlineData("/proc/1000/ns/net")]
    public void A_process_that_is_not_there_stops_no_other_port_and_who_gets_its_pid_later_is_not_meant(string netns)
    {
        Need.Tun();
        // The switch stands while pids are given: a thread of its own may get this one.
        const string script = """
            "$0" run "$1" --socket "$2" &
            switch=$!
            read go
            kill -STOP $switch
            until grep -q '^State:.T' /proc/$switch/status; do :; done
            until [ "$!" = 1000 ]; do echo 999 > /proc/sys/kernel/ns_last_pid || exit 1; unshare -n sleep 1000 & done
            kill -CONT $switch
            read go
            nsenter -t 1000 -n ip -o link
            kill $switch
            wait $switch
            echo ended
            """;
        using var host = new NetNs("host");
        var file = TemporaryFolder.NewPath(".yaml");
        File.WriteAllText(file, Rest + $"  v: {{ network: lab, kind: veth, netns: \"{netns}\" }}\n");
        using var shell = host.Start("unshare", "--pid", "--fork", "--kill-child", "--mount-proc",
            "sh", "-c", script, PublishedExecutable.Path, file, TemporaryFolder.NewPath(".sock"));
        shell.WaitForLine(line => line.Contains("port v: failed, will be retried: network namespace of process 1000: no such process"));
        shell.WaitForOutputLine("ready");
        shell.Input.WriteLine();
        shell.WaitForLine(line => line.Contains("port v: failed") && line.Contains("no process had this pid when it was looked up"));
        shell.Input.WriteLine();
        shell.WaitForOutputLine("ended");
        Assert.DoesNotContain(shell.Output, line => line.Contains(": v@"));
    }

    [Theory]
    [InlineData("  v: { network: lab, kind: veth, netns: /proc/1/root/proc/1/ns/net }\n",
        "port v: netns /proc/1/root/proc/1/ns/net: a running switch doesn't see who is there")]
    [InlineData("cpus: [900]", "cpus: cpu 900: ")]
    [InlineData("", "port v: network namespace of process 4194304: no such process (no process has this pid now")]
    public void Strictly_what_is_not_there_is_refused(string more, string says)
    {
        Need.Tun();
        using var host = new NetNs("host");
        // Linux gives no pid as high as this (PID_MAX_LIMIT).
        using var started = SoftSwitchProcess.StartWithoutWaiting(
            Rest + (more.Length > 0 ? more : "  v: { network: lab, kind: veth, netns: \"4194304\" }\n"), host, "--strict");
        Assert.Equal(1, started.WaitForExit());
        Assert.Contains(says, Assert.Single(started.Errors, line => line.Contains(" error ")));
    }

    [Theory]
    [InlineData("1000")]
    [InlineData("/proc/1000/ns/net")]
    [InlineData("/proc/1000/task/1000/ns/net")]
    [InlineData("/proc/1/../1000/ns/./net")]
    [InlineData("a link")]
    public void Who_gets_the_pid_of_a_process_that_has_ended_does_not_get_its_port(string netns)
    {
        Need.Tun();
        // Among pids of its own, a test can choose who gets which; the switch stands meanwhile, or a thread of its own may get this one.
        const string script = """
            next() { echo 999 > /proc/sys/kernel/ns_last_pid || exit 1; unshare -n sleep 1000 & }
            next
            until [ "$(readlink /proc/1000/ns/net)" != "$(readlink /proc/1/ns/net)" ]; do :; done
            "$0" run "$1" --socket "$2" &
            switch=$!
            read go
            kill -STOP $switch
            until grep -q '^State:.T' /proc/$switch/status; do :; done
            kill -9 1000
            wait 1000
            next
            until [ $! = 1000 ]; do next; done
            kill -CONT $switch
            read go
            nsenter -t 1000 -n ip -o link
            kill $switch
            wait $switch
            echo ended
            """;
        using var host = new NetNs("host");
        if (netns == "a link")
        {
            netns = TemporaryFolder.NewPath(".netns");
            File.CreateSymbolicLink(netns, "/proc/1000/ns/net");
        }
        var file = TemporaryFolder.NewPath(".yaml");
        File.WriteAllText(file, Rest + $"  v: {{ network: lab, kind: veth, netns: \"{netns}\" }}\n");
        using var shell = host.Start("unshare", "--pid", "--fork", "--kill-child", "--mount-proc",
            "sh", "-c", script, PublishedExecutable.Path, file, TemporaryFolder.NewPath(".sock"));
        shell.WaitForLine(line => line.Contains("port v: up"));
        shell.Input.WriteLine();
        shell.WaitForLine(line => line.Contains("port v: failed") && line.Contains("its pid is another's now"));
        shell.Input.WriteLine();
        shell.WaitForOutputLine("ended");
        Assert.Contains(shell.Output, line => line.Contains(": lo:"));
        Assert.DoesNotContain(shell.Output, line => line.Contains(": v@"));
    }

    [Fact]
    public void A_network_whose_subnet_the_host_uses_waits_and_nothing_of_it_leads_anywhere_until_it_is_free()
    {
        Need.Tun();
        using var host = new NetNs("host");
        using var one = new NetNs("one");
        using var two = new NetNs("two");
        host.Check("ip link add name used type veth peer name far");
        Array.ForEach(["used", "far"], host.Up);
        host.Check("ip address add 10.8.0.1/24 dev used");
        var file = Rest + $$"""
              a: { network: taken, kind: veth, netns: {{one.Name}}, interface: eth0, address: 10.8.0.11/24 }
              b: { network: taken, kind: veth, netns: {{two.Name}}, interface: eth0, address: 10.8.0.12/24 }
              c: { network: taken, kind: tap, address: 10.8.0.13/24 }
            """;
        file = file.Replace("internal }", "internal }, taken: { mode: host-only, subnet: 10.8.0.0/24, gateway: 10.8.0.2 }");
        var routes = host.Check("ip route");
        using (var refused = SoftSwitchProcess.StartWithoutWaiting(file, host, "--strict"))
        {
            Assert.Equal(1, refused.WaitForExit());
            Assert.Contains("network taken: this machine has a route for 10.8.0.0/24 already",
                Assert.Single(refused.Errors, line => line.Contains(" error ")));
        }
        using var started = SoftSwitchProcess.Start(file, host);
        started.WaitForLine("warning network taken: this machine has a route for 10.8.0.0/24 already");
        Assert.Single(started.Errors, line => line.Contains("10.8.0.0/24"));
        foreach (var port in (string[])["a", "b", "c", "ss-taken"])
        {
            Assert.Equal("waiting", State(started, port));
            Assert.StartsWith("network taken waits: ", Reason(started, port));
        }
        Assert.Equal("up", State(started, "first"));
        Assert.Contains("has a route", started.Items("networks").Single(one => one.GetProperty("name").GetString() == "taken")
            .GetProperty("reason").GetString());
        Assert.Equal(routes, host.Check("ip route"));
        Assert.False(Ping.Reaches(one, "10.8.0.12", 1));
        host.Check("ip address del 10.8.0.1/24 dev used");
        Ping.Wait(one, "10.8.0.12");
        Assert.Contains("10.8.0.2/24", host.Check("ip -br address show dev ss-taken"));
        Assert.Contains("10.8.0.13/24", host.Check("ip -br address show dev c"));
        Assert.All((string[])["a", "b", "c", "ss-taken"], port => Assert.Equal("up", State(started, port)));
        started.Terminate();
    }

    [Fact]
    public void A_network_for_which_no_subnet_is_free_gets_one_when_there_is()
    {
        Need.Tun();
        using var host = new NetNs("host");
        host.Check("ip link add name vpn type veth peer name far");
        Array.ForEach(["vpn", "far"], host.Up);
        string[] all = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];
        Array.ForEach(all, subnet => host.Check($"ip route add {subnet} dev vpn"));
        var file = Rest.Replace("internal }", "internal }, dev: { mode: nat }") + "  g: { network: dev, kind: guest }\n";
        using var started = SoftSwitchProcess.Start(file, host);
        started.WaitForLine("warning network dev: no private subnet is free");
        Assert.Equal("waiting", State(started, "g"));
        Assert.StartsWith("network dev waits: ", Reason(started, "g"));
        host.Check("ip route del 10.0.0.0/8 dev vpn");
        started.WaitForLine("info network dev: its subnet 10.");
        Assert.Null(Reason(started, "g"));
        started.Terminate();
    }

    [Fact]
    public void Where_all_networks_wait_nothing_is_started()
    {
        Need.Tun();
        using var host = new NetNs("host");
        host.Check("ip link add name used type veth peer name far");
        Array.ForEach(["used", "far"], host.Up);
        host.Check("ip address add 10.8.0.1/24 dev used");
        using var started = SoftSwitchProcess.StartWithoutWaiting(
            "networks: { taken: { mode: host-only, subnet: 10.8.0.0/24 } }\nports: { g: { network: taken, kind: guest } }\n", host);
        Assert.Equal(1, started.WaitForExit());
        Assert.Contains("10.8.0.0/24", Assert.Single(started.Errors, line => line.Contains("10.8.0.0/24")));
        Assert.Empty(host.Check("ip -br link show type tun"));
    }

    private static string? State(SoftSwitchProcess started, string port) => Port(started, port).GetProperty("state").GetString();

    private static string? Reason(SoftSwitchProcess started, string port) =>
        Port(started, port).TryGetProperty("reason", out var reason) ? reason.GetString() : null;

    private static JsonElement Port(SoftSwitchProcess started, string port) =>
        started.Items("ports").Single(one => one.GetProperty("name").GetString() == port);
}
