using System.Text.Json;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Switching;

/// <summary>A pool and an uplink have one switch: the second is told by whom it is taken, and has it when that one has ended, killed or
/// not.</summary>
public sealed class OneSwitchTests
{
    [Fact]
    public void An_uplink()
    {
        Need.Tun();
        using var host = new NetNs("host");
        using var far = new NetNs("far");
        host.Veth("nic", far, "end");
        string File(string port) => "networks: { lan: { mode: bridged, uplink: nic }, lab: { mode: internal } }\n"
            + $"ports: {{ {port}: {{ network: lab, kind: tap }} }}\n";
        using var first = SoftSwitchProcess.Start(File("a"), host);
        using var second = SoftSwitchProcess.Start(File("b"), host);
        Assert.Equal("failed", Port(second, "nic").GetProperty("state").GetString());
        Assert.Contains($"another switch has it: softswitch (pid {first.Pid})", Port(second, "nic").GetProperty("reason").GetString());
        Assert.Equal("up", Port(first, "nic").GetProperty("state").GetString());
        first.Kill();
        Eventually.Holds(() => Port(second, "nic").GetProperty("state").GetString() == "up", 15);
        Eventually.Holds(() => Port(second, "sh-nic").GetProperty("state").GetString() == "up", 15);
        second.Terminate();
    }

    /// <summary>The third shares the interface, and has what it asks for.</summary>
    [Theory]
    [InlineData("a pool", "", "", "ports: 10000-11000", "translates with some of these ports already", "192.0.2.2", "192.0.2.2")]
    [InlineData("an address", "address: 192.0.2.10/24", "address: 192.0.2.10/24", "address: 192.0.2.11/24", "has it already",
        "192.0.2.10", "192.0.2.11")]
    public void What_translates_on_an_interface(
        string _, string first, string second, string third, string says, string address, string addressOfThird)
    {
        Need.Tun();
        using var host = new NetNs("host");
        using var far = new NetNs("far");
        host.Veth("nic", far, "end");
        host.Address("nic", "192.0.2.2/24");
        host.Check("ip route add default via 192.0.2.1");
        using var has = SoftSwitchProcess.Start(File("a", 7, first), host);
        using var waits = SoftSwitchProcess.Start(File("b", 8, second), host);
        using var beside = SoftSwitchProcess.Start(File("c", 9, third), host);
        waits.WaitForLine($"another switch (process {has.Pid}) {says}");
        Assert.Null(Outside(waits));
        Assert.Equal(address, Outside(has));
        Assert.Equal(addressOfThird, Outside(beside));
        has.Kill();
        Eventually.Holds(() => Outside(waits) == address);
        Assert.Equal(addressOfThird, Outside(beside));
        waits.Terminate();
        beside.Terminate();
        Assert.DoesNotContain("softswitch", host.Check("nft list ruleset"));

        static string File(string port, int subnet, string outside)
        {
            var way = outside.Length == 0 ? "" : $", outside: {{ interface: nic, {outside} }}";
            return $"networks: {{ dev: {{ mode: nat, subnet: 10.{subnet}.0.0/24{way} }} }}\n"
                + $"ports: {{ {port}: {{ network: dev, kind: tap, address: 10.{subnet}.0.9/24 }} }}\n";
        }
    }

    [Fact]
    public void An_address_that_a_machine_of_the_LAN_has_is_not_taken()
    {
        Need.Tun();
        using var host = new NetNs("host");
        using var far = new NetNs("far");
        host.Veth("nic", far, "end");
        far.Address("end", "192.0.2.10/24");
        const string file = "networks: { dev: { mode: nat, subnet: 10.7.0.0/24, outside: { interface: nic, address: 192.0.2.10/24 } } }\n"
            + "ports: { a: { network: dev, kind: tap, address: 10.7.0.9/24 } }\n";
        using (var refused = SoftSwitchProcess.StartWithoutWaiting(file, host, "--strict"))
            Assert.Equal(1, refused.WaitForExit());
        using var started = SoftSwitchProcess.Start(file, host);
        Assert.Contains(", by ", started.WaitForLine("warning network dev: outside: 192.0.2.10 is taken on the link of nic"));
        Assert.Null(Outside(started));
        far.Check("ip address del 192.0.2.10/24 dev end");
        Eventually.Holds(() => Outside(started) == "192.0.2.10", 20);
        Assert.Single(started.Errors, line => line.Contains("is taken on the link"));
        started.Terminate();
    }

    [Fact]
    public void A_subnet_of_the_host_however_close_two_start()
    {
        Need.Tun();
        using var host = new NetNs("host");
        string File(string name) => $"networks: {{ {name}: {{ mode: host-only, subnet: 10.7.0.0/24 }}, lab: {{ mode: internal }} }}\n"
            + $"ports: {{ {name}1: {{ network: lab, kind: tap }}, {name}2: {{ network: {name}, kind: guest }} }}\n";
        using var first = SoftSwitchProcess.StartWithoutWaiting(File("a"), host);
        using var second = SoftSwitchProcess.StartWithoutWaiting(File("b"), host);
        foreach (var one in (SoftSwitchProcess[])[first, second])
            Eventually.Holds(() => one.Client("show", "ports").ExitStatus == 0);
        Eventually.Holds(() => IsThere(first, "a") != IsThere(second, "b"), 15);
        var (has, waits) = IsThere(first, "a") ? ((first, "a"), (second, "b")) : ((second, "b"), (first, "a"));
        Assert.Single(host.Check("ip -o route show 10.7.0.0/24").Split('\n', StringSplitOptions.RemoveEmptyEntries));
        has.Item1.Kill();
        Eventually.Holds(() => IsThere(waits.Item1, waits.Item2), 15);
        waits.Item1.Terminate();

        static bool IsThere(SoftSwitchProcess one, string name) => Port(one, $"ss-{name}").GetProperty("state").GetString() == "up";
    }

    private static string? Outside(SoftSwitchProcess started) =>
        started.Items("networks")[0].GetProperty("nat").TryGetProperty("address", out var address) ? address.GetString() : null;

    private static JsonElement Port(SoftSwitchProcess started, string port) =>
        started.Items("ports").Single(one => one.GetProperty("name").GetString() == port);
}
