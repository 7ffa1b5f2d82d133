using System.Net;
using System.Net.Sockets;
using SoftSwitch.Linux.Endpoints.Outside;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Packets;
using SoftSwitch.SystemTests.Nat;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Outside;

/// <summary>Who has a forwarded port: we, at all addresses or at one, or a program of the host, which is told with the way around it.
/// </summary>
[Collection(typeof(AloneOnTheMachine))]
public class ForwardSocketsTests
{
    private const string Own = "192.0.2.1", Second = "192.0.2.2", Resolver = "127.0.0.53", Localhost = "127.0.0.1", All = "0.0.0.0";

    [Theory]
    [InlineData("tcp")]
    [InlineData("udp")]
    public void A_port_is_nobody_elses_until_it_is_given_back_and_nobody_is_heard_there(string protocol)
    {
        using var world = new World();
        using (var sockets = new ForwardSockets())
        {
            Assert.True(world.Take(sockets, Forward(protocol, 53, null)));
            foreach (var address in (string[])[All, Own, Localhost, Resolver])
                Assert.False(Binding.IsFree(world.Host, protocol, 53, address), address);
            // Who speaks to it isn't accepted; a datagram stays nowhere.
            using var conversation = Conversation.Open(world.Host, protocol, "127.0.0.2", 53);
            Assert.Null(conversation.Ask(seconds: 0.5));
            Assert.Equal(protocol == "tcp" ? SocketError.ConnectionRefused : SocketError.TimedOut, conversation.Error);
            Assert.DoesNotContain(world.Host.Check("ss -Hlnu").Split('\n'), line => line.Contains(":53 ") && !line.Contains("UNCONN 0 "));
            Assert.False(world.Take(sockets, Forward(protocol, 53, null)));
        }
        Assert.True(Binding.IsFree(world.Host, protocol, 53));
    }

    [Theory]
    [InlineData("tcp")]
    [InlineData("udp")]
    public void At_one_address_others_have_it_at_theirs_and_it_is_had_before_the_host_has_the_address(string protocol)
    {
        using var world = new World();
        using var resolver = new WhoServer(world.Host, 53, Resolver);
        using var sockets = new ForwardSockets();
        world.Take(sockets, Forward(protocol, 53, Own), Forward(protocol, 53, "198.51.100.7"));
        Assert.Empty(sockets.Refused);
        Assert.False(Binding.IsFree(world.Host, protocol, 53, Own));
        Assert.False(Binding.IsFree(world.Host, protocol, 53));
        Assert.True(Binding.IsFree(world.Host, protocol, 53, Second));
        world.Host.Address("nic", "198.51.100.7/24");
        Assert.False(Binding.IsFree(world.Host, protocol, 53, "198.51.100.7"));
        Assert.NotNull(Conversation.Seen(world.Host, protocol, Resolver, 53));
    }

    [Theory]
    [InlineData("tcp")]
    [InlineData("udp")]
    public void Who_has_it_is_told_and_where_and_what_to_write(string protocol)
    {
        using var world = new World();
        using var sockets = new ForwardSockets();
        var me = @".+ \(pid " + Environment.ProcessId + @"\) on the host has ";
        using (new WhoServer(world.Host, 53, Resolver))
        using (new WhoServer(world.Host, 53, "127.0.0.54"))
        {
            world.Take(sockets, Forward(protocol, 53, null));
            Assert.Matches($@"^forward {protocol}/53: address already in use \({me}127.0.0.53:53, 127.0.0.54:53: write ""on: {Own}"" in "
                + @"the forward, so that it is for that address only, or end that, or forward another port\)$", Refused(sockets));
            using (new WhoServer(world.Host, 53, Own))
            {
                world.Take(sockets, Forward(protocol, 53, null));
                Assert.Contains($@"write ""on: {Second}"" in", Refused(sockets));
                world.Take(sockets, Forward(protocol, 53, Own));
                Assert.Matches($@"^forward {protocol}/53 on {Own}: address already in use \({me}the port: end that, or forward another "
                    + @"port\)$", Refused(sockets));
            }
        }
        using (new WhoServer(world.Host, 53))
        {
            world.Take(sockets, Forward(protocol, 53, null));
            Assert.Matches($@"^forward {protocol}/53: address already in use \({me}the port: end that, or forward another port\)$",
                Refused(sockets));
            world.Take(sockets, Forward(protocol, 53, Second));
            Assert.Contains("has the port: end that", Refused(sockets));
        }
        Assert.True(world.Take(sockets, Forward(protocol, 53, null)));
        Assert.Empty(sockets.Refused);
    }

    [Fact]
    public void A_port_of_connections_that_are_over_is_had_at_once()
    {
        using var world = new World();
        using (var listener = world.Stream())
        using (var client = world.Stream())
        {
            listener.Bind(new IPEndPoint(IPAddress.Loopback, 53));
            listener.Listen();
            client.Connect(IPAddress.Loopback, 53);
            using var server = listener.Accept();
            // The server's side ends first, and keeps the port for a minute.
            server.Shutdown(SocketShutdown.Both);
            Assert.Equal(0, client.Receive(new byte[1]));
        }
        Assert.NotEmpty(world.Host.Check("ss -Hnt state time-wait"));
        using var sockets = new ForwardSockets();
        Assert.True(world.Take(sockets, Forward("tcp", 53, null)));
        Assert.Empty(sockets.Refused);
        Assert.False(Binding.IsFree(world.Host, "tcp", 53));
    }

    private static string Refused(ForwardSockets sockets) => Assert.Single(sockets.Refused).Value.Message;

    private static ForwardedPorts Forward(string protocol, int port, string? on) =>
        new(new(protocol == "tcp" ? IpProtocol.Tcp : IpProtocol.Udp, port, port), on is null ? null : Ipv4Address.Parse(on));

    private sealed class World : IDisposable
    {
        private readonly NetworkNamespace _space;

        internal World()
        {
            Need.RealRoot("sockets in other namespaces");
            Host.Veth("nic", Far, "eth0");
            Host.Address("nic", $"{Own}/24");
            Host.Address("nic", $"{Second}/24");
            Host.Check("ip route add default via 192.0.2.9");
            _space = NetworkNamespace.Open(Host.Path);
        }

        internal NetNs Host { get; } = new("host");

        internal NetNs Far { get; } = new("far");

        internal Socket Stream() => _space.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));

        internal bool Take(ForwardSockets sockets, params ForwardedPorts[] forwards) => _space.Run(() => sockets.Take(forwards));

        public void Dispose()
        {
            _space.Dispose();
            Host.Dispose();
            Far.Dispose();
        }
    }
}
