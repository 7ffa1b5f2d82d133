using SoftSwitch.SystemTests.Peers;
using SoftSwitch.SystemTests.Switching;

namespace SoftSwitch.SystemTests.Nat;

/// <summary>The outside changes: another default route, a cable that is pulled, an interface that vanishes, an address that changes.</summary>
public sealed class OutsideTests : IDisposable
{
    private readonly World _world = new();
    private readonly WhoServer _server;

    public OutsideTests() => _server = new(_world.Far, 4000, World.FarAddress);

    public void Dispose()
    {
        _server.Dispose();
        _world.Dispose();
    }

    [Fact]
    public void With_interface_auto_the_default_route_is_followed()
    {
        _world.Host.Veth("nic2", _world.Lan, "lan1");
        _world.Host.Address("nic2", "172.30.0.2/24");
        _world.Lan.Address("lan1", "172.30.0.1/24");
        _world.Far.Check("ip route add 172.30.0.0/24 via 198.51.100.1");
        using var started = Start("{ interface: auto }");
        Assert.StartsWith($"{World.HostAddress}:", Seen());
        _world.Host.Check("ip route replace default via 172.30.0.1");
        Eventually.Holds(() => Seen()?.StartsWith("172.30.0.2:") == true);
        _world.Host.Check($"ip route replace default via {World.LanAddress}");
        Eventually.Holds(() => Seen()?.StartsWith($"{World.HostAddress}:") == true);
        started.Terminate();
    }

    [Theory]
    [InlineData("{}")]
    [InlineData($"{{ interface: nic, address: {World.OwnAddress}/24, gateway: {World.LanAddress} }}")]
    public void A_NIC_that_goes_down_and_comes_up_again_heals_by_itself(string outside)
    {
        using var started = Start(outside);
        using var conversation = Conversation.Open(_world.One, "tcp", World.FarAddress, 4000);
        var seen = conversation.Ask();
        Assert.NotNull(seen);
        _world.Host.Check("ip link set dev nic down");
        Assert.Null(Seen(1));
        _world.Host.Up("nic");
        // The kernel took the route with the link; whoever manages the host's network puts it back.
        _world.Host.Check($"ip route replace default via {World.LanAddress}");
        Eventually.Holds(() => Seen() is not null);
        Assert.Equal(seen, conversation.Ask(10));
        started.Terminate();
    }

    [Fact]
    public void An_interface_that_vanishes_and_returns_is_picked_up()
    {
        using var started = Start("{ interface: nic }");
        Assert.NotNull(Seen());
        _world.Host.Check("ip link delete nic");
        Assert.Null(Seen(1));
        Assert.True(started.IsRunning);
        _world.Host.Veth("nic", _world.Lan, "lan0");
        _world.Host.Address("nic", $"{World.HostAddress}/24");
        _world.Lan.Address("lan0", $"{World.LanAddress}/24");
        _world.Host.Check($"ip route replace default via {World.LanAddress}");
        Eventually.Holds(() => Seen() is not null);
        started.Terminate();
    }

    private string? Seen(double seconds = 2) => Conversation.Seen(_world.One, "udp", World.FarAddress, 4000, seconds: seconds);

    private SoftSwitchProcess Start(string outside) => _world.Start($$"""
        networks:
          dev: { mode: nat, subnet: {{World.Inside}}, outside: {{outside}} }
        {{_world.Ports}}
        """);
}
