using System.Text.Json;
using SoftSwitch.Linux.Endpoints.Tap;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Switching;

/// <summary>What is plugged in is what was meant: a name leads to what is ours, or to nothing.</summary>
public sealed class IdentityTests
{
    private const string Network = "networks: { lab: { mode: internal } }\n";
    private const string Rest = Network + "ports:\n  first: { network: lab, kind: tap }\n";
    private const string Guest = "  vm: { network: lab, kind: guest }\n";

    [Fact]
    public void A_tap_that_another_program_made_is_told_and_stays_as_it_is()
    {
        Need.Tun();
        using var host = new NetNs("host");
        host.Tap("vm");
        host.Bridge("br", "vm");
        host.Address("vm", "10.4.0.1/24");
        string Look() => host.Check("ip -d addr show dev vm") + host.Check("tc qdisc show dev vm");
        var before = Look();
        using var started = SoftSwitchProcess.Start(Rest + Guest, host);
        Assert.Contains("another program made it, it belongs to bridge br; it stays as it is", Reason(started, "vm"));
        Assert.Equal(before, Look());
        started.Terminate();
        Assert.Equal(before, Look());
    }

    [Theory]
    [InlineData("mine")]
    [InlineData("")]
    public void A_guest_s_tap_without_its_mark_is_known_by_its_seal_and_gets_its_mark_back(string alias)
    {
        Need.Tun();
        using var host = new NetNs("host");
        using var space = NetworkNamespace.Open(host.Name);
        void Write() => host.Exec("ip", ["link", "set", "dev", "vm", "alias", alias]).Succeeded();
        bool IsMarked() => host.Check("ip -d link show dev vm").Contains("alias softswitch ");
        using var killed = SoftSwitchProcess.Start(Rest + Guest, host);
        using var guest = space.Run(() => TapDevice.Attach("vm", 0));
        Write();
        Eventually.Holds(IsMarked);
        Eventually.Holds(() => State(killed, "vm") == "up");
        killed.Kill();
        // As a switch leaves it that wrote no mark.
        Write();
        using (var next = SoftSwitchProcess.Start(Rest + Guest, host))
        {
            Eventually.Holds(() => State(next, "vm") == "up" && IsMarked());
            next.Kill();
        }
        Write();
        host.Check("tc filter delete dev vm ingress");
        using var last = SoftSwitchProcess.Start(Rest + Guest, host);
        Assert.Contains("end that program first and then remove it", Reason(last, "vm"));
        Assert.False(IsMarked());
        last.Terminate();
    }

    [Fact]
    public void The_number_of_an_interface_that_has_gone_leads_to_no_other()
    {
        Need.Tun();
        using var host = new NetNs("host");
        using var far = new NetNs("far");
        host.Veth("nic", far, "end");
        using var started = SoftSwitchProcess.Start("networks: { lan: { mode: bridged, uplink: nic } }\n", host);
        Eventually.Holds(() => State(started, "nic") == "up");
        var index = host.Check("ip -o link show dev nic").Split(':')[0];
        host.Check("ip link delete dev nic");
        Eventually.Holds(() => State(started, "nic") == "failed");
        host.Check($"ip link add name other index {index} type veth peer name far-other");
        host.Up("other");
        host.Up("far-other");
        // As soon as an interface comes that is awaited it is tried.
        Assert.Equal("failed", State(started, "nic"));
        host.Veth("nic", far, "end");
        Eventually.Holds(() => State(started, "nic") == "up" && State(started, "sh-nic") == "up", 15);
        Assert.Equal("nic", Port(started, "nic").GetProperty("interface").GetString());
        started.Terminate();
    }

    [Fact]
    public void A_tap_that_a_virtual_machine_made_before_the_switch_stops_nothing_else_and_its_port_comes_when_it_has_gone()
    {
        Need.Tun();
        using var host = new NetNs("host");
        using var space = NetworkNamespace.Open(host.Name);
        var passing = space.Run(() => TapDevice.Open("vm"));
        using var started = SoftSwitchProcess.Start(Rest + Guest, host);
        Assert.Equal("up", State(started, "first"));
        Assert.Contains("a program that runs made it and has it", Reason(started, "vm"));
        passing.Dispose();
        Eventually.Holds(() => State(started, "vm") == "waiting", 15);
        started.Terminate();
    }

