using System.Net;
using System.Net.Sockets;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Nat;

/// <summary>
/// An ordinary day, and a bad one, in a few seconds: limits are so small that each of these passes them many times. The kernel's masquerade
/// is asked for the same first.
/// </summary>
[Collection(typeof(AloneOnTheMachine))]
public sealed class DayTests : IDisposable
{
    private const int Port = 4000, Connections = 4000, Queries = 2000;

    private readonly World _world = new();

    public void Dispose() => _world.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Short_connections_and_questions_of_one_guest_are_all_answered(bool isKernel)
    {
        using var server = new WhoServer(_world.Far, Port, World.FarAddress);
        using var resolver = new WhoServer(_world.Far, 53, World.FarAddress);
        if (isKernel)
            KernelNat.Start(_world);
        using var started = isKernel ? null : Start("outside: { ports: 20000-20999 }, flows-per-guest: 1000");
        Ping.Wait(_world.One, World.FarAddress);
        using var kept = Conversation.Open(_world.One, "tcp", World.FarAddress, Port);
        var seen = kept.Ask();
        Assert.Equal(0, Lost(_world.One, "tcp", World.FarAddress, Port, Connections));
        Assert.Equal(0, Lost(_world.One, "udp", World.FarAddress, 53, Queries));
        Assert.NotNull(seen);
        Assert.Equal(seen, kept.Ask());
        if (started is null)
            return;
        var nat = started.Items("networks")[0].GetProperty("nat");
        Assert.Equal(0, nat.GetProperty("refused").GetInt64());
        Assert.True(nat.GetProperty("flows").GetInt64() <= 1000, $"{nat}");
        started.Terminate();
    }

    [Fact]
    public void Forged_openings_of_a_forward_keep_no_client_out()
    {
        using var server = new WhoServer(_world.One, Port);
        using var started = Start("outside: {}, flows-per-guest: 1000, forwards: [{ from: tcp/2222, to: \"one:4000\" }]");
        // The guest is heard before it is sought.
        Ping.Wait(_world.One, World.FarAddress);
        Assert.NotNull(Conversation.Seen(_world.Far, "tcp", World.HostAddress, 2222));
        for (var round = 0; round < 10; round++)
        {
            Storm.Openings(_world, World.HostAddress, 2222, 1000, round);
            Assert.Equal(0, Lost(_world.Far, "tcp", World.HostAddress, 2222, 50));
        }
        var nat = started.Items("networks")[0].GetProperty("nat");
        Assert.Equal(0, nat.GetProperty("refused").GetInt64());
        Assert.True(nat.GetProperty("givenUp").GetInt64() > 5000, $"{nat}");
        started.Terminate();
    }

    /// <summary>Connections, or questions, from a new port each, that weren't answered.</summary>
    private static int Lost(NetNs from, string protocol, string address, int port, int count)
    {
        Need.RealRoot("sockets of the test in another namespace");
        using var space = NetworkNamespace.Open(from.Path);
        var isTcp = protocol == "tcp";
        var to = new IPEndPoint(IPAddress.Parse(address), port);
        return space.Run(() =>
        {
            var lost = 0;
            Span<byte> answer = stackalloc byte[200];
            for (var i = 0; i < count; i++)
            {
                using var socket = new Socket(AddressFamily.InterNetwork, isTcp ? SocketType.Stream : SocketType.Dgram,
                    isTcp ? ProtocolType.Tcp : ProtocolType.Udp);
                // A lost opening is sent again after a second: that would be found too late.
                socket.SendTimeout = socket.ReceiveTimeout = 900;
                try
                {
                    socket.Connect(to);
                    socket.Send("question\n"u8);
                    lost += socket.Receive(answer) > 0 ? 0 : 1;
                }
                catch (SocketException)
                {
                    lost++;
                }
            }
            return lost;
        });
    }

    private SoftSwitchProcess Start(string keys) => _world.Start($$"""
        networks:
          dev: { mode: nat, subnet: {{World.Inside}}, {{keys}} }
        {{_world.Ports}}
        """);
}
