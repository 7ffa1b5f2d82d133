using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Outside;

/// <summary>The relays between a host and a guest, who is played by a namespace behind a veth pair: what lies between is other tests'
/// business.</summary>
[Collection(typeof(AloneOnTheMachine))]
public class HostForwardsTests
{
    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("10.0.0.1")]
    [InlineData("192.0.2.1")]
    public async Task Tcp_is_carried_both_ways_and_the_end_of_one_direction_is_the_end_of_that_one_alone(string address)
    {
        using var world = new World();
        using var probe = OutsideProbe.Start(world.Host, "forwards", "10.0.0.2", "tcp/2222");
        using var server = world.Listen(2222);
        using var client = world.Connect(address, 2222);
        using var served = await server.AcceptAsync(Ending);
        var sent = RandomNumberGenerator.GetBytes(3_000_000);
        var sending = Task.Run(async () =>
        {
            await SendAsync(client, sent);
            client.Shutdown(SocketShutdown.Send);
        }, Ending);
        Assert.Equal(sent, await ReadAsync(served));
        await sending;
        // The other direction is still open.
        var answered = RandomNumberGenerator.GetBytes(1_000_000);
        var answering = Task.Run(async () =>
        {
            await SendAsync(served, answered);
            served.Shutdown(SocketShutdown.Send);
        }, Ending);
        Assert.Equal(answered, await ReadAsync(client));
        await answering;
    }

    [Fact]
    public async Task A_reset_is_passed_on_to_either_side_and_so_is_a_refusal()
    {
        using var world = new World();
        using var probe = OutsideProbe.Start(world.Host, "forwards", "10.0.0.2", "tcp/2222-2223");
        using var server = world.Listen(2222);
        foreach (var fromClient in (bool[])[true, false])
        {
            using var client = world.Connect("127.0.0.1", 2222);
            using var served = await server.AcceptAsync(Ending);
            await SendAsync(client, [1]);
            Assert.Equal(1, await served.ReceiveAsync(new byte[10], Ending));
            var (ends, other) = fromClient ? (client, served) : (served, client);
            ends.LingerState = new(true, 0);
            ends.Dispose();
            await AssertReset(other);
        }
        using var refused = world.Connect("127.0.0.1", 2223);
        await AssertReset(refused);
    }

    [Fact]
    public async Task A_slow_reader_slows_the_sender_and_loses_nothing()
    {
        using var world = new World();
        using var probe = OutsideProbe.Start(world.Host, "forwards", "10.0.0.2", "tcp/2222");
        using var server = world.Listen(2222);
        using var client = world.Connect("127.0.0.1", 2222);
        using var served = await server.AcceptAsync(Ending);
        client.Blocking = false;
        var sent = 0L;
        var bytes = new byte[64 * 1024];
        // Until nobody takes any more: what is on its way is bounded by the sockets' buffers.
        for (var full = 0; full < 20;)
        {
            try
            {
                sent += client.Send(bytes);
                full = 0;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.WouldBlock)
            {
                full++;
                await Task.Delay(50, Ending);
            }
            Assert.True(sent < 100_000_000, $"{sent} bytes and nobody reads");
        }
        client.Shutdown(SocketShutdown.Send);
        Assert.Equal(sent, (await ReadAsync(served)).LongLength);
    }

    [Fact]
    public void Datagrams_come_back_from_the_address_they_were_sent_to()
    {
        using var world = new World();
        using var probe = OutsideProbe.Start(world.Host, "forwards", "10.0.0.2", "udp/5000-5001");
        using var server = world.Bind("10.0.0.2", 5001, world.Guest);
        foreach (var address in (string[])["127.0.0.1", "192.0.2.1", "10.0.0.1"])
        {
            using var client = world.Bind("0.0.0.0", 0, world.Host);
            // Only what comes from the other end of a connected socket is received.
            client.Connect(address, 5001);
            foreach (var length in (int[])[0, 1, 1472, 60_000])
            {
                client.Send(RandomNumberGenerator.GetBytes(length));
                var buffer = new byte[70_000];
                EndPoint from = new IPEndPoint(IPAddress.Any, 0);
                var received = server.ReceiveFrom(buffer, ref from);
                Assert.Equal(length, received);
                Assert.Equal("10.0.0.1", ((IPEndPoint)from).Address.ToString());
                server.SendTo(buffer.AsSpan(0, received), from);
                Assert.Equal(length, client.Receive(new byte[70_000]));
            }
        }
        // Two clients are told apart.
        using var one = world.Bind("127.0.0.1", 40001, world.Host);
        using var two = world.Bind("127.0.0.1", 40002, world.Host);
        one.SendTo([1], new IPEndPoint(IPAddress.Loopback, 5001));
        two.SendTo([2], new IPEndPoint(IPAddress.Loopback, 5001));
        for (var i = 0; i < 2; i++)
        {
            EndPoint from = new IPEndPoint(IPAddress.Any, 0);
            var buffer = new byte[1];
            server.ReceiveFrom(buffer, ref from);
            server.SendTo(buffer, from);
        }
        var answer = new byte[1];
        Assert.Equal((1, 1), (one.Receive(answer), answer[0]));
        Assert.Equal((1, 2), (two.Receive(answer), answer[0]));
    }

    [Fact]
    public void A_forwarded_port_is_nobody_elses_and_a_taken_one_is_said_with_who_has_it()
    {
        using var world = new World();
        using var taken = world.Listen(2224, world.Host, "127.0.0.1");
        var refused = world.Host.Exec(OutsideProbe.Program, ["forwards", "10.0.0.2", "tcp/2222-2230", "udp/5000"]);
        Assert.Equal(1, refused.ExitStatus);
        Assert.Matches($@"^forward tcp/2224: address already in use \(.+ \(pid {Environment.ProcessId}\) on the host has the port: "
            + @"end that, or forward another port\)$",
            refused.Error.Trim());
        taken.Dispose();
        using var probe = OutsideProbe.Start(world.Host, "forwards", "10.0.0.2", "tcp/2222-2230", "udp/5000");
        foreach (var address in (string[])["0.0.0.0", "127.0.0.1", "192.0.2.1"])
        {
            var stream = Assert.Throws<SocketException>(() => world.Listen(2224, world.Host, address));
            Assert.Equal(SocketError.AddressAlreadyInUse, stream.SocketErrorCode);
            var datagram = Assert.Throws<SocketException>(() => world.Bind(address, 5000, world.Host));
            Assert.Equal(SocketError.AddressAlreadyInUse, datagram.SocketErrorCode);
        }
    }

    [Fact]
    public async Task Forwards_come_and_go_while_others_stay()
    {
        using var world = new World();
        using var probe = OutsideProbe.Start(world.Host, "forwards", "10.0.0.2", "tcp/2222-2223", "udp/5000");
        using var server = world.Listen(2222);
        using var other = world.Listen(2223);
        using var stays = world.Connect("127.0.0.1", 2222);
        using var served = await server.AcceptAsync(Ending);
        using var goes = world.Connect("127.0.0.1", 2223);
        using var ended = await other.AcceptAsync(Ending);
        probe.Input.WriteLine("set tcp/2222 tcp/2225 udp/5001");
        probe.Input.Flush();
        probe.WaitForOutputLine("done");
        await AssertReset(goes);
        await AssertReset(ended);
        await SendAsync(stays, [7]);
        Assert.Equal(1, await served.ReceiveAsync(new byte[10], Ending));
        using var free = world.Bind("0.0.0.0", 5000, world.Host);
        using var freeToo = world.Listen(2223, world.Host, "0.0.0.0");
        Assert.Throws<SocketException>(() => world.Bind("0.0.0.0", 5001, world.Host));
        Assert.Throws<SocketException>(() => world.Listen(2225, world.Host, "0.0.0.0"));
    }

    private static async Task AssertReset(Socket socket)
    {
        var reset = await Assert.ThrowsAsync<SocketException>(() => socket.ReceiveAsync(new byte[10], SocketFlags.None)
            .WaitAsync(TimeSpan.FromSeconds(10), Ending));
        Assert.Equal(SocketError.ConnectionReset, reset.SocketErrorCode);
    }

    private static async Task SendAsync(Socket socket, byte[] bytes)
    {
        for (var sent = 0; sent < bytes.Length;)
            sent += await socket.SendAsync(bytes.AsMemory(sent), Ending);
    }

    private static async Task<byte[]> ReadAsync(Socket socket)
    {
        using var all = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (await socket.ReceiveAsync(buffer, Ending) is > 0 and var received)
            all.Write(buffer, 0, received);
        return all.ToArray();
    }

    /// <summary>A host with two addresses, and a guest on the network of the first.</summary>
    private sealed class World : IDisposable
    {
        internal World()
        {
            Need.RealRoot("sockets in other namespaces");
            Host.Veth("veth", Guest, "eth0");
            Host.Address("veth", "10.0.0.1/24");
            Host.Address("veth", "192.0.2.1/24");
            Guest.Address("eth0", "10.0.0.2/24");
        }

        internal NetNs Host { get; } = new("host");

        internal NetNs Guest { get; } = new("guest");

        internal Socket Listen(int port) => Listen(port, Guest, "10.0.0.2");

        internal Socket Listen(int port, NetNs space, string address)
        {
            var socket = Make(space, SocketType.Stream);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Parse(address), port));
                socket.Listen();
                return socket;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        internal Socket Bind(string address, int port, NetNs space)
        {
            var socket = Make(space, SocketType.Dgram);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Parse(address), port));
                socket.ReceiveTimeout = 10_000;
                return socket;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        internal Socket Connect(string address, int port)
        {
            var socket = Make(Host, SocketType.Stream);
            socket.Connect(address, port);
            return socket;
        }

        private static Socket Make(NetNs space, SocketType type)
        {
            using var entered = NetworkNamespace.Open(space.Path);
            return entered.Run(() =>
                new Socket(AddressFamily.InterNetwork, type, type == SocketType.Stream ? ProtocolType.Tcp : ProtocolType.Udp));
        }

        public void Dispose()
        {
            Host.Dispose();
            Guest.Dispose();
        }
    }
}
