using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Relays;
using SoftSwitch.Packets;
using SoftSwitch.SystemTests.Linux;
using SoftSwitch.SystemTests.Switching;

namespace SoftSwitch.SystemTests.Outside;

/// <summary>The relay's limits, in a namespace with nothing but a loopback: the guest is another port there.</summary>
public class UdpRelayTests
{
    [Fact]
    public void A_silent_conversation_ends_and_a_talking_one_doesnt()
    {
        const int idle = 1000;
        using var world = new World(idle);
        using var client = world.Socket();
        var first = world.Ask(client);
        var pause = Stopwatch.StartNew();
        // Longer than the limit, in small steps; where the machine slept over one of them, from the beginning.
        for (var step = 0; step < 15; step++)
        {
            Thread.Sleep(idle / 10);
            var by = world.Ask(client);
            if (pause.ElapsedMilliseconds > idle / 2)
                (first, step) = (by, 0);
            Assert.Equal(first, by);
            pause.Restart();
        }
        Eventually.Holds(() =>
        {
            Thread.Sleep(idle * 2);
            return world.Ask(client) != first;
        });
    }

    [Fact]
    public void One_port_has_so_many_conversations_and_no_more()
    {
        using var world = new World(UdpRelay.IdleMilliseconds);
        var clients = Enumerable.Range(0, MachineLimits.ConversationsOfForward.Most).Select(_ => world.Socket()).ToList();
        try
        {
            foreach (var client in clients)
                world.Ask(client);
            Assert.Equal(0, world.Relay.Refused);
            using var late = world.Socket();
            late.SendTo([1], World.Forwarded);
            Eventually.Holds(() => world.Relay.Refused == 1);
            // Those that were there go on.
            world.Ask(clients[0]);
            world.Ask(clients[^1]);
        }
        finally
        {
            clients.ForEach(client => client.Dispose());
        }
    }

    [Fact]
    public void At_the_limit_the_oldest_that_was_never_answered_gives_way_and_who_was_answered_stays()
    {
        using var world = new World(UdpRelay.IdleMilliseconds, maxSessions: 3);
        using var talks = world.Socket();
        var by = world.Ask(talks);
        using var one = world.Socket();
        using var two = world.Socket();
        using var late = world.Socket();
        foreach (var client in (Socket[])[one, two])
        {
            client.SendTo([1], World.Forwarded);
            world.Hear();
        }
        world.Ask(late);
        Assert.Equal((0, 1), (world.Relay.Refused, world.Relay.GivenUp));
        Assert.Equal(by, world.Ask(talks));
        world.Ask(two);
        // All three have been answered by now.
        one.SendTo([1], World.Forwarded);
        Eventually.Holds(() => world.Relay.Refused == 1);
    }

    [Fact]
    public void A_late_answer_is_not_the_next_clients_even_where_the_places_are_few()
    {
        using var world = new World(UdpRelay.IdleMilliseconds, maxSessions: 1, maxCarriers: 2);
        using var one = world.Socket();
        using var two = world.Socket();
        using var three = world.Socket();
        one.SendTo([1], World.Forwarded);
        var gaveWay = world.Hear();
        two.SendTo([1], World.Forwarded);
        var next = world.Hear();
        world.Say(gaveWay, 9);
        world.Say(next, 2);
        var answer = new byte[10];
        Assert.Equal((1, 2), (two.Receive(answer), answer[0]));
        // An answered one doesn't give way, but ends like any other.
        Assert.Equal((0, 1), (world.Relay.Refused, world.Relay.GivenUp));
        world.Serve();
        three.SendTo([1], World.Forwarded);
        // There are no more places: the one that has rested longest is taken, and nobody waits.
        Assert.Equal(gaveWay, world.Hear());
    }

    private sealed class World : IDisposable
    {
        internal static readonly IPEndPoint Forwarded = new(IPAddress.Loopback, 5000);

        private readonly Sandbox _sandbox = Sandbox.Make();
        private readonly Socket _guest;
        private IDisposable? _serving;

        internal World(int idleMilliseconds, int? maxSessions = null, int? maxCarriers = null)
        {
            _sandbox.Links.SetUp(_sandbox.Links.Find("lo")!.Index);
            _guest = Bound("127.0.0.2");
            Relay = _sandbox.Namespace.Run(() =>
                new UdpRelay(null, e => Assert.Fail($"{e}"), idleMilliseconds, maxSessions, maxCarriers)
                {
                    Target = Ipv4Address.Parse("127.0.0.2"),
                });
            Serve();
        }

        internal UdpRelay Relay { get; }

        internal Socket Socket()
        {
            var socket = _sandbox.Namespace.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
            socket.ReceiveTimeout = 10_000;
            return socket;
        }

        /// <summary>Listens, anew if it did before.</summary>
        internal void Serve()
        {
            _serving?.Dispose();
            _serving = Relay.Serve(Bound("127.0.0.1"), Forwarded.Port);
        }

        /// <summary>The guest takes a datagram and is silent; the port that it came from.</summary>
        internal int Hear()
        {
            EndPoint from = new IPEndPoint(IPAddress.Any, 0);
            _guest.ReceiveFrom(new byte[10], ref from);
            return ((IPEndPoint)from).Port;
        }

        /// <summary>The guest says something to who spoke from a port.</summary>
        internal void Say(int port, byte word) => _guest.SendTo([word], new IPEndPoint(IPAddress.Loopback, port));

        /// <summary>A datagram to the guest and back; the port by which the guest was reached.</summary>
        internal int Ask(Socket client)
        {
            client.SendTo([1], Forwarded);
            EndPoint from = new IPEndPoint(IPAddress.Any, 0);
            _guest.ReceiveFrom(new byte[10], ref from);
            _guest.SendTo([2], from);
            var answer = new byte[10];
            EndPoint by = new IPEndPoint(IPAddress.Any, 0);
            Assert.Equal(1, client.ReceiveFrom(answer, ref by));
            Assert.Equal(Forwarded, by);
            return ((IPEndPoint)from).Port;
        }

        private Socket Bound(string address)
        {
            var socket = Socket();
            socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.PacketInformation, true);
            socket.Bind(new IPEndPoint(IPAddress.Parse(address), Forwarded.Port));
            return socket;
        }

        public void Dispose()
        {
            Relay.Dispose();
            _guest.Dispose();
            _sandbox.Dispose();
        }
    }
}
