using SoftSwitch.SystemTests.Peers;
using SoftSwitch.SystemTests.Switching;

namespace SoftSwitch.SystemTests.Nat;

/// <summary>Start, stop and kill -9: what the host looks like afterwards, and what is seen outside all the while.</summary>
public sealed class LifeTests : IDisposable
{
    private readonly World _world = new();

    public void Dispose() => _world.Dispose();

    [Theory]
    [InlineData("{}")]
    [InlineData($"{{ interface: nic, address: {World.OwnAddress}/24, gateway: {World.LanAddress} }}")]
    public void Nothing_is_left_on_the_host_by_an_end_or_by_a_kill(string outside)
    {
        var before = MachineState.Of(_world.Host);
        var config = $$"""
            networks:
              dev: { mode: nat, subnet: {{World.Inside}}, outside: {{outside}},
                     forwards: [{ from: tcp/2222, to: "one:22" }, { from: udp/2222-2230, to: one }] }
              lab: { mode: host-only, subnet: 192.168.56.0/24, host: { interface: ss-lab } }
            {{_world.Ports}}
            """;
        using var server = new WhoServer(_world.Far, 4000, World.FarAddress);
        foreach (var killed in new[] { true, false, true })
        {
            using var started = _world.Start(config);
            Assert.NotNull(Conversation.Seen(_world.One, "tcp", World.FarAddress, 4000));
            if (killed)
            {
                Assert.NotEqual(before, MachineState.Of(_world.Host));
                started.Kill();
            }
            else
            {
                started.Terminate();
                Assert.Equal(before, MachineState.Of(_world.Host));
            }
            Eventually.Equal(before, () => MachineState.Of(_world.Host));
        }
    }

    [Theory]
    [InlineData("{ ports: 20000-20063 }")]
    [InlineData($"{{ interface: nic, address: {World.OwnAddress}/24, gateway: {World.LanAddress}, ports: 20000-20063 }}")]
    public void No_inside_address_is_seen_outside_at_start_stop_kill_or_with_a_full_table(string outside)
    {
        // A host that routes, as one with containers does: it must not route what is ours.
        _world.Host.Exec("sh", ["-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"]).Succeeded();
        // A guest whose interface outlives the switch, so that it talks all the while, to whoever would listen.
        using var talker = new NetNs("talker");
        _world.Host.Veth("cable", talker, "eth0");
        talker.Address("eth0", "10.10.0.7/24");
        talker.Check($"ip route add default via {World.Gateway}");
        var config = $$"""
            networks:
              dev: { mode: nat, subnet: {{World.Inside}}, outside: {{outside}} }
            {{_world.Ports}}
              cable: { network: dev, kind: nic, interface: cable }
            """;
        using var server = new WhoServer(_world.Far, 4000, World.FarAddress);
        using var capture = _world.CaptureUplink();
        using var ping = talker.Start("ping", "-n", "-q", "-i", "0.005", World.FarAddress);
        using var unknown = talker.Start("ping", "-n", "-q", "-i", "0.01", "-s", "3000", "198.51.100.200");
        for (var round = 0; round < 3; round++)
        {
            using var started = _world.Start(config);
            Eventually.Holds(() => started.Items("flows").Any(flow => flow.GetProperty("inside").GetString()!.StartsWith("10.10.0.7:")));
            Assert.NotNull(Conversation.Seen(_world.One, "tcp", World.FarAddress, 4000));
            // More than there are ports.
            Flood.NewFlows(talker, 1000);
            Flood.NewFlows(_world.One, 1000);
            Thread.Sleep(100);
            if (round == 1) started.Terminate();
            else started.Kill();
            Thread.Sleep(300);
        }
        ping.Signal("INT");
        ping.WaitForExit();
        var file = capture.Stop();
        Assert.Empty(UplinkJudge.Leaks(file));
        // Judged was something: the guest's echo requests, under another name, in each round.
        Assert.True(Tshark.Count(file, $"icmp.type == 8 && ip.dst == {World.FarAddress}") > 10);
        Assert.True(Tshark.Count(file, "udp.dstport == 9999") > 50);
    }
}