    [Fact]
    public void The_same_port_of_two_files_is_the_first_s_until_that_has_ended()
    {
        Need.Tun();
        using var host = new NetNs("host");
        using var space = NetworkNamespace.Open(host.Name);
        var elsewhere = TemporaryFolder.NewPath(".state");
        using var first = SoftSwitchProcess.Start(Network + "ports:\n" + Guest, host);
        using var second = SoftSwitchProcess.Start(Rest + Guest, host);
        using var stranger = SoftSwitchProcess.Start($"state: {elsewhere}\n" + Rest.Replace("first", "other") + Guest, host);
        using var guest = space.Run(() => TapDevice.Attach("vm", 0));
        Assert.Contains($"another switch has it: softswitch (pid {first.Pid})", Reason(second, "vm"));
        Assert.Contains($"another switch has it: softswitch (pid {first.Pid})", Reason(stranger, "vm"));
        Eventually.Holds(() => State(first, "vm") == "up");
        first.Kill();
        // What the first has left is taken over with its guest, by one that runs from the same state folder.
        Eventually.Holds(() => State(second, "vm") == "up", 15);
        second.Terminate();
        Eventually.Holds(() => Reason(stranger, "vm")!.Contains("which has ended, made it"), 15);
        stranger.Terminate();
        Assert.Contains("vm", host.Check("ip -br link show type tun"));
        Directory.Delete(elsewhere, recursive: true);
    }

    [Fact]
    public void What_a_kill_leaves_and_no_port_has_any_more_goes_with_the_next_start_unless_a_guest_holds_it()
    {
        Need.Tun();
        using var host = new NetNs("host");
        using var space = NetworkNamespace.Open(host.Name);
        var state = TemporaryFolder.NewPath(".state");
        string File(params string[] ports) => $"state: {state}\n{Rest}"
            + string.Concat(ports.Select(port => $"  {port}: {{ network: lab, kind: guest }}\n"));
        host.Tap("others");
        using (var killed = SoftSwitchProcess.Start(File("kept", "left", "held"), host))
        using (space.Run(() => TapDevice.Attach("held", 0)))
        {
            killed.Kill();
            using var next = SoftSwitchProcess.Start(File("kept"), host);
            next.WaitForLine("tap left is removed");
            next.WaitForLine("tap held stays");
            var links = host.Check("ip -br link show type tun");
            Assert.DoesNotContain("left", links);
            Assert.Contains("held", links);
            Assert.Equal("waiting", State(next, "kept"));
            next.Terminate();
        }
        Assert.Equal(["held", "others"], host.Check("ip -br link show type tun").Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' ')[0]).Order());
        Directory.Delete(state, recursive: true);
    }

    [Fact]
    public void An_interface_that_is_renamed_while_it_is_down_stays_the_port_s()
    {
        Need.Tun();
        using var host = new NetNs("host");
        using var far = new NetNs("far");
        host.Veth("nic", far, "end");
        using var started = SoftSwitchProcess.Start(
            "networks: { lab: { mode: internal }, lan: { mode: bridged, uplink: nic } }\nports:\n" + Guest, host);
        Eventually.Holds(() => State(started, "sh-nic") == "up");
        foreach (var (before, after) in new[] { ("nic", "wan"), ("vm", "guest") })
        {
            host.Check($"ip link set dev {before} down");
            Eventually.Holds(() => State(started, before) == "down");
            host.Check($"ip link set dev {before} name {after}");
            host.Check($"ip link add name {before} type veth peer name far-{before}");
            host.Up(after);
        }
        Eventually.Holds(() => State(started, "nic") == "up" && State(started, "sh-nic") == "up" && State(started, "vm") == "waiting", 15);
        Assert.Equal("wan", Port(started, "nic").GetProperty("interface").GetString());
        started.Terminate();
        var left = host.Check("ip -br link");
        Assert.DoesNotContain("guest", left);
        Assert.Contains("vm@", left);
    }

    private static string? State(SoftSwitchProcess started, string port) => Port(started, port).GetProperty("state").GetString();

    private static string? Reason(SoftSwitchProcess started, string port) =>
        Port(started, port).TryGetProperty("reason", out var reason) ? reason.GetString() : null;

    private static JsonElement Port(SoftSwitchProcess started, string port) =>
        started.Items("ports").Single(one => one.GetProperty("name").GetString() == port);
}
