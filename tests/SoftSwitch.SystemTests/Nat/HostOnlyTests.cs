using SoftSwitch.SystemTests.Peers;
using SoftSwitch.SystemTests.Switching;

namespace SoftSwitch.SystemTests.Nat;

/// <summary>Mode host-only: an interface on the host with the gateway's address, and no way out.</summary>
[Collection(typeof(AloneOnTheMachine))]
public sealed class HostOnlyTests : IDisposable
{
    private readonly World _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public void Host_and_guests_reach_each_other_and_nobody_else()
    {
        var before = MachineState.Of(_world.Host);
        using var started = SoftSwitchProcess.Start($$"""
            networks:
              lab: { mode: host-only, subnet: 192.168.56.0/24, host: { interface: ss-lab } }
              dev: { mode: nat, subnet: {{World.Inside}}, outside: {} }
            ports:
              box: { network: lab, kind: tap, netns: "{{_world.One.Name}}", interface: eth0, address: 192.168.56.9/24 }
              one: { network: dev, kind: tap, netns: "{{_world.Two.Name}}", interface: eth0, address: {{World.TwoAddress}}/24 }
            """, _world.Host);
        _world.One.Check("ip route add default via 192.168.56.1");
        _world.Two.Check($"ip route add default via {World.Gateway}");
        Assert.Contains("inet 192.168.56.1/24", _world.Host.Check("ip -4 addr show dev ss-lab"));
        using var host = new WhoServer(_world.Host, 4000);
        using var guest = new WhoServer(_world.One, 4000);
        using var far = new WhoServer(_world.Far, 4000, World.FarAddress);
        using var capture = _world.CaptureUplink();
        foreach (var protocol in new[] { "tcp", "udp" })
        {
            Assert.StartsWith("192.168.56.9:", Conversation.Seen(_world.One, protocol, "192.168.56.1", 4000));
            Assert.StartsWith("192.168.56.1:", Conversation.Seen(_world.Host, protocol, "192.168.56.9", 4000));
            Assert.Null(Conversation.Seen(_world.One, protocol, World.FarAddress, 4000, seconds: 1));
            Assert.Null(Conversation.Seen(_world.Two, protocol, "192.168.56.9", 4000, seconds: 1));
        }
        Iperf.Delivers(_world.One, _world.Host, "192.168.56.1", bytes: 100_000_000);
        Iperf.Delivers(_world.One, _world.Host, "192.168.56.1", reverse: true, bytes: 100_000_000);
        Assert.Equal(0, Tshark.Count(capture.Stop(),
            "ip.addr == 192.168.56.0/24 || arp.src.proto_ipv4 == 192.168.56.0/24 || arp.dst.proto_ipv4 == 192.168.56.0/24"));
        started.Kill();
        Eventually.Equal(before, () => MachineState.Of(_world.Host));
    }
}
