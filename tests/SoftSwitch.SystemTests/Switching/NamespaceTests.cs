using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Switching;

/// <summary>The namespaces that ports are in belong to others: they come, go and change without asking.</summary>
public sealed class NamespaceTests
{
    [Theory]
    [InlineData("tap")]
    [InlineData("veth")]
    public void One_that_is_deleted_goes_and_the_next_of_that_name_gets_the_port(string kind)
    {
        Need.Tun();
        using var host = new NetNs("host");
        using var box = new NetNs("box");
        host.Veth("witness", box, "end");
        using var started = SoftSwitchProcess.Start($$"""
            networks: { lab: { mode: internal } }
            ports:
              first: { network: lab, kind: tap, address: 10.7.0.1/24 }
              p: { network: lab, kind: {{kind}}, netns: "{{box.Name}}", address: 10.7.0.2/24 }
            """, host);
        Ping.Wait(host, "10.7.0.2");
        Shell.Check($"ip netns delete {box.Name}");
        // The witness's other end was in it: nothing keeps it alive.
        Eventually.Holds(() => !host.Check("ip -br link").Contains("witness"));
        Eventually.Holds(() => State(started, "p") == "failed");
        Shell.Check($"ip netns add {box.Name}");
        Eventually.Holds(() => State(started, "p") == "up", 15);
        Ping.Wait(host, "10.7.0.2");
        Assert.Contains("10.7.0.2/24", box.Check("ip -o addr show dev p"));
        started.Terminate();
        Assert.DoesNotContain("p", box.Check("ip -br link").Split('\n').Select(line => line.Split('@', ' ')[0]));
    }

    [Fact]
    public void What_becomes_of_a_tap_in_one_shows()
    {
        Need.Tun();
        using var host = new NetNs("host");
        using var box = new NetNs("box");
        using var started = SoftSwitchProcess.Start($$"""
            networks: { lab: { mode: internal } }
            ports:
              first: { network: lab, kind: tap }
              p: { network: lab, kind: tap, netns: "{{box.Name}}" }
            """, host);
        Assert.Equal("up", State(started, "p"));
        box.Check("ip link set dev p down");
        Eventually.Holds(() => State(started, "p") == "down");
        box.Up("p");
        Eventually.Holds(() => State(started, "p") == "up");
        box.Check("ip link delete dev p");
        started.WaitForLine("error port p: failed");
        Eventually.Holds(() => State(started, "p") == "up");
        started.Terminate();
    }

    [Fact]
    public void A_name_that_comes_to_lead_to_the_host_s_own_gets_no_port_there()
    {
        Need.Tun();
        using var host = new NetNs("host");
        using var box = new NetNs("box");
        var path = TemporaryFolder.NewPath(".netns");
        File.CreateSymbolicLink(path, box.Path);
        using var started = SoftSwitchProcess.Start($$"""
            networks: { lab: { mode: internal } }
            ports:
              first: { network: lab, kind: tap }
              p: { network: lab, kind: tap, netns: {{path}} }
            """, host);
        Assert.Equal("up", State(started, "p"));
        File.Delete(path);
        File.CreateSymbolicLink(path, host.Path);
        box.Check("ip link delete dev p");
        started.WaitForLine("leads to the switch's own network namespace now");
        Assert.DoesNotContain(": p:", host.Check("ip -o link"));
        File.Delete(path);
        File.CreateSymbolicLink(path, box.Path);
        Eventually.Holds(() => State(started, "p") == "up", 15);
        started.Terminate();
        File.Delete(path);
    }

    [Theory]
    [InlineData("tap")]
    [InlineData("veth")]
    public void Who_gives_the_name_of_one_that_lives_on_to_another_is_told_where_the_port_is(string kind)
    {
        Need.Tun();
        using var host = new NetNs("host");
        using var box = new NetNs("box");
        using var left = box.Start("sleep", "600");
        Eventually.Holds(() => File.ResolveLinkTarget($"/proc/{left.Pid}/ns/net", false)!.Name != Own);
        using var started = SoftSwitchProcess.Start($$"""
            networks: { lab: { mode: internal } }
            ports:
              first: { network: lab, kind: tap }
              p: { network: lab, kind: {{kind}}, netns: "{{box.Name}}" }
            """, host);
        Shell.Check($"ip netns delete {box.Name}");
        Shell.Check($"ip netns add {box.Name}");
        started.WaitForLine("is another than the one that this port was put into");
        Assert.Equal("up", State(started, "p"));
        left.Kill();
        Eventually.Holds(() => box.Check("ip -o link").Contains(": p"), 15);
        started.Terminate();
    }

    [Theory]
    [InlineData("tap")]
    [InlineData("veth")]
    public void An_interface_of_the_port_s_name_that_is_there_already_is_told_and_stays(string kind)
    {
        Need.Tun();
        using var host = new NetNs("host");
        using var box = new NetNs("box");
        box.Check("ip link add name p type bridge");
        var before = box.Check("ip -d link show dev p");
        using var started = SoftSwitchProcess.Start($$"""
            networks: { lab: { mode: internal } }
            ports:
              first: { network: lab, kind: tap }
              p: { network: lab, kind: {{kind}}, netns: "{{box.Name}}" }
            """, host);
        started.WaitForLine($"{kind} p in network namespace {box.Name}: file exists (an interface of this name exists there");
        Assert.Equal(before, box.Check("ip -d link show dev p"));
        box.Check("ip link delete dev p");
        Eventually.Holds(() => State(started, "p") == "up", 15);
        started.Terminate();
    }

    [Fact]
    public void A_process_in_the_switch_s_own_is_not_the_one_that_a_tap_is_for()
    {
        Need.Tun();
        using var host = new NetNs("host");
        using var process = host.Start("sleep", "600");
        Eventually.Holds(() => File.ResolveLinkTarget($"/proc/{process.Pid}/ns/net", false)!.Name != Own);
        using var started = SoftSwitchProcess.Start($$"""
            networks: { lab: { mode: internal } }
            ports:
              first: { network: lab, kind: tap }
              p: { network: lab, kind: tap, netns: {{process.Pid}} }
              q: { network: lab, kind: tap, netns: /proc/{{process.Pid}}/task/{{process.Pid}}/ns/net }
            """, host);
        Assert.All(new[] { "p", "q" }, port => Assert.Equal("failed", State(started, port)));
        started.WaitForLine($"process {process.Pid} is in the switch's own network namespace");
        Assert.DoesNotContain(host.Check("ip -o link").Split('\n'), line => line.Contains(": p:") || line.Contains(": q:"));
        started.Terminate();
    }

    private static string Own => File.ResolveLinkTarget("/proc/self/ns/net", false)!.Name;

    private static string? State(SoftSwitchProcess started, string port) =>
        started.Items("ports").Single(one => one.GetProperty("name").GetString() == port).GetProperty("state").GetString();
}
