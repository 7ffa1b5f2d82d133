using System.Net;
using System.Net.Sockets;
using SoftSwitch.Linux.HostFacts;
using SoftSwitch.Packets;

namespace SoftSwitch.SystemTests.Outside;

[Collection(typeof(AloneOnTheMachine))]
public class HostPortsTests
{
    private static readonly Ipv4Address s_address = Ipv4Address.Parse("192.0.2.1");
    private static readonly TransportPorts[] s_pool = [new(IpProtocol.Tcp, 20000, 20010), new(IpProtocol.Udp, 20000, 20010),
        new(IpProtocol.Udp, 20020, 20020)];

    [Fact]
    public void Every_socket_that_hears_the_address_on_a_port_of_the_pool_is_found_and_no_other()
    {
        using var host = new Neighbors();
        using var ports = new HostPorts(host.Sandbox.Namespace);
        Assert.False(ports.Poll(s_address, s_pool));
        Assert.Empty(ports.InUse);
        List<Socket> sockets =
        [
            host.Bound(SocketType.Stream, "0.0.0.0", 20000),
            host.Bound(SocketType.Stream, "192.0.2.1", 20001),
            host.Bound(SocketType.Dgram, "0.0.0.0", 20010),
            host.Bound(SocketType.Dgram, "0.0.0.0", 20020),
            Bound6(host, SocketType.Stream, "::", 20002, false),
            Bound6(host, SocketType.Dgram, "::ffff:192.0.2.1", 20003, false),
        ];
        (byte, int)[] expected = [(6, 20000), (6, 20001), (6, 20002), (17, 20003), (17, 20010), (17, 20020)];
        // None of these is in the way: another address, another port, IPv6 alone.
        sockets.Add(host.Bound(SocketType.Stream, "127.0.0.1", 20004));
        sockets.Add(host.Bound(SocketType.Dgram, "0.0.0.0", 20015));
        sockets.Add(host.Bound(SocketType.Stream, "0.0.0.0", 20011));
        sockets.Add(Bound6(host, SocketType.Stream, "::", 20005, true));
        sockets.Add(Bound6(host, SocketType.Stream, "::1", 20006, false));
        Assert.True(ports.Poll(s_address, s_pool));
        Assert.Equal(expected, ports.InUse.Select(port => (port.Protocol, port.Port)).Order());
        Assert.False(ports.Poll(s_address, s_pool));

        sockets[0].Dispose();
        Assert.True(ports.Poll(s_address, s_pool));
        Assert.Equal(expected[1..], ports.InUse.Select(port => (port.Protocol, port.Port)).Order());
        sockets.ForEach(socket => socket.Dispose());
    }

    [Fact]
    public void At_other_addresses_of_the_host_the_ports_of_forwards_are_found_and_no_others()
    {
        using var host = new Neighbors();
        using var ports = new HostPorts(host.Sandbox.Namespace);
        TransportPorts[] forwards = [new(IpProtocol.Udp, 20005, 20010)];
        Ipv4Address[] others = [Ipv4Address.Parse("127.0.0.3"), Ipv4Address.Parse("127.0.0.4")];
        using var found = host.Bound(SocketType.Dgram, "127.0.0.4", 20005);
        using var here = host.Bound(SocketType.Dgram, "192.0.2.1", 20001);
        using var ofPool = host.Bound(SocketType.Dgram, "127.0.0.4", 20002);
        using var elsewhere = host.Bound(SocketType.Dgram, "127.0.0.5", 20006);
        Assert.True(ports.Poll(s_address, s_pool, others, forwards));
        Assert.Equal([20001, 20005], ports.InUse.Select(port => port.Port).Order());
        // The host has lost that address.
        Assert.True(ports.Poll(s_address, s_pool, others[..1], forwards));
        Assert.Equal([20001], ports.InUse.Select(port => port.Port));
    }

    [Fact]
    public void A_connection_that_the_host_made_from_a_port_of_the_pool_counts()
    {
        using var host = new Neighbors();
        using var ports = new HostPorts(host.Sandbox.Namespace);
        using var server = host.Bound(SocketType.Stream, "192.0.2.1", 80);
        using var client = host.Sandbox.Namespace.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        client.Bind(new IPEndPoint(IPAddress.Parse("192.0.2.1"), 20007));
        client.Connect("192.0.2.1", 80);
        Assert.True(ports.Poll(s_address, s_pool));
        Assert.Equal([new TransportPort(IpProtocol.Tcp, 20007)], ports.InUse);
    }

    [Theory]
    [InlineData(SocketType.Stream, IpProtocol.Tcp)]
    [InlineData(SocketType.Dgram, IpProtocol.Udp)]
    public void A_socket_that_hears_everybody_listens_though_others_on_its_port_are_connected(SocketType type, byte protocol)
    {
        using var host = new Neighbors();
        using var ports = new HostPorts(host.Sandbox.Namespace);
        Socket Made(int port, string? to = null) => host.Sandbox.Namespace.Run(() =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, type, protocol == IpProtocol.Tcp ? ProtocolType.Tcp : ProtocolType.Udp);
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            socket.Bind(new IPEndPoint(to is null ? IPAddress.Any : IPAddress.Parse("192.0.2.1"), port));
            if (to is not null)
                socket.Connect(to, 20000);
            else if (type == SocketType.Stream)
                socket.Listen();
            return socket;
        });
        using var listener = Made(20000);
        // Of TCP, what connects to it makes a second socket on its port; of UDP, a second socket is made there.
        using var client = Made(type == SocketType.Stream ? 20007 : 20000, to: "192.0.2.1");
        using var accepted = type == SocketType.Stream ? listener.Accept() : null;
        Assert.True(ports.Poll(s_address, s_pool));
        Assert.Equal([new TransportPort(protocol, 20000)], ports.Listening);
        listener.Dispose();
        Assert.True(ports.Poll(s_address, s_pool));
        Assert.Empty(ports.Listening);
        Assert.Contains(new TransportPort(protocol, 20000), ports.InUse);
    }

    [Fact]
    public void The_program_that_has_a_port_is_named()
    {
        using var host = new Neighbors();
        using var server = host.Bound(SocketType.Stream, "0.0.0.0", 20000);
        var holder = Assert.Single(host.Sandbox.Namespace.Run(() => HostPorts.Holders(new(IpProtocol.Tcp, 20000))));
        Assert.EndsWith($" (pid {Environment.ProcessId})", holder.Owner);
        Assert.Null(holder.Address);
        Assert.Empty(host.Sandbox.Namespace.Run(() => HostPorts.Holders(new(IpProtocol.Udp, 20000))));
    }

    private static Socket Bound6(Neighbors host, SocketType type, string address, int port, bool only) => host.Sandbox.Namespace.Run(() =>
    {
        var socket = new Socket(AddressFamily.InterNetworkV6, type, type == SocketType.Stream ? ProtocolType.Tcp : ProtocolType.Udp)
            { DualMode = !only };
        socket.Bind(new IPEndPoint(IPAddress.Parse(address), port));
        if (type == SocketType.Stream)
            socket.Listen();
        return socket;
    });
}
