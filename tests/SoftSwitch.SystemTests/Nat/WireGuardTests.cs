using System.Net.Sockets;
using SoftSwitch.SystemTests.Peers;
using SoftSwitch.SystemTests.Switching;

namespace SoftSwitch.SystemTests.Nat;

/// <summary>Guests follow the host into a real VPN of the kind that most people have, and out of it.</summary>
public sealed class WireGuardTests : IDisposable
{
    private readonly World _world = new();
    private readonly WhoServer _server;

    public WireGuardTests() => _server = new(_world.Far, 4000, World.FarAddress);

    public void Dispose()
    {
        _server.Dispose();
        _world.Dispose();
    }

    [Fact]
    public void Guests_go_by_the_tunnel_as_the_host_does_and_back_by_the_NIC_when_it_is_gone()
    {
        using var started = _world.Start($$"""
            networks:
              dev: { mode: nat, subnet: {{World.Inside}} }
            {{_world.Ports}}
            """);
        Assert.StartsWith($"{World.HostAddress}:", Seen());
        WireGuard.Open(_world.Host, _world.Far);
        // As wg-quick writes it.
        _world.Host.Check($"ip route add default dev {WireGuard.Interface} table {WireGuard.Port}");
        _world.Host.Check($"ip rule add not fwmark {WireGuard.Port} table {WireGuard.Port}");
        _world.Host.Check("ip rule add table main suppress_prefixlength 0");
        using (var capture = _world.CaptureUplink())
        {
            Assert.StartsWith($"{WireGuard.HostAddress}:", Seen());
            Iperf.Delivers(_world.One, _world.Far, World.FarAddress);
            Iperf.Delivers(_world.One, _world.Far, World.FarAddress, reverse: true);
            Assert.True(Ping.Reaches(_world.One, World.FarAddress, bytes: 4000));
            var file = capture.Stop();
            Assert.True(Tshark.Count(file, $"udp.port == {WireGuard.Port}") > 0);
            Assert.Equal(0, Tshark.Count(file, $"ip && !(udp.port == {WireGuard.Port})"));
        }
        using var open = Conversation.Open(_world.One, "tcp", World.FarAddress, 4000);
        Assert.NotNull(open.Ask());
        _world.Host.Check("ip rule del table main suppress_prefixlength 0");
        _world.Host.Check($"ip rule del table {WireGuard.Port}");
        _world.Host.Check($"ip link del {WireGuard.Interface}");
        Eventually.Holds(() => Seen()?.StartsWith($"{World.HostAddress}:") == true);
        Assert.Null(open.Ask());
        Assert.Equal(SocketError.ConnectionReset, open.Error);
        started.WaitForLine($"by {WireGuard.Interface} as {WireGuard.HostAddress} no more");
        started.Terminate();
    }

    private string? Seen() => Conversation.Seen(_world.One, "udp", World.FarAddress, 4000, seconds: 2);
}
