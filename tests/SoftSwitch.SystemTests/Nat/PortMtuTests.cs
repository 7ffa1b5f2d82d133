using System.Net;
using System.Net.Sockets;
using SoftSwitch.SystemTests.Peers;
using SoftSwitch.SystemTests.Switching;

namespace SoftSwitch.SystemTests.Nat;

/// <summary>A guest whose port takes less than its network, and whose own interface doesn't know it.</summary>
public sealed class PortMtuTests
{
    private const int Short = 1280;

    [Fact]
    public void Who_sends_it_more_is_told_or_arrives_in_fragments_and_connections_keep_below_it()
    {
        using var world = new World();
        using var started = world.Start($$"""
            networks:
              dev:
                { mode: nat, subnet: {{World.Inside}}, dhcp: off, dns: off,
                  forwards: [{ from: udp/5000, to: {{World.TwoAddress}} }] }
            {{world.Ports.Replace($"address: {World.TwoAddress}/24", $"mtu: {Short}, address: {World.TwoAddress}/24")}}
            """);
        world.Two.Check("ip link set dev eth0 mtu 1500");
        Ping.Wait(world.Two, World.Gateway);
        using var server = RawDatagram.Socket(world.Two, World.TwoAddress, 5000);
        using var client = RawDatagram.Socket(world.Far, World.FarAddress, 40_000);
        var to = new IPEndPoint(IPAddress.Parse(World.HostAddress), 5000);
        var datagram = new byte[1400];

        client.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.DontFragment, false);
        client.SendTo(datagram, to);
        Assert.Equal(1400, server.Receive(new byte[2000]));
        Assert.DoesNotContain("mtu", world.Far.Check($"ip route get {World.HostAddress}"));

        Iperf.Delivers(world.Two, world.Far, World.FarAddress, reverse: true, bytes: 2_000_000);
        Assert.DoesNotContain("mtu", world.Far.Check($"ip route get {World.HostAddress}"));

        client.DontFragment = true;
        client.SendTo(datagram, to);
        Eventually.Holds(() => world.Far.Check($"ip route get {World.HostAddress}").Contains($"mtu {Short}"));
        started.Terminate();
    }
}
