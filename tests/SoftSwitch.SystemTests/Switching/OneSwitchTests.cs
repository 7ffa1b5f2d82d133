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

    [Fact]
    public void A_pool_on_an_interface()
    {
        Need.Tun();
        using var host = new NetNs("host");
        using var far = new NetNs("far");
        host.Veth("nic", far, "end");
        host.Address("nic", "192.0.2.2/24");
        host.Check("ip route add default via 192.0.2.1");
        string File(string port, int subnet, string outside) =>
            $"networks: {{ dev: {{ mode: nat, subnet: 10.{subnet}.0.0/24{outside} }} }}\n"
            + $"ports: {{ {port}: {{ network: dev, kind: tap, address: 10.{subnet}.0.9/24 }} }}\n";
        using var first = SoftSwitchProcess.Start(File("a", 7, ""), host);
        using var second = SoftSwitchProcess.Start(File("b", 8, ""), host);
        using var third = SoftSwitchProcess.Start(File("c", 9, ", outside: { ports: 10000-11000 }"), host);
        second.WaitForLine($"another switch (process {first.Pid}) translates with some of these ports already");
        Assert.Null(Outside(second));
        Assert.Equal("192.0.2.2", Outside(first));
        Assert.Equal("192.0.2.2", Outside(third));
        first.Kill();
        Eventually.Holds(() => Outside(second) == "192.0.2.2");
        Assert.Equal("192.0.2.2", Outside(third));
        second.Terminate();
        third.Terminate();
        Assert.DoesNotContain("softswitch", host.Check("nft list ruleset"));
    }

    private static string? Outside(SoftSwitchProcess started) =>
        started.Items("networks")[0].GetProperty("nat").TryGetProperty("address", out var address) ? address.GetString() : null;

    private static JsonElement Port(SoftSwitchProcess started, string port) =>
        started.Items("ports").Single(one => one.GetProperty("name").GetString() == port);
}
